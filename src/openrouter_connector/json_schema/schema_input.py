"""Read a schema as people enter it: as JSON text, or inside the wrapper of some API.

Values that are no schema, such as an example answer, are refused with a hint.
"""

from __future__ import annotations

import json

from ..values import Json, JsonObject
from .check_schema import InvalidSchemaError, check_schema


def read_schema(value: Json) -> JsonObject:
    """Return the schema in a text or an object; raise InvalidSchemaError for anything else."""
    schema = _unwrap(_parse(value))
    if schema and not schema.keys() & _CONSTRAINING:  # `{}` means any JSON, by the standard
        known = ", ".join(sorted(schema)[:5])
        raise InvalidSchemaError(
            f"is not a JSON Schema: it has {known}, but no keyword that constrains a value; "
            "describe the answer instead of giving an example, such as "
            '{"type": "object", "properties": {"name": {"type": "string"}}}'
        )
    check_schema(schema)
    return schema


def _parse(value: Json) -> JsonObject:
    if isinstance(value, str):
        if len(value) > _MAX_LENGTH:
            raise InvalidSchemaError(f"is too large: more than {_MAX_LENGTH:,} characters")
        try:
            value = json.loads(value)
        except RecursionError:
            raise InvalidSchemaError("is nested too deeply") from None
        except ValueError:
            raise InvalidSchemaError("is not a JSON Schema: it is not JSON") from None
    if not isinstance(value, dict) or not all(isinstance(keyword, str) for keyword in value):
        raise InvalidSchemaError(
            'is not a JSON Schema: it must be an object such as {"type": "object"}'
        )
    return value


def _unwrap(schema: JsonObject) -> JsonObject:
    """Return the schema inside an API's wrapper: `{"type": "json_schema", "json_schema": …}`.

    The wrapper's name becomes the title.
    """
    inner, name = schema, None
    for _ in range(_MAX_WRAPPERS):
        kind = inner.get("type")
        wrapped = [inner[key] for key in _WRAPPERS if isinstance(inner.get(key), dict)]
        # A wrapper's `type` is no JSON type. With a keyword of its own, an object is the schema.
        own = inner.keys() & (_CONSTRAINING - ({"type"} if kind in _WRAPPED_TYPES else set()))
        if own or len(wrapped) != 1:
            break
        name = inner.get("name", name)
        inner = wrapped[0]
    if inner is schema or not inner.keys() & _CONSTRAINING:
        return schema
    return {"title": name, **inner} if isinstance(name, str) and name else inner


_WRAPPERS = (
    *("json_schema", "schema", "response_format", "responseFormat", "text", "format"),
    *("response_schema", "responseSchema", "responseJsonSchema", "output_config"),
    *("function", "parameters", "input_schema", "inputSchema", "output_schema", "outputSchema"),
)
_WRAPPED_TYPES = ("json_schema", "function")
_MAX_WRAPPERS = 4
_CONSTRAINING = {
    *("type", "enum", "const", "$ref", "$dynamicRef", "$recursiveRef"),
    *("allOf", "anyOf", "oneOf", "not", "if"),
    *("properties", "patternProperties", "additionalProperties", "propertyNames", "required"),
    *("minProperties", "maxProperties", "dependentRequired", "dependentSchemas", "dependencies"),
    *("items", "prefixItems", "additionalItems", "contains", "minItems", "maxItems"),
    *("uniqueItems", "unevaluatedItems", "unevaluatedProperties"),
    *("pattern", "minLength", "maxLength"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}
_MAX_LENGTH = 1_000_000
