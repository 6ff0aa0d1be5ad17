"""JSON that every reader takes. What an API sent may hold more than that, and was paid for.

plain({"cost": nan, "name": "half \\ud83d", "odd": 10**4000}) ─▶ {"cost": None, "name": "half ?", …}

The faces write what they return through this, so that no answer is lost in the writing. What was
replaced is said in warnings.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from math import isfinite
from sys import float_info

from .values import Json, JsonObject, Result

DEPTH = 100  # levels; parsers of other languages end at a few hundred

_NUMBER = "a number that JSON cannot express (NaN, Infinity, too large) was replaced by null"
_TEXT = "half of a character (a lone surrogate) was replaced by '?'"
_DEEP = f"what is nested more than {DEPTH} levels deep was replaced by its text"


def to_json_text(value: Json, *, indent: int | None = None) -> str:
    """Write a value as JSON (RFC 8259), as `plain` makes it where JSON cannot hold it."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)
        text.encode()
    except (ValueError, TypeError, RecursionError):  # UnicodeEncodeError is a ValueError
        return json.dumps(plain(value), ensure_ascii=False, indent=indent)
    return text


def plain(value: Json, *, ascii_only: bool = False) -> Json:
    """Return a value as JSON can hold it.

    With `ascii_only` it will be written with escapes, in which half of a character has a place.
    """
    return _Walk(ascii_only).of(value)


def plain_result(result: Result, *, ascii_only: bool = False) -> JsonObject:
    """Return `{output, metadata}` as JSON can hold them, with a warning for what was replaced."""
    walk = _Walk(ascii_only)
    told: JsonObject = walk.of(result.to_json())
    if walk.notes:
        warnings = told["metadata"].get("warnings", [])
        told["metadata"]["warnings"] = [*warnings, *walk.notes]
    return told


def plain_text(text: str) -> str:
    """Return a text as UTF-8 can hold it."""
    if text.isascii():
        return text
    return text.encode("utf-8", "replace").decode()


@dataclass(slots=True)
class _Walk:
    """A walk over a value, and what was replaced on it."""

    keeps_halves: bool
    notes: dict[str, None] = field(default_factory=dict)

    def of(self, value: Json, depth: int = 0) -> Json:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, dict | list | tuple) and value and depth == DEPTH:
            self.notes[_DEEP] = None
            return self._text(_json_of(value))
        if isinstance(value, dict):
            pairs = value.items()
            return {self._text(_name(key)): self.of(item, depth + 1) for key, item in pairs}
        if isinstance(value, list | tuple):
            return [self.of(item, depth + 1) for item in value]
        if isinstance(value, int | float):
            return self._number(value)
        return value if value is None else self._text(str(value))

    def _number(self, number: float) -> float | None:
        if _is_plain(number):
            return number
        self.notes[_NUMBER] = None
        return None

    def _text(self, text: str) -> str:
        if self.keeps_halves or text.isascii():
            return text
        if (replaced := plain_text(text)) != text:
            self.notes[_TEXT] = None
        return replaced


def _is_plain(number: float) -> bool:
    if isinstance(number, int):
        return -float_info.max <= number <= float_info.max
    return isfinite(number)


def _name(key: object) -> str:
    return key if isinstance(key, str) else _json_of(key)


def _json_of(value: Json) -> str:
    try:
        return json.dumps(value)
    except (RecursionError, ValueError, TypeError):  # too deep, or with a number too long
        return "… (nested too deep to be written)"
