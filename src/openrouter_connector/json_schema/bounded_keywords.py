"""Replace jsonschema's keywords by versions whose work is limited, and whose patterns use RE2.

jsonschema runs patterns with Python's `re`, compares every pair of `uniqueItems`, and writes
whole values into its messages: a hostile schema or answer could keep a server busy for hours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ..values import Json, JsonObject
from .limits import current_steps
from .safe_regex import MAX_PATTERNS, compile_pattern

if TYPE_CHECKING:
    from jsonschema import ValidationError

Keyword = Callable[[Any, Json, Json, Json], "Iterator[ValidationError] | None"]


def bounded_keywords(words: dict[str, Keyword]) -> dict[str, Keyword]:
    """Return the keywords of a draft, each counted, some replaced by ours."""
    replaced = {word: _OWN.get(word, function) for word, function in words.items()}
    return {
        word: _counting(word, _decided(function) if word in _NEGATING else function)
        for word, function in replaced.items()
    }


def _counting(word: str, function: Keyword) -> Keyword:
    """Wrap a keyword: spend steps for its work, and for the messages it writes."""
    many, own = word in _EACH_ITEM, word in _OWN

    def keyword(validator: Any, value: Json, instance: Json, schema: Json) -> Any:
        steps = current_steps()
        size = len(instance) if many and isinstance(instance, list | dict) else 0
        size += len(value) if isinstance(value, list | dict) and not own else 0
        steps.spend(1 + size)
        for error in function(validator, value, instance, schema) or ():
            steps.spend(len(error.message) // _CHARACTERS_PER_STEP)
            yield error

    return keyword


def _decided(function: Keyword) -> Keyword:
    """Wrap a keyword: drop its errors when they depend on a skipped pattern."""

    def keyword(validator: Any, value: Json, instance: Json, schema: Json) -> Any:
        before = current_steps().skipped
        errors = list(function(validator, value, instance, schema) or ())
        if current_steps().skipped == before:
            yield from errors

    return keyword


def _matches(pattern: str, text: str) -> bool | None:
    """Return whether a pattern matches in a text; None if the pattern is not supported."""
    steps = current_steps()
    if steps.trusted:  # Python's `$` also matches before a line break at the end
        return re.search(pattern.removesuffix("$") + r"\Z", text) is not None
    steps.patterns.add(pattern)
    known = compile_pattern(pattern) if len(steps.patterns) <= MAX_PATTERNS else None
    if known is None or known.program is None:
        steps.skipped += 1
        return None
    steps.spend(known.cost(len(text)))
    return known.matches(text)


def _pattern(validator: Any, pattern: Json, instance: Json, schema: Json) -> Any:
    if isinstance(instance, str) and _matches(pattern, instance) is False:
        yield _error(f"{_shown(instance)} does not match {pattern!r}")


def _pattern_properties(validator: Any, patterns: Json, instance: Json, schema: Json) -> Any:
    if not isinstance(instance, dict):
        return
    for pattern, subschema in patterns.items():
        for name, value in instance.items():
            current_steps().spend()
            if _matches(pattern, name):
                yield from validator.descend(value, subschema, path=name, schema_path=pattern)


def _additional_properties(validator: Any, allowed: Json, instance: Json, schema: Json) -> Any:
    if not isinstance(instance, dict):
        return
    extras = list(_extras(instance, schema))
    if isinstance(allowed, dict):
        for name in extras:
            yield from validator.descend(instance[name], allowed, path=name)
    elif allowed is False and extras:
        listed = ", ".join(map(_shown, extras[:_MAX_LISTED]))
        were = "was" if len(extras) == 1 else "were"
        yield _error(f"Additional properties are not allowed ({listed} {were} unexpected)")


def _extras(instance: JsonObject, schema: JsonObject) -> Iterator[str]:
    """Yield the names that match no property and no pattern of a schema."""
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    for name in instance:
        if name in known:
            continue
        current_steps().spend(1 + len(patterns))
        if not any(_matches(pattern, name) is not False for pattern in patterns):
            yield name


def _unique_items(validator: Any, unique: Json, instance: Json, schema: Json) -> Any:
    if not unique or not isinstance(instance, list):
        return
    current_steps().spend_on(instance)
    if len({_canonical(item) for item in instance}) < len(instance):
        yield _error(f"{_shown(instance)} has non-unique elements")


def _canonical(value: Json) -> str:
    """Return equal text for equal values. Hashes would not do: numbers can be made to collide."""
    return json.dumps(_plain(value), sort_keys=True)


def _plain(value: Json) -> Json:
    if isinstance(value, float) and value.is_integer():
        return int(value)  # in JSON Schema, 1 equals 1.0
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _enum(validator: Any, choices: Json, instance: Json, schema: Json) -> Any:
    if not _is_among(instance, choices):
        more = ", …" if len(choices) > _MAX_LISTED else ""
        listed = ", ".join(map(_shown, choices[:_MAX_LISTED]))
        yield _error(f"{_shown(instance)} is not one of [{listed}{more}]")


def _const(validator: Any, value: Json, instance: Json, schema: Json) -> Any:
    if not _is_among(instance, [value]):
        yield _error(f"{_shown(value)} was expected")


def _is_among(instance: Json, choices: list[Json]) -> bool:
    current_steps().spend(len(choices) // 20)
    if isinstance(instance, str):
        return any(isinstance(choice, str) and choice == instance for choice in choices)
    comparable = [
        choice
        for choice in choices
        if type(choice) is type(instance) or _are_numbers(choice, instance)
    ]
    for choice in comparable:
        current_steps().spend_on(choice)
    if isinstance(instance, dict | list) and comparable:
        current_steps().spend_on(instance)
    return bool(comparable) and _canonical(instance) in map(_canonical, comparable)


def _are_numbers(*values: Json) -> bool:
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def _required(validator: Any, required: Json, instance: Json, schema: Json) -> Any:
    if isinstance(instance, dict) and isinstance(required, list):
        current_steps().spend(len(required) // 20)
        for name in required:
            if name not in instance:
                yield _error(f"{name!r} is a required property")


def _multiple_of(validator: Any, step: Json, instance: Json, schema: Json) -> Any:
    """Divide decimals exactly: 0.3 is a multiple of 0.1, but not in floats."""
    if not _are_numbers(instance):
        return
    whole, part = _exact(instance), _exact(step)
    current_steps().spend((whole.numerator.bit_length() + part.denominator.bit_length()) // 100)
    if (whole / part).denominator != 1:
        yield _error(f"{_shown(instance)} is not a multiple of {step}")


def _exact(number: int | float) -> Fraction:
    return Fraction(number) if isinstance(number, int) else Fraction(repr(number))


def _unevaluated_properties(validator: Any, subschema: Json, instance: Json, schema: Json) -> Any:
    if not isinstance(instance, dict):
        return
    rest = {word: value for word, value in schema.items() if word != "unevaluatedProperties"}
    seen = _evaluated(validator, instance, rest)
    for name, value in instance.items():
        if name not in seen:
            yield from _unexpected(validator, value, subschema, name)


def _unevaluated_items(validator: Any, subschema: Json, instance: Json, schema: Json) -> Any:
    if not isinstance(instance, list):
        return
    rest = {word: value for word, value in schema.items() if word != "unevaluatedItems"}
    seen = _evaluated(validator, instance, rest)
    for index, value in enumerate(instance):
        if index not in seen:
            yield from _unexpected(validator, value, subschema, index)


def _unexpected(validator: Any, value: Json, subschema: Json, step: str | int) -> Any:
    if subschema is False:
        kind = "properties" if isinstance(step, str) else "items"
        yield _error(f"Unevaluated {kind} are not allowed ({_shown(step)} was unexpected)")
    else:
        yield from validator.descend(value, subschema, path=step)


def _evaluated(validator: Any, instance: Json, schema: Json) -> set[str | int]:
    """Return the members of an object or list that a schema evaluates, where it matches."""
    current_steps().spend()
    if not isinstance(schema, dict):
        return set()
    if isinstance(instance, dict):
        seen = _evaluated_names(instance, schema)
    else:
        seen = _evaluated_indexes(instance, schema)
    for resolving, inner in _applicable(validator, instance, schema):
        seen |= _evaluated(resolving, instance, inner)
    if isinstance(instance, list) and "contains" in schema:
        contained = validator.evolve(schema=schema["contains"])
        seen |= {index for index, item in enumerate(instance) if contained.is_valid(item)}
    return seen


def _evaluated_names(instance: JsonObject, schema: JsonObject) -> set[str | int]:
    current_steps().spend(len(instance))
    if schema.keys() & {"additionalProperties", "unevaluatedProperties"}:
        return set(instance)
    patterns = schema.get("patternProperties", {})
    seen = set[str | int](instance) & set(schema.get("properties", {}))
    return seen | {
        name for name in instance for pattern in patterns if _matches(pattern, name) is not False
    }


def _evaluated_indexes(instance: list[Json], schema: JsonObject) -> set[str | int]:
    current_steps().spend(len(instance))
    items, whole = schema.get("items"), set[str | int](range(len(instance)))
    if schema.keys() & {"additionalItems", "unevaluatedItems"} or isinstance(items, dict | bool):
        return whole
    return set(range(len(items or schema.get("prefixItems", []))))


def _applicable(validator: Any, instance: Json, schema: JsonObject) -> Iterator[tuple[Any, Json]]:
    """Yield the subschemas that apply to the same value and match it, with their validators."""
    for word in ("$ref", "$dynamicRef", "$recursiveRef"):
        if word in schema:
            yield _referred(validator, word, schema[word])
    choices = ("allOf", "anyOf", "oneOf")
    for inner in (choice for word in choices for choice in schema.get(word, ())):
        if validator.evolve(schema=inner).is_valid(instance):
            yield validator, inner
    if "if" in schema:
        holds = validator.evolve(schema=schema["if"]).is_valid(instance)
        if holds:
            yield validator, schema["if"]
        yield validator, schema.get("then" if holds else "else")
    for name, inner in schema.get("dependentSchemas", {}).items():
        if name in instance:
            yield validator, inner


def _referred(validator: Any, word: str, reference: str) -> tuple[Any, Json]:
    from referencing.jsonschema import lookup_recursive_ref

    resolver = validator._resolver
    if word == "$recursiveRef":
        target = lookup_recursive_ref(resolver)
    else:
        target = resolver.lookup(reference)
    return validator.evolve(schema=target.contents, _resolver=target.resolver), target.contents


def _error(message: str) -> ValidationError:
    from jsonschema import ValidationError

    return ValidationError(message)


def _shown(value: Json) -> str:
    """Return a value as text, shortened."""
    from reprlib import Repr

    short = Repr()
    short.maxstring, short.maxother, short.maxlist, short.maxdict = 100, 100, 10, 10
    return short.repr(value)


_OWN: dict[str, Keyword] = {
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "uniqueItems": _unique_items,
    "enum": _enum,
    "const": _const,
    "required": _required,
    "multipleOf": _multiple_of,
    "unevaluatedProperties": _unevaluated_properties,
    "unevaluatedItems": _unevaluated_items,
}
# Keywords that jsonschema runs once for each item or member.
_EACH_ITEM = {
    *("items", "additionalItems", "contains", "unevaluatedItems", "patternProperties"),
    *("additionalProperties", "propertyNames", "unevaluatedProperties"),
}
# Keywords that can turn a skipped pattern, which counts as matching, into an error.
_NEGATING = {"not", "if", "oneOf", "contains", "unevaluatedItems", "unevaluatedProperties"}
_CHARACTERS_PER_STEP = 200
_MAX_LISTED = 10
