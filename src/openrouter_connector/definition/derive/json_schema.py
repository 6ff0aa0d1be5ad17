"""Generate the JSON Schemas (2020-12) of an action's parameters and of its output."""

from __future__ import annotations

from collections.abc import Iterable

from ...values import FILE_KEYS, Json, JsonObject
from ..model import Action, Output, Property, Shape

DIALECT = "https://json-schema.org/draft/2020-12/schema"

FILE_ENTRY: JsonObject = {
    "type": "object",
    "properties": {key: {"type": "string"} for key in FILE_KEYS},
    "required": list(FILE_KEYS),
    "additionalProperties": False,
}
_TYPES: dict[str, JsonObject] = {
    "STRING": {"type": "string"},
    "NUMBER": {"type": "number"},
    "INTEGER": {"type": "integer"},
    "BOOLEAN": {"type": "boolean"},
    "ARRAY": {"type": "array"},
    "OBJECT": {"type": "object"},
    "FILE_ENTRY": FILE_ENTRY,
    "ANY": {},
}


def parameters_schema(action: Action) -> JsonObject:
    """Return the schema of an action's parameters.

    `required` lists what every call must have. The form itself requires properties with a
    condition while they are visible, and fills in defaults.
    """
    return {
        "$schema": DIALECT,
        "title": action.title,
        "description": action.description,
        **_object(action.properties),
    }


def output_schema(output: Output) -> JsonObject:
    """Return the schema of an action's output.

    An object may contain more than its schema names, and each part may be missing or null.
    """
    return _shape(output.model_copy(update={"type": "ANY"}) if output.dynamic_schema else output)


def property_schema(prop: Property) -> JsonObject:
    """Return the schema of the value of one property."""
    schema = dict(_TYPES[prop.type])
    if prop.control_type == "JSON_SCHEMA_BUILDER":  # a canvas sends text, code an object
        schema["type"] = ["string", "object"]
    if prop.label:
        schema["title"] = prop.label
    if prop.description:
        schema["description"] = prop.description
    if prop.default_value is not None:
        schema["default"] = prop.default_value
    return schema | _bounds(prop) | _members(prop)


def _object(properties: Iterable[Property], others: Property | None = None) -> JsonObject:
    listed = list(properties)
    schema: JsonObject = {
        "type": "object",
        "properties": {prop.name: property_schema(prop) for prop in listed if prop.name},
        "additionalProperties": property_schema(others) if others else False,
    }
    if required := [prop.name for prop in listed if _always_required(prop)]:
        schema["required"] = required
    return schema


def _always_required(prop: Property) -> bool:
    optional = prop.mirrors or prop.display_condition or prop.default_value is not None
    return prop.required and not optional and not _is_filled_by_defaults(prop)


def _is_filled_by_defaults(prop: Property) -> bool:
    return bool(prop.properties) and not any(_always_required(p) for p in prop.properties)


def _bounds(prop: Property) -> JsonObject:
    words = {
        "minimum": prop.min_value,
        "maximum": prop.max_value,
        "minLength": prop.min_length,
        "maxLength": prop.max_length,
        # JSON Schema searches; our patterns must match the whole text.
        "pattern": prop.pattern and f"^(?:{prop.pattern})$",
        "minItems": prop.min_items,
        "maxItems": prop.max_items,
    }
    bounds: JsonObject = {word: limit for word, limit in words.items() if limit is not None}
    # A filter is never sent, so a value that is newer than its options does no harm.
    if prop.choices and prop.type != "ARRAY" and not prop.mirrors:
        bounds["enum"] = _values(prop)
    return bounds


def _members(prop: Property) -> JsonObject:
    if prop.any_of:
        return {"anyOf": [property_schema(variant) for variant in prop.any_of]}
    if prop.type == "ARRAY" and prop.items:
        inner = prop.items
        items = (
            _object(inner.properties, inner.additional_properties)
            if inner.properties
            else property_schema(inner)
        )
        if prop.choices and not prop.mirrors:
            items["enum"] = _values(prop)
        return {"items": items}
    if prop.type == "OBJECT" and prop.properties:
        return _object(prop.properties, prop.additional_properties)
    if prop.type == "OBJECT" and prop.additional_properties:
        return {"additionalProperties": property_schema(prop.additional_properties)}
    return {}


def _shape(shape: Shape) -> JsonObject:
    schema = dict(_TYPES[shape.type])
    if shape.description:
        schema["description"] = shape.description
    if shape.any_of:
        schema["anyOf"] = [_shape(variant) for variant in shape.any_of]
    if shape.items:
        schema["items"] = _shape(shape.items)
    if shape.properties:
        schema["properties"] = {part.name: _or_null(_shape(part)) for part in shape.properties}
    return schema


def _or_null(schema: JsonObject) -> JsonObject:
    """Allow null: an API may drop a part without notice."""
    if "anyOf" in schema:
        return schema | {"anyOf": [*schema["anyOf"], {"type": "null"}]}
    return schema | {"type": [schema["type"], "null"]} if "type" in schema else schema


def _values(prop: Property) -> list[Json]:
    """Return the values of the options as named and as sent: both `EN` and `en` are accepted."""
    sent = [option.send for option in prop.choices if isinstance(option.send, str | int | float)]
    return list(dict.fromkeys([*(option.value for option in prop.choices), *sent]))
