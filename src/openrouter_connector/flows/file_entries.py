"""Find the files in a value of a flow: its inputs, or what a step returned."""

from __future__ import annotations

from collections.abc import Iterator

from ..values import FILE_KEYS, Json, JsonObject


def file_entries_in(value: Json) -> Iterator[JsonObject]:
    """Yield each FILE_ENTRY at any depth: an object with exactly its four keys."""
    waiting = [value]
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, list):
            waiting += inner
        elif isinstance(inner, dict):
            if inner.keys() == set(FILE_KEYS) and isinstance(inner["url"], str):
                yield inner
            waiting += inner.values()
