"""Validate parameters quickly, and only say yes or no.

`schema_problems` explains what is wrong, but importing jsonschema takes longer than sending a first
call. Most parameters are valid, so jsonschema is loaded only when this check fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from re import fullmatch

from ..values import FILE_KEYS, Json
from .model import Property


def are_valid(
    properties: Iterable[Property], values: Mapping[str, Json], others: Property | None = None
) -> bool:
    """Return whether all values have the type and bounds of their properties.

    `others` is the property of values with other names; without it, there may be none.
    """
    known = {prop.name: prop for prop in properties}
    found = ((known.get(name, others), value) for name, value in values.items())
    return all(prop is not None and is_valid(prop, value) for prop, value in found)


def is_valid(prop: Property, value: Json) -> bool:
    """Return whether one value has the type and bounds of its property."""
    if prop.control_type == "JSON_SCHEMA_BUILDER":
        return isinstance(value, str | dict)
    if not _TYPES[prop.type](value):
        return False
    if prop.type == "FILE_ENTRY":
        return value.keys() == set(FILE_KEYS) and all(
            isinstance(text, str) for text in value.values()
        )
    if prop.any_of:
        return any(is_valid(variant, value) for variant in prop.any_of)
    if prop.items:
        return _is_valid_list(prop, prop.items, value)
    if prop.properties:
        return are_valid(prop.properties, value, prop.additional_properties)
    if extra := prop.additional_properties:
        return all(is_valid(extra, item) for item in value.values())
    return _is_in_bounds(prop, value) and _is_option(prop, value)


def _is_valid_list(prop: Property, items: Property, value: list[Json]) -> bool:
    # The options of a filter age, and it is never sent: a new value does no harm.
    return _is_between(len(value), prop.min_items, prop.max_items) and all(
        is_valid(items, item) and (prop.mirrors is not None or _is_option(prop, item))
        for item in value
    )


def _is_in_bounds(prop: Property, value: Json) -> bool:
    if prop.type == "STRING":
        matches = prop.pattern is None or fullmatch(prop.pattern, value) is not None
        return matches and _is_between(len(value), prop.min_length, prop.max_length)
    return prop.type not in _NUMBERS or _is_between(value, prop.min_value, prop.max_value)


def _is_between(amount: float, low: float | None, high: float | None) -> bool:
    return (low is None or amount >= low) and (high is None or amount <= high)


def _is_option(prop: Property, value: Json) -> bool:
    """Return whether a value is an option, as it is named or as it is sent."""
    choices = prop.choices
    return not choices or any(value in (option.value, option.send) for option in choices)


_NUMBERS = ("NUMBER", "INTEGER")

# In Python, True is an int; in JSON, true is not a number.
_TYPES: dict[str, Callable[[Json], bool]] = {
    "STRING": lambda value: isinstance(value, str),
    "NUMBER": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "INTEGER": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "BOOLEAN": lambda value: isinstance(value, bool),
    "ARRAY": lambda value: isinstance(value, list),
    "OBJECT": lambda value: isinstance(value, dict),
    "FILE_ENTRY": lambda value: isinstance(value, dict),
    "ANY": lambda value: True,
}
