"""The root of a schema that is sent: servers accept an object there, and nothing else.

{"type": "array", …}  →  {"type": "object", "properties": {"answer": {"type": "array", …}}, …}
"""

from __future__ import annotations

import re

from ..values import Json, JsonObject
from .check_schema import DATA_KEYWORDS, REFERENCE_KEYWORDS
from .keyword_types import SCHEMA_MAP_KEYWORDS

ANSWER_PROPERTY = "answer"
"""The property that holds an answer which is no object."""
DEFINITION_REFERENCE = re.compile(r"#/(\$defs|definitions)/([^/]+)")


def needs_wrapper(schema: JsonObject) -> bool:
    """Return whether the root is no object, so that the schema is sent as a property of one."""
    root = resolve_root(schema)
    kind = root.get("type", "object" if "properties" in root else None)
    return bool(kind != "object" or "anyOf" in root)


def wrap_root(schema: JsonObject) -> JsonObject:
    """Return a schema with an object at its root."""
    if not needs_wrapper(schema):
        return schema
    about_all = {word: _moved(schema[word], True) for word in _HOISTED if word in schema}
    about_all |= {word: schema[word] for word in _NAMING if word in schema}
    inner = {word: value for word, value in schema.items() if word not in about_all}
    properties = {ANSWER_PROPERTY: _moved(inner)}
    return {**about_all, "type": "object", "properties": properties, "required": [ANSWER_PROPERTY]}


def unwrap_answer(schema: JsonObject, value: Json) -> list[Json]:
    """List what an answer may mean: what is in the wrapper, and the value as it stands."""
    if needs_wrapper(schema) and isinstance(value, dict) and list(value) == [ANSWER_PROPERTY]:
        return [value[ANSWER_PROPERTY], value]
    return [value]


def resolve_root(schema: JsonObject) -> JsonObject:
    """Return the schema that the root is, which may stand among the definitions."""
    root = schema
    while isinstance(reference := root.get("$ref"), str):
        found = DEFINITION_REFERENCE.fullmatch(reference)
        name = found[2].replace("~1", "/").replace("~0", "~") if found else ""
        target = schema.get(found[1], {}).get(name) if found else None
        if not isinstance(target, dict) or root.keys() - _AROUND:
            break
        root = target
    return root


def _moved(value: Json, names: bool = False) -> Json:
    """Let references find what was moved. `names` says that keys are names, and not keywords."""
    if isinstance(value, list):
        return [_moved(one) for one in value]
    if not isinstance(value, dict):
        return value
    moved = {}
    for word, inner in value.items():
        if not names and word in REFERENCE_KEYWORDS and isinstance(inner, str):
            moved["$ref" if word == "$recursiveRef" else word] = _MOVED.sub(_INNER, inner)
        elif names or word not in DATA_KEYWORDS:
            moved[word] = _moved(inner, not names and word in SCHEMA_MAP_KEYWORDS)
        else:
            moved[word] = inner
    return moved


_MOVED = re.compile(r"\A#(?=/|\Z)(?!/(?:\$defs|definitions)/)")
_INNER = f"#/properties/{ANSWER_PROPERTY}"
_HOISTED = ("$defs", "definitions")
_NAMING = ("$schema", "$id", "id", "title")
_AROUND = {"$ref", "$schema", "$id", "id", "$comment", "$defs", "definitions", "title"}
