"""Check properties: names, conditions, options, defaults, and where values are sent."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence, Set
from re import compile as compile_pattern
from re import error as PatternError
from typing import NamedTuple

from ...errors import Problem
from ..conditions import Condition
from ..derive.json_schema import property_schema
from ..fast_validation import is_valid
from ..model import QUERIED, OptionsSource, Property, Send, snake
from ..paths import placeholders
from ..schema_problems import schema_problems


class Scope(NamedTuple):
    """What a property may refer to."""

    names: Set[str]
    """Dotted names of properties."""
    sources: Set[str] = frozenset()
    """Names of option sources."""
    model_info: bool = False
    """Whether the action looks up the row of a chosen model."""


def check_properties(
    properties: Sequence[Property], scope: Scope, prefix: str = ""
) -> Iterator[Problem]:
    """Check properties and everything inside them."""
    for name in duplicates(prop.name for prop in properties if prop.name):
        yield Problem(f"{prefix}{name}", "is defined twice")
    for prop in properties:
        path = f"{prefix}{prop.name or '?'}"
        if prop.name is None:
            yield Problem(path, "has no name")
        yield from _check_property(prop, scope, path)


def check_targets(
    properties: Iterable[Property], method: str, in_path: Container[str] = ()
) -> Iterator[Problem]:
    """Find two properties that are sent to the same place, or one inside the other.

    They may share it if one of them is hidden while the other has a value.
    """
    used: dict[tuple[str, str], Property] = {}
    for prop in properties:
        if not prop.name or prop.mirrors or prop.send is False or prop.name in in_path:
            continue
        send = prop.send or Send()
        place, target = send.place(method), send.to or snake(prop.name)
        if place == "body" and method in QUERIED:
            yield Problem(prop.name, f"is sent in the body, and a {method} has none")
        if send.as_ in ("append", "merge"):  # another property may send the list or object
            continue
        for (other_place, other), earlier in used.items():
            clash = target == other or _is_inside(target, other) or _is_inside(other, target)
            if place == other_place and clash and not _exclude_each_other(prop, earlier):
                message = f"is sent to {target!r}, which clashes with {earlier.name!r}"
                yield Problem(prop.name, message)
        used[place, target] = prop


def check_condition(condition: Condition, names: Set[str], noun: str = "property") -> Iterator[str]:
    """Find names in a condition that do not exist."""
    for name in sorted(condition.reads - names):
        yield f"the condition {condition.text!r} refers to {name!r}, which is not a {noun}"


def dotted_names(properties: Iterable[Property], prefix: str = "") -> Iterator[str]:
    """Yield the dotted names of properties, those inside objects and lists too."""
    for prop in properties:
        yield f"{prefix}{prop.name}"
        inner = prop.items.properties if prop.items else prop.properties
        yield from dotted_names(inner, f"{prefix}{prop.name}.")


def every_property(properties: Iterable[Property]) -> Iterator[Property]:
    """Yield properties, and everything inside them."""
    for prop in properties:
        yield prop
        yield from every_property((*_members(prop), *prop.properties))


def duplicates(names: Iterable[str]) -> list[str]:
    """Return the names that occur more than once."""
    listed = list(names)
    return sorted({name for name in listed if listed.count(name) > 1})


def _check_property(prop: Property, scope: Scope, path: str) -> Iterator[Problem]:
    yield from (Problem(path, message) for message in _messages(prop, scope))
    for member in _members(prop):
        yield from _check_property(member, scope, path)
    yield from check_properties(prop.properties, scope, f"{path}.")


def _members(prop: Property) -> Iterator[Property]:
    """Yield the unnamed properties inside a property."""
    yield from (inner for inner in (prop.items, prop.additional_properties) if inner)
    yield from prop.any_of


def _messages(prop: Property, scope: Scope) -> Iterator[str]:
    """Yield what is wrong with one property, without what is inside it."""
    yield from _check_conditions(prop, scope.names)
    yield from _check_type(prop)
    yield from _check_sources(prop, scope)
    for name in placeholders(prop.composed_of or ""):
        if name not in scope.names:
            yield f"composedOf refers to {name!r}, which is not a property"
    try:
        compile_pattern(prop.pattern or "")
    except PatternError as error:
        yield f"the pattern is not a regular expression: {error}"
    else:
        yield from _check_default(prop)


def _check_type(prop: Property) -> Iterator[str]:
    """Find words that do not apply to the type."""
    if prop.type == "ARRAY" and prop.items is None:
        yield "an ARRAY requires items"
    if prop.send and prop.send.as_ == "append" and not (prop.type == "ARRAY" and prop.send.to):
        yield "as: append requires the type ARRAY, and the word to"
    if prop.send and prop.send.as_ == "merge" and prop.type != "OBJECT":
        yield "as: merge requires the type OBJECT"
    if prop.suggestions and (prop.type != "STRING" or prop.options):
        yield "suggestions requires the type STRING, and no options"
    if prop.any_of and prop.type != "ANY":
        yield "anyOf requires the type ANY"
    if prop.image and prop.type != "FILE_ENTRY":
        yield "image requires the type FILE_ENTRY"
    if prop.accept and "FILE_ENTRY" not in (prop.type, prop.items.type if prop.items else None):
        yield "accept requires the type FILE_ENTRY"


def _check_sources(prop: Property, scope: Scope) -> Iterator[str]:
    if isinstance(prop.options, OptionsSource):
        if prop.options.from_ not in scope.sources:
            yield missing_source(prop.options.from_)
        for name in prop.options.depends_on:
            if name not in scope.names:
                yield f"dependsOn refers to {name!r}, which is not a property"
    if prop.model_limits and prop.model_limits.from_ not in {None, *scope.sources}:
        yield f"modelLimits: {missing_source(prop.model_limits.from_ or '')}"
    for word, value in (("modelLimits", prop.model_limits), ("mirrors", prop.mirrors)):
        if value and not scope.model_info:
            yield f"{word} reads the row of the chosen model, so the action requires modelSources"


def missing_source(name: str) -> str:
    """Return the message for an option source that does not exist."""
    return f"definitions/options/{snake(name)}.yaml does not exist"


def _check_default(prop: Property) -> Iterator[str]:
    # A call accepts any value for a filter, since its options age. A default must be an option.
    strict = prop.model_copy(update={"mirrors": None})
    if prop.default_value is not None and not is_valid(strict, prop.default_value):
        for problem in schema_problems(property_schema(strict), prop.default_value):
            yield f"the default {problem.message}"


def _check_conditions(prop: Property, names: Set[str]) -> Iterator[str]:
    try:
        conditions = [condition for condition in (prop.condition, prop.required_if) if condition]
    except ValueError as error:
        yield str(error)
        return
    for condition in conditions:
        yield from check_condition(condition, names)


def _exclude_each_other(one: Property, other: Property) -> bool:
    """Return whether one property is shown only while the other has no value."""
    pairs = ((one, other), (other, one))
    return any(shown.display_condition == f"{hiding.name} == null" for shown, hiding in pairs)


def _is_inside(target: str, other: str) -> bool:
    return target.startswith(f"{other}.")
