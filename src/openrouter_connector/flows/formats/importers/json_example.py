"""Derive a JSON Schema from an example of its data."""

from __future__ import annotations

from ....values import Json, JsonObject

_TYPES = ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"))


def schema_of_example(example: Json) -> JsonObject:
    """Return a schema that the example matches: all keys required, lists like their first item."""
    if isinstance(example, dict):
        properties = {key: schema_of_example(value) for key, value in example.items()}
        return {"type": "object", "properties": properties, "required": list(properties)}
    if isinstance(example, list):
        return {"type": "array", "items": schema_of_example(example[0]) if example else {}}
    return next(({"type": name} for kind, name in _TYPES if isinstance(example, kind)), {})
