"""The values of prompt inputs: images, lists of images, or plain data, written as text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from ...values import FILE_KEYS, Json, LoadedFile

MAX_CHARACTERS = 10_000_000
"""The most characters of a filled prompt, or of a value on its way into one."""

_VALUE_SIZE = 16  # what a value counts by itself: many small ones take as long as one long text


class InvalidInput(Exception):
    """A value that an operation does not accept; `where` is the path of a nested operation."""

    def __init__(self, message: str, where: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where


def to_text(value: Json) -> str:
    """Return plain data as text: a string as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def shorten(value: Json) -> str:
    """Return a value as short text for a message."""
    if images_in(value):
        return "an image" if isinstance(value, LoadedFile) else "a list with images"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:60]}…"


def images_in(value: Json) -> list[LoadedFile]:
    """Return the images inside a value."""
    return [leaf for leaf in _leaves(value) if isinstance(leaf, LoadedFile)]


def mixes_images(value: Json) -> bool:
    """Return whether a value contains images and other values, so that it is no image input."""
    files = [_is_file(leaf) for leaf in _leaves(value)]
    return any(files) and (not all(files) or isinstance(value, dict))


def collect(items: Iterable[Json]) -> list[Json]:
    """Return computed items as a list; raise InvalidInput when they become too large.

    A lookup table can replace each of many short texts by a long one.
    """
    collected: list[Json] = []
    size = 0
    for item in items:
        collected.append(item)
        for leaf in _leaves(item):
            size += _VALUE_SIZE + (len(leaf) if isinstance(leaf, str) else 0)
            if size > MAX_CHARACTERS:
                raise InvalidInput(f"becomes longer than {MAX_CHARACTERS:,} characters")
    return collected


def _is_file(value: Json) -> bool:
    """Return whether a value is an image; one among other values is not loaded."""
    return isinstance(value, LoadedFile) or _is_entry(value)


def _is_entry(value: Json) -> bool:
    return isinstance(value, dict) and value.keys() == set(FILE_KEYS)


def _leaves(value: Json) -> Iterator[Json]:
    """Yield all values but lists and objects. Not recursive: a value may be nested deeply."""
    waiting = [value]
    while waiting:
        match waiting.pop():
            case list() as items:
                waiting += items
            case dict() as members if not _is_entry(members):
                waiting += members.values()
            case leaf:
                yield leaf
