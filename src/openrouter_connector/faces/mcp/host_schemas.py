"""Schemas that every host takes: the models behind them know only a part of JSON Schema.

Gemini refuses all tools of a server where one has an `enum` beside another type than string, a
list of types, or a keyword beside `anyOf`. What cannot be said by the schema is said in words.
"""

from __future__ import annotations

import json

from ...values import Json, JsonObject

_WITH_SCHEMAS = ("properties",)
_ANYTHING = {"anyOf": [{"type": kind} for kind in ("string", "number", "boolean", "object")]}
_BESIDE = ("description", "title", "default")


def for_hosts(schema: JsonObject) -> JsonObject:
    """Return a schema that says the same in the keywords that all hosts know."""
    made = {word: _inside(word, value) for word, value in schema.items()}
    made = _without_type_lists(_without_odd_enums(made))
    if "anyOf" in made and len(made) > 1:
        told = {word: made[word] for word in _BESIDE if word in made}
        first, *others = made["anyOf"]
        made = {"anyOf": [{**first, **told}, *others]}
    return made


def _inside(word: str, value: Json) -> Json:
    if word in _WITH_SCHEMAS:
        return {name: for_hosts(inner) for name, inner in value.items()}
    if word == "additionalProperties" and isinstance(value, dict):
        return for_hosts(value) if value else True
    if word == "items":
        return for_hosts(value or _ANYTHING)
    return [for_hosts(inner) for inner in value] if word == "anyOf" else value


def _without_odd_enums(schema: JsonObject) -> JsonObject:
    values = schema.get("enum")
    if values is None:
        return schema
    if all(isinstance(value, str) for value in values):
        return {"type": "string", **schema}
    listed = ", ".join(map(json.dumps, values))
    told = f"{schema.get('description', '')} One of: {listed}.".strip()
    return {word: value for word, value in schema.items() if word != "enum"} | {"description": told}


def _without_type_lists(schema: JsonObject) -> JsonObject:
    kinds = schema.get("type")
    if not isinstance(kinds, list):
        return schema
    told = {word: schema[word] for word in _BESIDE if word in schema}
    rest = {w: value for w, value in schema.items() if w != "type" and w not in _BESIDE}
    branches = [
        {"type": "null"} if k == "null" else {"type": k, **_fitting(k, rest)} for k in kinds
    ]
    return {**told, "anyOf": branches}


def _fitting(kind: str, rest: JsonObject) -> JsonObject:
    """Return the keywords that say something of this type."""
    if kind == "null":
        return {}
    of = {"object": ("properties", "required", "additionalProperties"), "array": ("items",)}
    others = {word for name, words in of.items() if name != kind for word in words}
    return {word: value for word, value in rest.items() if word not in others}
