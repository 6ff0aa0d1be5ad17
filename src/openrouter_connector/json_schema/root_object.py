"""Wrap a schema whose root is no object: servers accept only objects there.

{"type": "array", …}  →  {"type": "object", "properties": {"answer": {"type": "array", …}}, …}
"""

from __future__ import annotations

import re

from ..values import Json, JsonObject
from .check_schema import DATA_KEYWORDS, REFERENCE_KEYWORDS
from .keyword_types import SCHEMA_MAP_KEYWORDS

ANSWER_PROPERTY = "answer"
"""The property of the wrapper that holds the answer."""
DEFINITION_REFERENCE = re.compile(r"#/(\$defs|definitions)/([^/]+)")


def needs_wrapper(schema: JsonObject) -> bool:
    """Return whether the root is no object, so that the schema needs a wrapper."""
    root = resolve_root(schema)
    kind = root.get("type", "object" if "properties" in root else None)
    return bool(kind != "object" or "anyOf" in root)


def wrap_root(schema: JsonObject) -> JsonObject:
    """Return the schema, wrapped in an object schema if its root is not one."""
    if not needs_wrapper(schema):
        return schema
    outer = {key: _rebase(schema[key], is_map=True) for key in _HOISTED if key in schema}
    outer |= {key: schema[key] for key in _NAMING if key in schema}
    inner = {key: value for key, value in schema.items() if key not in outer}
    properties = {ANSWER_PROPERTY: _rebase(inner)}
    return {**outer, "type": "object", "properties": properties, "required": [ANSWER_PROPERTY]}


def unwrap_answer(schema: JsonObject, value: Json) -> list[Json]:
    """Return what an answer may mean: the wrapper's content, and the value as it is.

    Models often leave the wrapper out.
    """
    if needs_wrapper(schema) and isinstance(value, dict) and list(value) == [ANSWER_PROPERTY]:
        return [value[ANSWER_PROPERTY], value]
    return [value]


def resolve_root(schema: JsonObject) -> JsonObject:
    """Return the root schema, following a `$ref` into the definitions."""
    root = schema
    while isinstance(reference := root.get("$ref"), str):
        found = DEFINITION_REFERENCE.fullmatch(reference)
        name = found[2].replace("~1", "/").replace("~0", "~") if found else ""
        target = schema.get(found[1], {}).get(name) if found else None
        if not isinstance(target, dict) or root.keys() - _ALLOWED_BESIDE_REF:
            break
        root = target
    return root


def _rebase(value: Json, is_map: bool = False) -> Json:
    """Point references at the new place of the schema. In a map, keys are names, not keywords."""
    if isinstance(value, list):
        return [_rebase(item) for item in value]
    if not isinstance(value, dict):
        return value
    rebased = {}
    for key, inner in value.items():
        if not is_map and key in REFERENCE_KEYWORDS and isinstance(inner, str):
            rebased["$ref" if key == "$recursiveRef" else key] = _TO_ROOT.sub(_NEW_ROOT, inner)
        elif is_map or key not in DATA_KEYWORDS:
            rebased[key] = _rebase(inner, not is_map and key in SCHEMA_MAP_KEYWORDS)
        else:
            rebased[key] = inner
    return rebased


_TO_ROOT = re.compile(r"\A#(?=/|\Z)(?!/(?:\$defs|definitions)/)")
_NEW_ROOT = f"#/properties/{ANSWER_PROPERTY}"
_HOISTED = ("$defs", "definitions")
_NAMING = ("$schema", "$id", "id", "title")
_ALLOWED_BESIDE_REF = {"$ref", "$schema", "$id", "id", "$comment", "$defs", "definitions", "title"}
