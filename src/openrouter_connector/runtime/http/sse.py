"""Read server-sent events, as the standard defines them and as servers really send them.

<https://html.spec.whatwg.org/multipage/server-sent-events.html>: a byte order mark is skipped,
lines end with LF, CRLF or CR, and the `data:` lines up to a blank line are one event. If the first
line is complete JSON, the event is complete: it is not held back for the blank line, which some
servers leave out.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import IncompleteError
from ...values import Json
from .json_reader import read_json

BOM = b"\xef\xbb\xbf"
_FIELDS = (b"data:", b"event:", b"id:", b"retry:", b":")
_LONGEST_FIELD = max(map(len, _FIELDS))
_NO_JSON = "the stream contains an event that is not JSON"
_BROKE_OFF = "the stream broke off inside an event"


def begins_events(head: bytes) -> bool | None:
    """Return whether the first bytes of a body start a stream of events; None for too few bytes."""
    start = head.removeprefix(BOM).lstrip()
    if start.startswith(_FIELDS):
        return True
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


class Events:
    """Reads the JSON of events from blocks of whole lines."""

    def __init__(self) -> None:
        self.done = False
        """Whether `[DONE]` arrived."""
        self._held: list[bytes] = []

    def read(self, lines: bytes) -> Iterator[Json]:
        """Yield the events in a block of whole lines. IncompleteError for one that is not JSON."""
        for line in lines.splitlines():
            if line.startswith(b"data:"):
                data = line[5:]
                if data.strip() == b"[DONE]":
                    yield from self._joined(_NO_JSON)
                    self.done = True
                    return
                if self._held:
                    self._held.append(data)
                    continue
                try:
                    event = read_json(data)
                except (ValueError, RecursionError):
                    self._held.append(data)
                else:
                    yield event
            elif self._held and not line:
                yield from self._joined(_NO_JSON)

    def end(self) -> Iterator[Json]:
        """Yield an event that no blank line ended. IncompleteError if it is not complete."""
        yield from self._joined(_BROKE_OFF)

    def _joined(self, fault: str) -> Iterator[Json]:
        data = b"\n".join(self._held).strip()
        self._held.clear()
        if not data:
            return
        try:
            yield read_json(data)
        except (ValueError, RecursionError) as error:
            raise IncompleteError(fault, status=200) from error
