"""Reading what comes from outside, where any key may be absent, null or of another type."""

from __future__ import annotations

from ...definition.paths import at
from ...values import Json, JsonObject


def count_at(row: JsonObject, path: str) -> int | None:
    """Give a number of things, of which there is one at least; None for all else."""
    told = at(row, path)
    known = isinstance(told, int) and not isinstance(told, bool) and 0 < told < _MOST
    return told if known else None


def words_at(row: JsonObject, path: str) -> list[str] | None:
    """Give a list of words; None for what is no list, or one that says nothing."""
    told = at(row, path)
    found = [word for word in told if isinstance(word, str)] if isinstance(told, list) else []
    return found or None


def context_lengths(row: JsonObject) -> list[int]:
    """Give what is known of the context in tokens: the model's, and that of its first provider."""
    told = (count_at(row, "context_length"), count_at(row, "top_provider.context_length"))
    return [length for length in told if length is not None]


def plugins(body: JsonObject) -> dict[Json, JsonObject]:
    """Give the plugins that a body asks for, by their names."""
    told = body.get("plugins")
    listed = [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
    return {str(one.get("id")): one for one in listed if one.get("enabled") is not False}


_MOST = 10**12
