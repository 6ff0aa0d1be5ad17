"""Dates in Java's patterns, as expressions write them: `yyyy-MM-dd HH:mm:ss`."""

from __future__ import annotations

import re
from datetime import datetime

from .errors import ExpressionError

# Java's letters and their codes for strftime, the longest first. `''` is a quote, `'T'` a literal.
_CODES = {
    "yyyy": "%Y", "uuuu": "%Y", "yy": "%y", "MMMM": "%B", "MMM": "%b", "MM": "%m", "dd": "%d",
    "EEEE": "%A", "EEE": "%a", "HH": "%H", "hh": "%I", "mm": "%M", "ss": "%S", "SSSSSS": "%f",
    "a": "%p", "XXX": "%:z", "Z": "%z", "z": "%Z", "DDD": "%j",
}  # fmt: skip
_UNPADDED = {"M": "month", "d": "day", "H": "hour", "m": "minute", "s": "second"}
_LONGEST = 200  # characters of a pattern
_TOKEN = re.compile(r"'(?:[^']|'')*'|([A-Za-z])\1*|[^A-Za-z']")


def to_pattern(date: datetime, pattern: str) -> str:
    """Return a date in a pattern."""
    return "".join(_written(date, token) for token in _tokens(pattern))


def from_pattern(text: str, pattern: str) -> datetime:
    """Return the date that a text holds in a pattern."""
    codes = []
    for token in _tokens(pattern):
        if token in _UNPADDED:
            token *= 2
        code = _CODES.get(token)
        codes.append({"%:z": "%z"}.get(code, code) if code else _literal(token).replace("%", "%%"))
    try:
        return datetime.strptime(text, "".join(codes))
    # re.error: a part that stands twice in the pattern.
    except (ValueError, re.error):
        raise ExpressionError(f"finds no date in the pattern {pattern!r:.60}") from None


def _tokens(pattern: str) -> list[str]:
    if len(pattern) > _LONGEST:
        raise ExpressionError(f"takes a pattern of at most {_LONGEST} characters")
    return [match[0] for match in _TOKEN.finditer(pattern)]


def _written(date: datetime, letters: str) -> str:
    if letters in _UNPADDED:
        return str(getattr(date, _UNPADDED[letters]))
    if letters == "SSS":
        return f"{date.microsecond // 1000:03}"
    if letters == "XXX":
        zone = date.strftime("%z") or "Z"
        return zone if zone == "Z" else f"{zone[:3]}:{zone[3:5]}"
    return date.strftime(_CODES[letters]) if letters in _CODES else _literal(letters)


def _literal(token: str) -> str:
    if token.startswith("'"):
        return token[1:-1].replace("''", "'") if len(token) > 2 else "'"
    if token[0].isalpha():
        raise ExpressionError(f"does not know {token!r} in a pattern of dates")
    return token
