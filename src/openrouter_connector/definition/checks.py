"""What must be true between the words of a definition: names that name something, and so on."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence, Set
from importlib.util import find_spec
from re import compile as compiled
from re import error as PatternError
from typing import NamedTuple

from pydantic.alias_generators import to_camel

from ..errors import Problem
from .conditions import compile_condition
from .derive.json_schema import property_schema
from .fast_validation import suits
from .model import (
    QUERIED,
    Action,
    Component,
    Filter,
    ModelSource,
    OptionsSource,
    Property,
    Send,
    Source,
    snake,
)
from .paths import placeholders
from .problems import invalid
from .references import check_references


class _Surroundings(NamedTuple):
    """What the words of a property can name."""

    names: Set[str]
    """Properties, dotted."""
    sources: Set[str] = frozenset()
    model_info: bool = False
    """Whether there is a row of a chosen model."""


def check_component(component: Component, files: Set[str], sources: Set[str]) -> list[Problem]:
    """List what is wrong between the words of `connector.yaml`.

    `files` are those of `definitions/`, without suffix, `sources` the names of those of `options/`.
    """
    listed = [snake(name) for name in component.actions]
    return [
        *(Problem("actions", f"lists {name!r} twice") for name in _twice(component.actions)),
        *(
            Problem("actions", f"lists {name!r}, and there is no definitions/{snake(name)}.yaml")
            for name in component.actions
            if snake(name) not in files
        ),
        *(
            Problem("actions", f"does not list definitions/{name}.yaml")
            for name in sorted(files - set(listed))
        ),
        *_check_common(component.properties, sources),
        *_check_connection(component.connection.properties),
    ]


def check_action(action: Action, sources: Set[str]) -> list[Problem]:
    """List what is wrong between the words of one action."""
    known = _Surroundings(_names(action.properties), sources, bool(action.model_sources))
    method = action.request.split(" ")[0]
    return [
        *_check_properties(action.properties, known, ""),
        *_check_targets(action.properties, method, set(placeholders(action.request))),
        *_check_references(action, sources),
        *check_references(action),
    ]


def check_source(source: Source, sources: Set[str]) -> list[Problem]:
    """List what is wrong between the words of an option source."""
    known = _Surroundings(_names(source.filters), sources)
    conditions = {"freeCondition": source.free_condition} | {
        one.name or "": one.filter_condition for one in source.filters
    }
    return [
        *_check_properties(source.filters, known, ""),
        *_check_targets(source.filters, "GET"),
        *(Problem(one.name or "?", told) for one in source.filters for told in _no_filter(one)),
        *(
            Problem(path, fault)
            for path, text in conditions.items()
            for fault in _misread(text, {*source.details, "prices"})
        ),
    ]


def _check_common(properties: Sequence[Property], sources: Set[str]) -> Iterator[Problem]:
    """Check what every action has: it can name nothing that only some actions have."""
    known = _Surroundings(_names(properties), sources)
    yield from _check_properties(properties, known, "properties.")


def _check_connection(properties: Sequence[Property]) -> Iterator[Problem]:
    """Check what a person gives: a token, and headers of every call."""
    known = _Surroundings(_names(properties))
    yield from _check_properties(properties, known, "connection.")
    kept = [prop for prop in properties if prop.name != "token" and prop.send is not False]
    yield from _check_targets(kept, "GET")
    for prop in kept:
        if not prop.send or prop.send.place("GET") != "header":
            yield Problem(f"connection.{prop.name}", "goes into a header, or has `send: false`")


def _no_filter(one: Filter) -> Iterator[str]:
    """Say what of a filter would mean nothing."""
    for word in sorted(one.model_fields_set - one.words):
        yield f"a filter has no {to_camel(word)}"
    if isinstance(one.options, OptionsSource):
        yield "a filter lists its options itself"
    if one.send and (one.send.place("GET") != "query" or one.send.as_ not in {None, "text"}):
        yield "a filter is sent in the query"


def _misread(text: str | None, known: Set[str]) -> Iterator[str]:
    """Say what is wrong with a condition on the details of an option."""
    try:
        read = compile_condition(text).reads if text else ()
    except ValueError as error:
        yield str(error)
        return
    for name in sorted({name.split(".")[0] for name in read} - known):
        yield f"the condition {text!r} names {name!r}, which is no detail"


def _check_properties(
    properties: Sequence[Property], known: _Surroundings, prefix: str
) -> Iterator[Problem]:
    for name in _twice(prop.name for prop in properties if prop.name):
        yield Problem(f"{prefix}{name}", "is there twice")
    for prop in properties:
        path = f"{prefix}{prop.name or '?'}"
        if prop.name is None:
            yield Problem(path, "a property has a name")
        yield from _check_property(prop, known, path)


def _check_property(prop: Property, known: _Surroundings, path: str) -> Iterator[Problem]:
    """Check a property, and all that is inside it."""
    yield from (Problem(path, fault) for fault in _faults(prop, known))
    for part in (prop.items, prop.additional_properties, *prop.any_of):
        if part:
            yield from _check_property(part, known, path)
    yield from _check_properties(prop.properties, known, f"{path}.")


def _faults(prop: Property, known: _Surroundings) -> Iterator[str]:
    yield from _check_condition(prop, known.names)
    if isinstance(prop.options, OptionsSource):
        if prop.options.from_ not in known.sources:
            yield f"there is no options/{snake(prop.options.from_)}.yaml"
        for name in prop.options.depends_on:
            if name not in known.names:
                yield f"dependsOn names {name!r}, which is no property"
    if prop.type == "ARRAY" and prop.items is None:
        yield "an ARRAY says what its items are"
    for name in placeholders(prop.composed_of or ""):
        if name not in known.names:
            yield f"madeOf names {name!r}, which is no property"
    if prop.any_of and prop.type != "ANY":
        yield "anyOf belongs to the type ANY"
    if prop.image and prop.type != "FILE_ENTRY":
        yield "only a FILE_ENTRY has picture"
    if prop.accept and "FILE_ENTRY" not in (prop.type, prop.items.type if prop.items else None):
        yield "only a FILE_ENTRY has accept"
    if prop.model_limits and prop.model_limits.from_ not in {None, *known.sources}:
        yield f"modelLimits: there is no options/{snake(prop.model_limits.from_ or '')}.yaml"
    if prop.model_limits and not known.model_info:
        yield "limits come from the row of the chosen model, and the action has no facts"
    try:
        compiled(prop.pattern or "")
    except PatternError as error:
        yield f"the pattern is no regular expression: {error}"
    else:
        yield from _check_default(prop)


def _check_default(prop: Property) -> Iterator[str]:
    # The options of a filter are no bounds at run time, but its default is one of them.
    strict = prop.model_copy(update={"filter": False})
    if prop.default_value is not None and not suits(strict, prop.default_value):
        for problem in invalid(property_schema(strict), prop.default_value):
            yield f"the default {problem.message}"


def _check_condition(holder: Property | ModelSource, names: Set[str]) -> Iterator[str]:
    try:
        demand = holder.demand if isinstance(holder, Property) else None
        conditions = [one for one in (holder.condition, demand) if one]
    except ValueError as error:
        yield str(error)
        return
    for condition in conditions:
        for name in sorted(condition.reads - names):
            yield f"the condition {condition.text!r} names {name!r}, which is no property"


def _check_targets(
    properties: Iterable[Property], method: str, in_path: Container[str] = ()
) -> Iterator[Problem]:
    """Find two properties that would be sent to one place, or one inside the other."""
    taken: dict[tuple[str, str], str] = {}
    for prop in properties:
        if not prop.name or prop.filter or prop.send is False or prop.name in in_path:
            continue
        send = prop.send or Send()
        place, target = send.place(method), send.to or snake(prop.name)
        if place == "body" and method in QUERIED:
            yield Problem(prop.name, f"a {method} has no body to be sent in")
        for (other_place, other), name in taken.items():
            clash = target == other or f"{target}.".startswith(f"{other}.")
            if place == other_place and (clash or f"{other}.".startswith(f"{target}.")):
                yield Problem(prop.name, f"is sent to {target!r}, as {name!r} is to {other!r}")
        taken[place, target] = prop.name


def _check_references(action: Action, sources: Set[str]) -> Iterator[Problem]:
    """Find hooks, placeholders, sources and properties that are named and do not exist."""
    names = _names(action.properties)
    demanded = {prop.name for prop in action.properties if prop.required}
    for name in placeholders(action.request):
        if name not in demanded:
            yield Problem("request", f"{{{name}}} names no property that is required")
    for source in action.model_sources:
        if source.from_ not in sources:
            yield Problem("modelSources", f"there is no options/{snake(source.from_)}.yaml")
        if source.property not in demanded:
            yield Problem("modelSources", f"{source.property!r} is no property that is required")
        yield from (Problem("modelSources", fault) for fault in _check_condition(source, names))
    if action.prices not in {None, *sources}:
        yield Problem("prices", f"there is no options/{snake(action.prices or '')}.yaml")
    if action.hook and not find_spec(f"openrouter_connector.hooks.{action.hook}"):
        yield Problem("hook", f"there is no hooks/{action.hook}.py")
    if action.output.file and action.output.file.extension not in {None, *names}:
        told = f"the extension names {action.output.file.extension!r}, which is no property"
        yield Problem("output", told)
    yield from _check_output(action)


def _check_output(action: Action) -> Iterator[Problem]:
    """Find results that could never be read, or only after they were paid for."""
    file, poll = action.output.file, action.poll
    if (action.output.type == "FILE_ENTRY") != (file is not None):
        yield Problem("output", "FILE_ENTRY and file go together")
    if file and bool(file.items) != bool(file.base64):
        yield Problem("output", "items and base64 go together")
    if file and poll and not (poll.then or file.items):
        yield Problem("output", "a job that makes a file says where it is, by then or items")
    if poll and not poll.done:
        yield Problem("poll", "done lists at least one word")
    if poll and poll.resume not in {None, *_names(action.properties)}:
        yield Problem("poll", f"resume names {poll.resume!r}, which is no property")
    if poll and poll.resume and set(placeholders(poll.request)) != {poll.id}:
        told = (
            f"resume knows the job alone, so {{{poll.id}}} is what the request names, and no other"
        )
        yield Problem("poll", told)


def _names(properties: Iterable[Property]) -> set[str]:
    return set(_dotted_names(properties, ""))


def _dotted_names(properties: Iterable[Property], prefix: str) -> Iterator[str]:
    for prop in properties:
        yield f"{prefix}{prop.name}"
        inner = prop.items.properties if prop.items else prop.properties
        yield from _dotted_names(inner, f"{prefix}{prop.name}.")


def _twice(names: Iterable[str]) -> list[str]:
    listed = list(names)
    return sorted({name for name in listed if listed.count(name) > 1})
