"""Arguments that a host sent as text, where the tool wants a list, an object or a number.

{"imageMessages": '[{"content": "a fox"}]', "seed": "100", "reasoning": ""}
    ─▶ {"imageMessages": [{"content": "a fox"}], "seed": 100}

Some hosts write every argument as a text, and some fill what is optional with empty ones. A text
that is not JSON of the kind that is wanted stays, and the form says what is wrong with it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

from ...definition.fast_validation import is_valid
from ...definition.model import Property
from ...values import Json, JsonObject

_KINDS: dict[str, Callable[[Json], bool]] = {
    "ARRAY": lambda value: isinstance(value, list),
    "OBJECT": lambda value: isinstance(value, dict),
    "BOOLEAN": lambda value: isinstance(value, bool),
    "NUMBER": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "INTEGER": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
}


def from_text(properties: Iterable[Property], values: JsonObject) -> JsonObject:
    """Return arguments in which texts are taken for what they say."""
    read = dict(values)
    for prop in properties:
        name = prop.name or ""
        if (value := values.get(name)) is None:
            continue
        if value == "" and _is_left_out(prop):
            del read[name]
        else:
            read[name] = _value(prop, value)
    return read


def _is_left_out(prop: Property) -> bool:
    """Tell whether an empty text can only mean that nothing is given."""
    return not prop.required and (bool(prop.choices) or prop.type in _KINDS)


def _value(prop: Property, value: Json) -> Json:
    if isinstance(value, str):
        value = _read(prop, value)
    if prop.properties and isinstance(value, dict):
        return from_text(prop.properties, value)
    if prop.items and isinstance(value, list):
        return [_value(prop.items, item) for item in value]
    if prop.additional_properties and isinstance(value, dict):
        return {key: _value(prop.additional_properties, item) for key, item in value.items()}
    return value


def _read(prop: Property, text: str) -> Json:
    """Return what a text says, where that is of a kind that is wanted."""
    wanted = [one for one in prop.any_of or (prop,) if one.type in _KINDS]
    if not wanted or (prop.control_type == "JSON_SCHEMA_BUILDER"):
        return text
    try:
        value = json.loads(text if text not in ("True", "False") else text.lower())
    except (ValueError, RecursionError):
        return text
    if prop.any_of:
        # Beside a text, only a list or an object that fits is surely meant.
        fits = isinstance(value, list | dict) and any(is_valid(one, value) for one in wanted)
        return value if fits else text
    return value if value is None or _KINDS[prop.type](value) else text
