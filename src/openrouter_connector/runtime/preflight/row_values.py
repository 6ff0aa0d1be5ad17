"""Read rows that come from outside, where any key may be missing, null or of another type."""

from __future__ import annotations

from ...definition.paths import at
from ...values import JsonObject

_MAXIMUM = 10**12  # no context, length or count comes near it, and arithmetic stays safe


def count_at(row: JsonObject, path: str) -> int | None:
    """Return a positive integer; None for anything else."""
    value = at(row, path)
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 < value < _MAXIMUM
    return value if is_count else None


def words_at(row: JsonObject, path: str) -> list[str] | None:
    """Return the texts of a list; None for anything that is no list, or holds no text."""
    value = at(row, path)
    words = [word for word in value if isinstance(word, str)] if isinstance(value, list) else []
    return words or None
