"""A schema as people give it: as text, in the wrapper of an API, or not a schema at all."""

from __future__ import annotations

import json

from ..values import Json, JsonObject
from .check_schema import InvalidSchemaError, check_schema


def read_schema(given: Json) -> JsonObject:
    """Return the schema that a text or an object holds; InvalidSchemaError if there is none."""
    schema = _unwrapped(_parsed(given))
    if schema and not schema.keys() & _CONSTRAINING:  # `{}` means any JSON, by the standard
        known = ", ".join(sorted(schema)[:5])
        raise InvalidSchemaError(
            f"is not a JSON Schema: it holds {known}, and no keyword that constrains a value; "
            "describe the answer instead of giving an example, such as "
            '{"type": "object", "properties": {"name": {"type": "string"}}}'
        )
    check_schema(schema)
    return schema


def _parsed(given: Json) -> JsonObject:
    if isinstance(given, str):
        if len(given) > _LONGEST:
            raise InvalidSchemaError(f"is too large: more than {_LONGEST:,} characters")
        try:
            given = json.loads(given)
        except RecursionError:
            raise InvalidSchemaError("is nested too deeply") from None
        except ValueError:
            raise InvalidSchemaError("is not a JSON Schema: it is not JSON") from None
    if not isinstance(given, dict) or not all(isinstance(word, str) for word in given):
        raise InvalidSchemaError(
            'is not a JSON Schema: it must be an object such as {"type": "object"}'
        )
    return given


def _unwrapped(schema: JsonObject) -> JsonObject:
    """Take a schema out of what an API wraps it in: `{"type": "json_schema", "json_schema": …}`.

    The name that a wrapper gives becomes the title.
    """
    inner, name = schema, None
    for _ in range(_WRAPPERS_DEEP):
        kind = inner.get("type")
        wrapped = [inner[word] for word in _WRAPPERS if isinstance(inner.get(word), dict)]
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
_WRAPPERS_DEEP = 4
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
_LONGEST = 1_000_000
