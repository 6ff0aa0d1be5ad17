"""An input is a picture, a list of pictures, or plain data, which is written as text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from ...values import FILE_KEYS, Json, LoadedFile

MAX_CHARACTERS = 10_000_000
"""Characters that a text, or a value on its way into one, may have."""


# What a value counts by itself: many small ones are as much work as a long text.
_LEAF = 16


class InvalidInput(Exception):
    """A value that an operation cannot take; `where` is the nested operation that says so."""

    def __init__(self, message: str, where: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where


def to_text(value: Json) -> str:
    """Write plain data: a text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def shorten(value: Json) -> str:
    """Show a value in a sentence, shortened."""
    if images_in(value):
        return "a picture" if isinstance(value, LoadedFile) else "a list with pictures"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:60]}…"


def images_in(value: Json) -> list[LoadedFile]:
    """List the pictures in a value."""
    return [leaf for leaf in _leaves(value) if isinstance(leaf, LoadedFile)]


def mixes_images(value: Json) -> bool:
    """Tell whether a value holds pictures, and something else too."""
    files = [_is_file(leaf) for leaf in _leaves(value)]
    return any(files) and (not all(files) or isinstance(value, dict))


def collect(items: Iterable[Json]) -> list[Json]:
    """Collect items that are made of others, as long as they stay writable; else Unfit.

    A table can put a long text in the place of each of many short ones.
    """
    made: list[Json] = []
    weight = 0
    for item in items:
        made.append(item)
        for leaf in _leaves(item):
            weight += _LEAF + (len(leaf) if isinstance(leaf, str) else 0)
            if weight > MAX_CHARACTERS:
                raise InvalidInput(f"becomes longer than {MAX_CHARACTERS:,} characters")
    return made


def _is_file(value: Json) -> bool:
    """Tell a picture, also one that is not loaded since it stands among other values."""
    return isinstance(value, LoadedFile) or _is_entry(value)


def _is_entry(value: Json) -> bool:
    return isinstance(value, dict) and value.keys() == set(FILE_KEYS)


def _leaves(value: Json) -> Iterator[Json]:
    """Give what is neither a list nor an object, without recursion: a value may be deep."""
    waiting = [value]
    while waiting:
        match waiting.pop():
            case list() as items:
                waiting += items
            case dict() as named if not _is_entry(named):
                waiting += named.values()
            case leaf:
                yield leaf
