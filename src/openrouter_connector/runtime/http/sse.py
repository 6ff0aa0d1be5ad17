"""Read server-sent events, as the standard defines them and as servers really send them.

<https://html.spec.whatwg.org/multipage/server-sent-events.html>: a byte order mark is skipped,
lines end with LF, CRLF or CR, and the `data:` lines up to a blank line are one event. If the first
line is complete JSON, the event is complete: it is not held back for the blank line, which some
servers leave out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ...errors import IncompleteError
from ...values import Json
from .json_reader import read_json

BOM = b"\xef\xbb\xbf"
_FIELDS = (b"data:", b"event:", b"id:", b"retry:", b":")
_LONGEST_FIELD = max(map(len, _FIELDS))
_LARGEST_HELD = 16 * 1024 * 1024  # bytes of an event with several lines
_NO_JSON = "the stream contains an event that is not JSON"
_BROKE_OFF = "the stream broke off inside an event"


def begins_events(head: bytes) -> bool | None:
    """Return whether the first bytes of a body start a stream of events; None for too few bytes."""
    start = head.removeprefix(BOM).lstrip()
    if start.startswith(_FIELDS):
        return True
    # `da` may still become `data:`.
    cut = len(start) < _LONGEST_FIELD and any(field.startswith(start) for field in _FIELDS)
    return None if cut or BOM.startswith(start) else False


class Lines:
    """Joins chunks of bytes into whole lines, which end with LF, CRLF or CR."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._began = False

    def feed(self, chunk: bytes) -> bytes:
        """Add a chunk, and return the lines that are complete now."""
        if b"\r" in chunk or self._rest.endswith(b"\r"):
            chunk = bytes(self._rest) + chunk
            self._rest.clear()
            # The last CR may be half of a CRLF.
            cut = 1 + max(chunk.rfind(b"\n"), chunk.rfind(b"\r", 0, -1))
        else:
            cut = 1 + chunk.rfind(b"\n")
        if not cut:
            self._rest += chunk
            return b""
        whole = chunk[:cut]
        if self._rest:
            whole = bytes(self._rest) + whole
            self._rest.clear()
        self._rest += chunk[cut:]
        return self._first(whole)

    def end(self) -> bytes:
        """Return the text after the last line end."""
        return self._first(bytes(self._rest))

    def _first(self, lines: bytes) -> bytes:
        if self._began:
            return lines
        self._began = True
        return lines.removeprefix(BOM)


Frame = tuple[list[bytes], Json]
"""The lines of an event or a comment, and the JSON of its data: None without data."""


class Events:
    """Reads the JSON of events from blocks of whole lines."""

    def __init__(self, parse: Callable[[bytes], Json] = read_json) -> None:
        """`parse` reads the data of one event; ValueError or RecursionError when it is not JSON."""
        self.done = False
        """Whether `[DONE]` arrived."""
        self._parse = parse
        self._lines: list[bytes] = []
        self._data: list[bytes] = []
        self._size = 0

    def read(self, lines: bytes) -> Iterator[Json]:
        """Yield the events in a block of whole lines. IncompleteError for one that is not JSON."""
        return (event for _, event in self.frames(lines) if event is not None)

    def end(self) -> Iterator[Json]:
        """Yield an event that no blank line ended. IncompleteError if it is not complete."""
        return (event for _, event in self.last_frame())

    def frames(self, lines: bytes) -> Iterator[Frame]:
        """Yield the events in some whole lines as `read` does, with the lines of each."""
        for line in lines.splitlines(keepends=True):
            if line.startswith(b"data:"):
                data = line[5:]
                if data.strip() == b"[DONE]":
                    self.done = True
                    if self._data:
                        yield self._joined(_NO_JSON)
                    return
                self._lines.append(line)
                if not self._data:
                    try:
                        event = self._parse(data)
                    except (ValueError, RecursionError):
                        pass  # further lines may complete it
                    else:
                        yield self._take_lines(), event
                        continue
                self._hold(data)
            else:
                self._lines.append(line)
                if not line.strip():
                    yield self._joined(_NO_JSON) if self._data else (self._take_lines(), None)

    def last_frame(self) -> Iterator[Frame]:
        """Yield the event that no blank line ended, as `end` does, with its lines."""
        if b"".join(self._data).strip():
            yield self._joined(_BROKE_OFF)

    def _take_lines(self) -> list[bytes]:
        lines, self._lines = self._lines, []
        return lines

    def _hold(self, data: bytes) -> None:
        self._data.append(data.rstrip(b"\r\n"))
        self._size += len(data)
        if self._size > _LARGEST_HELD:
            raise IncompleteError(_NO_JSON, status=200)

    def _joined(self, fault: str) -> Frame:
        data = b"\n".join(self._data).strip()
        self._data, self._size = [], 0
        try:
            return self._take_lines(), self._parse(data) if data else None
        except (ValueError, RecursionError) as error:
            raise IncompleteError(fault, status=200) from error
