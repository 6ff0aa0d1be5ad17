"""JSON text that any parser accepts, whatever the value holds: NaN, lone surrogates, depth."""

from __future__ import annotations

import json
import re
from math import isfinite

from .values import Json

_DEEPEST = 250  # levels; Python's own encoder and most parsers stop at about a thousand
_HALF = re.compile("[\ud800-\udfff]")


def to_json_text(value: Json, *, indent: int | None = None) -> str:
    """Write a value as JSON (RFC 8259). What JSON cannot hold is replaced as `writable` does."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)
        text.encode()
    except (ValueError, TypeError, RecursionError):  # UnicodeEncodeError is a ValueError
        return json.dumps(writable(value), ensure_ascii=False, indent=indent)
    return text


def writable(value: Json, depth: int = 0) -> Json:
    """Return a copy that JSON can hold, so that every encoder can write it.

    A number that is not finite, or too long to be written, becomes null, half of a character (a
    lone surrogate) the replacement character, and what lies too deep a string of its JSON.
    """
    if isinstance(value, str):
        return _HALF.sub("\ufffd", value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return value if _is_writable(value) else None
    if not isinstance(value, dict | list | tuple):
        return writable(str(value))
    if depth == _DEEPEST:
        return _nested(value)
    if isinstance(value, dict):
        return {_key(key): writable(item, depth + 1) for key, item in value.items()}
    return [writable(item, depth + 1) for item in value]


def _is_writable(number: float) -> bool:
    if isinstance(number, float):
        return isfinite(number)
    try:
        str(number)
    except ValueError:  # Python refuses to write thousands of digits
        return False
    return True


def _key(key: object) -> str:
    if isinstance(key, str):
        return _HALF.sub("\ufffd", key)
    return json.dumps(key) if isinstance(key, int | float) or key is None else str(key)


def _nested(value: Json) -> str:
    try:
        return json.dumps(value)
    except (ValueError, TypeError, RecursionError):
        return "… (nested too deep to be written)"
