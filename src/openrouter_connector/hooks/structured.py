"""Answers of a shape: how a schema is asked for, and how what came is read and held to it."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from re import DOTALL, search, sub
from typing import NamedTuple

from ..errors import IncompleteError
from ..values import Call, Facts, Json, JsonObject


class Asked(NamedTuple):
    """What of a request asks for a shape."""

    body: JsonObject
    """The parameters that hold the model to it, as far as it takes them."""
    words: str
    """What to say besides; empty where the parameters are enough."""


def asked(schema: JsonObject, facts: Facts | None) -> Asked:
    """Ask for data by what the model lists: its schema, any JSON and words, or words alone.

    A model of which nothing is known is asked for JSON, in words too. One whose server lists no
    parameters at all is not OpenRouter's: such servers take a schema, and some nothing else.
    """
    listed = facts.row.get("supported_parameters") if facts else None
    supported = listed if isinstance(listed, list) else None
    described = {"response_format": {"type": "json_schema", "json_schema": _strict(schema)}}
    if supported and "structured_outputs" in supported:
        return Asked(described, "")
    if facts and listed is None:
        return Asked(described, _request(schema))
    takes_json = supported is None or "response_format" in supported
    return Asked(
        {"response_format": {"type": "json_object"}} if takes_json else {}, _request(schema)
    )


def parsed(text: str) -> Json:
    """Parse JSON: bare, in a code fence, or with words around it; ValueError if there is none."""
    fenced = search(r"```(?:json)?\s*\n(.*?)```", text, DOTALL)
    parts = [text, fenced[1] if fenced else "", *(_between(text, *pair) for pair in ("{}", "[]"))]
    for part in parts:
        with suppress(ValueError, RecursionError):
            return json.loads(part, parse_constant=_refused)
    raise ValueError(text)


def misfits(schema: JsonObject, answer: Json) -> str:
    """Say what of the answer does not fit, nothing if all of it does."""
    from jsonschema import Draft202012Validator  # heavy, and only needed for data
    from referencing.exceptions import Unresolvable

    try:
        errors = sorted(Draft202012Validator(schema).iter_errors(answer), key=lambda e: e.json_path)
    except RecursionError:
        return "the schema goes round in circles"
    except Unresolvable:
        return "the schema refers to what is not in it"
    except ArithmeticError as error:  # a number too large to be compared
        return str(error)
    return "; ".join(f"{error.json_path}: {error.message}" for error in errors[:5])


def repair(call: Call, error: IncompleteError) -> Call:
    """Show the model its answer and what is wrong with it."""
    body = dict(call.body or {})
    body["messages"] = [
        *body["messages"],
        {"role": "assistant", "content": error.partial or ""},
        {
            "role": "user",
            "content": f"That was not right: {error.message}. Answer again, with the corrected "
            "JSON and nothing else.",
        },
    ]
    return replace(call, body=body)


def _strict(schema: JsonObject) -> JsonObject:
    """Name a schema as the API wants it: strict, if strict mode can say the same."""
    title = sub(r"[^A-Za-z0-9_-]+", "_", str(schema.get("title") or "answer"))[:64]
    closed = _closed(schema)
    return {"name": title, "strict": closed is not None, "schema": closed or schema}


def _closed(schema: Json) -> Json:
    """Say what strict mode wants to hear: all properties required, and no others.

    None for a schema that leaves a choice of properties, or combines others. What fits the
    closed schema fits the one it came from.
    """
    if not isinstance(schema, dict) or schema.keys() & _OPEN or schema.get("additionalProperties"):
        return None
    inner = {word: _each(schema[word]) for word in _INNER & schema.keys()}
    if "items" in schema:
        inner["items"] = _closed(schema["items"])
    if "object" in schema.get("type", "") or "properties" in schema:
        names = list(schema.get("properties", {}))
        if not names or set(schema.get("required") or names) != set(names):
            return None
        inner |= {"required": names, "additionalProperties": False}
    return None if None in inner.values() else {**schema, **inner}


def _each(schemas: Json) -> Json:
    """Close the schemas of an object or a list; None if one of them cannot be."""
    if isinstance(schemas, list):
        closed = [_closed(schema) for schema in schemas]
        return None if None in closed else closed
    named = {name: _closed(schema) for name, schema in schemas.items()}
    return None if None in named.values() else named


# Words that hold schemas, and words that combine them or allow what is not listed.
_INNER = {"properties", "$defs", "definitions", "anyOf"}
_OPEN = {"allOf", "oneOf", "not", "if", "patternProperties", "dependentSchemas", "prefixItems"}


def _request(schema: JsonObject) -> str:
    return (
        "Answer with one JSON value and nothing else: no prose, no code fence. It must fit this "
        f"JSON Schema:\n{json.dumps(schema, ensure_ascii=False)}"
    )


def _between(text: str, first: str, last: str) -> str:
    return text[text.find(first) : text.rfind(last) + 1] if first in text else ""


def _refused(constant: str) -> Json:
    raise ValueError(f"{constant} is not JSON")
