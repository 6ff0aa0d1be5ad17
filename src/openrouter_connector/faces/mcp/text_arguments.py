"""Parse arguments that a host sent as text, where the tool expects a list, object or number.

{"imageMessages": '[{"content": "a fox"}]', "seed": "100", "reasoning": ""}
    ─▶ {"imageMessages": [{"content": "a fox"}], "seed": 100}

Some hosts send every argument as text, and some send empty text for optional arguments. Text that
is not JSON of the expected type is left as it is, and the form reports what is wrong with it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

from ...definition.fast_validation import is_valid
from ...definition.model import Property
from ...values import Json, JsonObject

_IS_TYPE: dict[str, Callable[[Json], bool]] = {
    "ARRAY": lambda value: isinstance(value, list),
    "OBJECT": lambda value: isinstance(value, dict),
    "BOOLEAN": lambda value: isinstance(value, bool),
    "NUMBER": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "INTEGER": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
}


def parse_text_arguments(properties: Iterable[Property], values: JsonObject) -> JsonObject:
    """Return arguments with texts parsed, and without empty optional ones."""
    parsed = dict(values)
    for prop in properties:
        name = prop.name or ""
        if (value := values.get(name)) is None:
            continue
        if value == "" and _is_missing_if_empty(prop):
            del parsed[name]
        else:
            parsed[name] = _parse(prop, value)
    return parsed


def _is_missing_if_empty(prop: Property) -> bool:
    """Return whether empty text cannot be a value, and so means a missing argument."""
    return not prop.required and (bool(prop.choices) or prop.type in _IS_TYPE)


def _parse(prop: Property, value: Json) -> Json:
    if isinstance(value, str):
        value = _parse_text(prop, value)
    if prop.properties and isinstance(value, dict):
        return parse_text_arguments(prop.properties, value)
    if prop.items and isinstance(value, list):
        return [_parse(prop.items, item) for item in value]
    if prop.additional_properties and isinstance(value, dict):
        return {key: _parse(prop.additional_properties, item) for key, item in value.items()}
    return value


def _parse_text(prop: Property, text: str) -> Json:
    """Return the JSON value of a text, if it has an expected type; else the text."""
    expected = [option for option in prop.any_of or (prop,) if option.type in _IS_TYPE]
    if not expected or (prop.control_type == "JSON_SCHEMA_BUILDER"):
        return text
    try:
        value = json.loads(text if text not in ("True", "False") else text.lower())
    except (ValueError, RecursionError):
        return text
    if prop.any_of:
        # The property may be text too: "5" stays text, only a list or an object is meant as JSON.
        fits = isinstance(value, list | dict) and any(
            is_valid(option, value) for option in expected
        )
        return value if fits else text
    return value if value is None or _IS_TYPE[prop.type](value) else text
