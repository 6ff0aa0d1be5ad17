"""Reduce JSON Schemas to the keywords that all hosts, and the models behind them, support.

Gemini refuses every tool of a server if one schema has an `enum` of non-strings, a list of types,
or a keyword beside `anyOf`. What a reduced schema cannot express moves into its description.
"""

from __future__ import annotations

import json

from ...values import Json, JsonObject

_ANYTHING = {"anyOf": [{"type": kind} for kind in ("string", "number", "boolean", "object")]}
_ANNOTATIONS = ("description", "title", "default")


def for_hosts(schema: JsonObject) -> JsonObject:
    """Return an equivalent schema in the keywords that all hosts support."""
    reduced = {keyword: _reduce(keyword, value) for keyword, value in schema.items()}
    reduced = _without_type_lists(_without_other_enums(reduced))
    if "anyOf" in reduced and len(reduced) > 1:
        annotations = {word: reduced[word] for word in _ANNOTATIONS if word in reduced}
        first, *others = reduced["anyOf"]
        reduced = {"anyOf": [{**first, **annotations}, *others]}
    return reduced


def _reduce(keyword: str, value: Json) -> Json:
    if keyword == "properties":
        return {name: for_hosts(inner) for name, inner in value.items()}
    if keyword == "additionalProperties" and isinstance(value, dict):
        return for_hosts(value) if value else True
    if keyword == "items":
        return for_hosts(value or _ANYTHING)
    return [for_hosts(inner) for inner in value] if keyword == "anyOf" else value


def _without_other_enums(schema: JsonObject) -> JsonObject:
    """Move an enum of values other than strings into the description."""
    values = schema.get("enum")
    if values is None:
        return schema
    if all(isinstance(value, str) for value in values):
        return {"type": "string", **schema}
    listed = ", ".join(map(json.dumps, values))
    description = f"{schema.get('description', '')} One of: {listed}.".strip()
    rest = {keyword: value for keyword, value in schema.items() if keyword != "enum"}
    return {**rest, "description": description}


def _without_type_lists(schema: JsonObject) -> JsonObject:
    """Replace a list of types by `anyOf`."""
    kinds = schema.get("type")
    if not isinstance(kinds, list):
        return schema
    annotations = {word: schema[word] for word in _ANNOTATIONS if word in schema}
    rest = {k: value for k, value in schema.items() if k != "type" and k not in _ANNOTATIONS}
    branches = [
        {"type": "null"} if k == "null" else {"type": k, **_for_type(k, rest)} for k in kinds
    ]
    return {**annotations, "anyOf": branches}


def _for_type(kind: str, schema: JsonObject) -> JsonObject:
    """Return the keywords that apply to a type."""
    if kind == "null":
        return {}
    of = {"object": ("properties", "required", "additionalProperties"), "array": ("items",)}
    others = {word for name, words in of.items() if name != kind for word in words}
    return {word: value for word, value in schema.items() if word not in others}
