"""Check that each keyword of a schema has a value of the right type, for its draft.

This replaces jsonschema's metaschema check, which takes half a millisecond per property and
reports `'text'` only as "not valid under any of the given schemas".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from reprlib import repr
from typing import NamedTuple

from ..values import Json

Path = tuple[str | int, ...]
TUPLE_ITEMS_DRAFTS = {"4", "6", "7", "2019-09"}
"""Drafts in which `items` may be a list."""


class KeywordProblem(NamedTuple):
    """What is wrong with a keyword, and where it is."""

    path: Path
    message: str


def find_keyword_problems(schema: Json, draft: str, path: Path = ()) -> Iterator[KeywordProblem]:
    """Yield a problem for each keyword whose value has the wrong type."""
    waiting: list[tuple[Path, Json]] = [(path, schema)]
    while waiting:
        where, node = waiting.pop()
        if not isinstance(node, dict):
            if not isinstance(node, bool) or draft == "4":
                yield KeywordProblem(where, f"{repr(node)} is not valid; it must be an object")
            continue
        for word, value in node.items():
            holds = (_DRAFT_4 if draft == "4" else {}).get(word) or _VALUES.get(word)
            if holds and not holds.test(value):
                yield KeywordProblem(
                    (*where, word), f"{repr(value)} is not valid; it must be {holds.kind}"
                )
            elif word in SCHEMA_KEYWORDS:
                fault, inner = _inside(word, value, (*where, word), draft)
                yield from [fault] if fault else []
                waiting += inner


def _inside(
    word: str, value: Json, path: Path, draft: str
) -> tuple[KeywordProblem | None, list[tuple[Path, Json]]]:
    """Return the subschemas of a keyword, or the problem with how it holds them."""
    if word in SCHEMA_MAP_KEYWORDS:
        if not isinstance(value, dict):
            return KeywordProblem(
                path, f"{repr(value)} is not valid; it must be an object of schemas"
            ), []
        pairs = [((*path, name), inner) for name, inner in value.items()]
        if word == "dependencies":
            pairs = [(where, inner) for where, inner in pairs if not _are_names(inner)]
        return None, pairs
    if word in SCHEMA_LIST_KEYWORDS or (
        word == "items" and draft in TUPLE_ITEMS_DRAFTS and isinstance(value, list)
    ):
        if not isinstance(value, list) or not (value or word == "items"):
            return KeywordProblem(
                path, f"{repr(value)} is not valid; it must be a list of schemas"
            ), []
        return None, [((*path, index), inner) for index, inner in enumerate(value)]
    if word in ("additionalItems", "additionalProperties") and isinstance(value, bool):
        return None, []
    return None, [(path, value)]


class _Kind(NamedTuple):
    kind: str
    test: Callable[[Json], bool]


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_count(value: Json) -> bool:
    return _is_number(value) and value >= 0 and value == int(value)


def _is_type(value: Json) -> bool:
    if isinstance(value, list):
        known = all(isinstance(name, str) and name in _TYPES for name in value)
        return bool(value) and known and len(set(value)) == len(value)
    return isinstance(value, str) and value in _TYPES


def _are_names(value: Json) -> bool:
    return (
        isinstance(value, list)
        and all(isinstance(name, str) for name in value)
        and len(set(value)) == len(value)
    )


_TYPES = {"string", "number", "integer", "boolean", "object", "array", "null"}
_TEXT = _Kind("a string", lambda value: isinstance(value, str))
_NUMBER = _Kind("a number", _is_number)
_COUNT = _Kind("a whole number of at least 0", _is_count)
_FLAG = _Kind("true or false", lambda value: isinstance(value, bool))
_LIST = _Kind("a list", lambda value: isinstance(value, list))
_NAMES = _Kind("a list of names, each once", _are_names)

_VALUES: Mapping[str, _Kind] = {
    "type": _Kind(f"one of {', '.join(sorted(_TYPES))}, or a list of them", _is_type),
    "enum": _LIST,
    "examples": _LIST,
    "required": _NAMES,
    "multipleOf": _Kind("a number above 0", lambda value: _is_number(value) and value > 0),
    "dependentRequired": _Kind(
        "an object of lists of names",
        lambda value: isinstance(value, dict) and all(map(_are_names, value.values())),
    ),
    "$recursiveRef": _Kind('"#"', lambda value: value == "#"),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _NUMBER),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), _COUNT),
    **dict.fromkeys(("minProperties", "maxProperties", "minContains", "maxContains"), _COUNT),
    **dict.fromkeys(("uniqueItems", "readOnly", "writeOnly", "$recursiveAnchor"), _FLAG),
    **dict.fromkeys(("$schema", "$id", "$ref", "$dynamicRef", "$anchor", "$dynamicAnchor"), _TEXT),
    **dict.fromkeys(("$comment", "title", "description", "pattern", "format"), _TEXT),
}
_DRAFT_4 = {"id": _TEXT, "exclusiveMinimum": _FLAG, "exclusiveMaximum": _FLAG}

SCHEMA_MAP_KEYWORDS = {
    *("properties", "patternProperties", "$defs", "definitions"),
    *("dependentSchemas", "dependencies"),
}
"""Keywords that map names to schemas."""
SCHEMA_LIST_KEYWORDS = {"allOf", "anyOf", "oneOf", "prefixItems"}
SCHEMA_KEYWORDS = {
    *(
        *SCHEMA_MAP_KEYWORDS,
        *SCHEMA_LIST_KEYWORDS,
        "not",
        "if",
        "then",
        "else",
        "items",
        "additionalItems",
        "contains",
    ),
    *("propertyNames", "additionalProperties", "unevaluatedItems", "unevaluatedProperties"),
}
"""Keywords that hold schemas."""
