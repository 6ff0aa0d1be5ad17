"""Read a JSON response whose list may not fit into memory: its items go to a file as they come.

    {"status": "completed", "results": [{…}, {…}, …], "usage": {…}}
        ──▶ a line per item in the file, and {"status": …, "results": null, "usage": …} in memory

ijson, a binding of YAJL, parses the chunks. It has no dependencies, and is imported with the first
such response.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path

from ...errors import FileError, IncompleteError
from ...secret import Redactor
from ...values import Json, JsonObject
from .response import Response

_NOT_JSON = "the response is not JSON, or was cut off"


@dataclass(slots=True)
class ItemFile:
    """The items of a list, one per line of a file."""

    path: Path
    places: list[tuple[int, int]] = field(default_factory=list)
    """Where each line begins, and how many bytes it has without its end."""

    @property
    def size(self) -> int:
        """The size of the file in bytes."""
        return sum(self.places[-1]) + 1 if self.places else 0

    def line(self, number: int) -> bytes:
        """Return a line."""
        start, size = self.places[number]
        with self.path.open("rb") as file:
            file.seek(start)
            return file.read(size)


Take = Callable[[Json], None]
"""Takes each item when it was read."""


async def read_list(
    response: Response, key: str, items: ItemFile, largest: int, take: Take | None = None
) -> JsonObject:
    """Append the items of the list under `key` to a file, and return the rest of the response.

    `take` is called with each. The rest has null under `key`; only there is a list left out.
    IncompleteError for a body that is no JSON object or breaks off; FileError for a list of more
    than `largest` bytes.
    """
    reader = _Reader(key, items, response.redactor, largest, take)
    with items.path.open("ab") as file:
        async with aclosing(_chunks(response)) as chunks:
            async for chunk in chunks:
                for line in reader.feed(chunk):
                    file.write(line)
                await asyncio.sleep(0)  # parsing a chunk takes a few milliseconds
        return reader.end()


async def _chunks(response: Response) -> AsyncGenerator[bytes]:
    async for chunk in response.chunks():
        # Some servers send large chunks: others must not wait until all of it is parsed.
        for start in range(0, len(chunk), _CHUNK):
            yield chunk[start : start + _CHUNK]


_CHUNK = 256 * 1024  # bytes


class _Reader:
    """Takes the chunks of a body, and yields the lines of a file."""

    def __init__(
        self, key: str, items: ItemFile, redactor: Redactor, largest: int, take: Take | None
    ) -> None:
        import ijson

        self._key = key
        self._inside = f"{key}."
        self._items = items
        self._redactor = redactor
        self._largest = largest
        self._take = take
        self._errors = ijson.JSONError
        self._found: list[Json] = ijson.sendable_list()
        self._events: list[tuple[str, str, Json]] = ijson.sendable_list()
        # The items are built in C; the events of the rest are few, once those inside are skipped.
        self._parse_items = ijson.items_coro(self._found, f"{key}.item", use_float=True)
        self._parse_events = ijson.parse_coro(self._events, use_float=True)
        self._rest = ijson.ObjectBuilder()
        self._begun = False

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Parse a chunk, and yield the lines of the items that it completes."""
        try:
            self._parse_items.send(chunk)
            self._parse_events.send(chunk)
        except self._errors as error:
            raise IncompleteError(f"{_NOT_JSON}: {error}", status=200) from error
        for prefix, event, value in self._events:
            if not prefix.startswith(self._inside):  # a list of embeddings has millions of them
                self._add(prefix, event, value)
        self._events.clear()
        for item in self._found:
            yield self._line(item)
        self._found.clear()

    def end(self) -> JsonObject:
        """Return the rest."""
        try:
            self._parse_items.close()
            self._parse_events.close()
        except self._errors as error:
            raise IncompleteError(f"{_NOT_JSON}: {error}", status=200) from error
        rest = self._rest.value if self._begun else None
        if not isinstance(rest, dict):
            raise IncompleteError("the response is not a JSON object", status=200)
        return dict(self._redactor.redact_json(rest))

    def _add(self, prefix: str, event: str, value: Json) -> None:
        """Build the rest, with null in place of the list."""
        if prefix == self._key and event in ("start_array", "end_array"):
            event, value = ("null", None) if event == "start_array" else ("", None)
        if event:
            self._rest.event(event, value)
            self._begun = True

    def _line(self, item: Json) -> bytes:
        line = _written(item)
        # Each item is whole, so a key that was split over two chunks is whole too.
        if self._redactor.may_match(line):
            item = self._redactor.redact_json(item)
            line = _written(item)
        start = self._items.size
        self._items.places.append((start, len(line)))
        if self._items.size > self._largest:
            raise FileError(f"the results are larger than {self._largest // 1024**2} MB")
        if self._take:
            self._take(item)
        return line + b"\n"


def _written(item: Json) -> bytes:
    text = json.dumps(item, ensure_ascii=False, separators=(",", ":"))
    return text.encode(errors="surrogatepass")
