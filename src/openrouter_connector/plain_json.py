"""Turn any value into JSON that every parser accepts. An API may return more than JSON allows.

to_plain_json({"cost": nan, "name": "half \\ud83d", "odd": 10**4000})
    ─▶ {"cost": None, "name": "half ?", "odd": None}

The faces write their output through this, so that a paid answer is never lost to an encoding
error. Warnings list what was replaced.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from math import isfinite
from sys import float_info

from .values import Json, JsonObject, Result

MAX_DEPTH = 100  # levels; JSON parsers of other languages stop at a few hundred

_NUMBER = "a number that JSON cannot express (NaN, Infinity, too large) was replaced by null"
_TEXT = "half of a character (a lone surrogate) was replaced by '?'"
_DEEP = f"a value nested more than {MAX_DEPTH} levels deep was replaced by its text"


def to_json_text(value: Json, *, indent: int | None = None) -> str:
    """Write a value as JSON text (RFC 8259); replace what JSON cannot hold."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)
        text.encode()
    except (ValueError, TypeError, RecursionError):  # UnicodeEncodeError is a ValueError
        return json.dumps(to_plain_json(value), ensure_ascii=False, indent=indent)
    return text


def to_plain_json(value: Json, *, ascii_only: bool = False) -> Json:
    """Return a value as JSON can hold it.

    Set `ascii_only` for a writer that escapes non-ASCII: then lone surrogates are kept.
    """
    return _Converter(keep_surrogates=ascii_only).convert(value)


def to_plain_result(result: Result, *, ascii_only: bool = False) -> JsonObject:
    """Return `{output, metadata}` as plain JSON, with a warning for each kind of replacement."""
    converter = _Converter(keep_surrogates=ascii_only)
    plain: JsonObject = converter.convert(result.to_json())
    if converter.warnings:
        warnings = plain["metadata"].get("warnings", [])
        plain["metadata"]["warnings"] = [*warnings, *converter.warnings]
    return plain


def to_plain_text(text: str) -> str:
    """Return a text that UTF-8 can encode."""
    if text.isascii():
        return text
    return text.encode("utf-8", "replace").decode()


@dataclass(slots=True)
class _Converter:
    """Converts one value, and collects a warning for each kind of replacement."""

    keep_surrogates: bool
    warnings: dict[str, None] = field(default_factory=dict)

    def convert(self, value: Json, depth: int = 0) -> Json:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, dict | list | tuple) and value and depth == MAX_DEPTH:
            self.warnings[_DEEP] = None
            return self._text(_json_of(value))
        if isinstance(value, dict):
            pairs = value.items()
            return {self._text(_name(key)): self.convert(item, depth + 1) for key, item in pairs}
        if isinstance(value, list | tuple):
            return [self.convert(item, depth + 1) for item in value]
        if isinstance(value, int | float):
            return self._number(value)
        return value if value is None else self._text(str(value))

    def _number(self, number: float) -> float | None:
        if _is_portable(number):
            return number
        self.warnings[_NUMBER] = None
        return None

    def _text(self, text: str) -> str:
        if self.keep_surrogates or text.isascii():
            return text
        if (replaced := to_plain_text(text)) != text:
            self.warnings[_TEXT] = None
        return replaced


def _is_portable(number: float) -> bool:
    """Return whether other parsers, which read numbers as doubles, accept a number."""
    if isinstance(number, int):
        return -float_info.max <= number <= float_info.max
    return isfinite(number)


def _name(key: object) -> str:
    return key if isinstance(key, str) else _json_of(key)


def _json_of(value: Json) -> str:
    try:
        return json.dumps(value)
    except (RecursionError, ValueError, TypeError):  # too deep, or a number that is too long
        return "… (nested too deep to be written)"
