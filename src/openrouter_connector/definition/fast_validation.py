"""A quick look at parameters: those that are plainly right need no more.

jsonschema says what is wrong with the others, all of it. It takes longer to import than to send a
first call, and most parameters are right; so it is asked only when this look is not content.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from re import fullmatch

from ..values import FILE_KEYS, Json
from .model import Property


def fits(properties: Iterable[Property], values: Mapping[str, Json]) -> bool:
    """Tell whether all values are known, typed and bounded as the properties say."""
    known = {prop.name: prop for prop in properties}
    return all(name in known and suits(known[name], value) for name, value in values.items())


def suits(prop: Property, value: Json) -> bool:
    """Tell whether one value is typed and bounded as its property says."""
    if prop.control_type == "JSON_SCHEMA_BUILDER":
        return isinstance(value, str | dict)
    if not _TYPES[prop.type](value):
        return False
    if prop.type == "FILE_ENTRY":
        return value.keys() == set(FILE_KEYS) and all(
            isinstance(text, str) for text in value.values()
        )
    if prop.any_of:
        return any(suits(one, value) for one in prop.any_of)
    if prop.items:
        items = prop.items
        return _many(prop, value) and all(_item(prop, items, one) for one in value)
    if prop.properties:
        return fits(prop.properties, value)
    if extra := prop.additional_properties:
        return all(suits(extra, item) for item in value.values())
    return _bounded(prop, value) and _listed(prop, value)


def _item(prop: Property, items: Property, value: Json) -> bool:
    return suits(items, value) and (prop.filter or _listed(prop, value))


def _bounded(prop: Property, value: Json) -> bool:
    if prop.type == "STRING":
        fitting = prop.pattern is None or fullmatch(prop.pattern, value) is not None
        return fitting and _within(len(value), prop.min_length, prop.max_length)
    return prop.type not in _NUMBERS or _within(value, prop.min_value, prop.max_value)


def _many(prop: Property, value: list[Json]) -> bool:
    return _within(len(value), prop.min_items, prop.max_items)


def _within(amount: float, low: float | None, high: float | None) -> bool:
    return (low is None or amount >= low) and (high is None or amount <= high)


def _listed(prop: Property, value: Json) -> bool:
    choices = prop.choices
    return not choices or any(value in (one.value, one.send) for one in choices)


_NUMBERS = ("NUMBER", "INTEGER")

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
