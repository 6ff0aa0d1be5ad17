"""Report the progress of a call to a host that requested it.

The protocol requires a number that always grows: we send the seconds since the call started. The
message says what happened last. A report is sent at least every `HEARTBEAT` seconds, so that the
host does not give up on a long call.
"""

from __future__ import annotations

from textwrap import shorten
from time import monotonic

import anyio
from mcp.server.session import ServerSession

from ...plain_json import to_plain_text
from ...values import Event, JsonObject

HEARTBEAT = 10.0  # seconds
_DELTA_INTERVAL = 0.2  # seconds between two reports of streamed text
_LONGEST_ROW = 200  # characters of a row in a message


class Progress:
    """The progress of one call."""

    def __init__(self, session: ServerSession, title: str) -> None:
        self._session = session
        self._started = monotonic()
        self._last_sent = 0.0
        self._next_delta = 0.0
        self._message = f"{title} …"
        self._text_length = 0
        self._reasoning_length = 0

    async def report(self, event: Event) -> None:
        """Report an event. Deltas in quick succession are reported only now and then."""
        if event.type == "result":
            return
        if event.type == "delta":
            self._text_length += len(event.text)
            self._reasoning_length += len(event.reasoning)
            self._message = self._received()
            if self._elapsed() < self._next_delta:
                return
            self._next_delta = self._elapsed() + _DELTA_INTERVAL
        elif event.type == "progress":
            self._message = _message(event)
        await self._send()

    async def say(self, message: str) -> None:
        """Report a message."""
        self._message = message
        await self._send()

    async def keep_reporting(self) -> None:
        """Repeat the last message whenever none was sent for a while. Never returns."""
        while True:
            await anyio.sleep(max(self._last_sent + HEARTBEAT - self._elapsed(), 0.01))
            if self._elapsed() - self._last_sent >= HEARTBEAT:
                await self._send()

    async def _send(self) -> None:
        # Two events can have the same time, and the number must grow.
        self._last_sent = max(self._elapsed(), self._last_sent + 0.001)
        await self._session.report_progress(
            round(self._last_sent, 3), message=to_plain_text(self._message)
        )

    def _elapsed(self) -> float:
        return monotonic() - self._started

    def _received(self) -> str:
        if not self._text_length:
            return f"thinking, {self._reasoning_length} characters"
        return f"{self._text_length} characters"


def _message(event: Event) -> str:
    total = f" of {event.total}" if event.total is not None else ""
    job = f", job {event.job}" if event.job else ""
    row = f"; {_row(event.row)}" if event.row else ""
    return f"{event.text or 'working'}, {event.done}{total} {event.unit}".rstrip() + job + row


def _row(row: JsonObject) -> str:
    """Return a row in one line: its name, and its text or its error."""
    outcome = row["error"]["message"] if row["error"] else row.get("text")
    return shorten(f"{row['name']}: {outcome}", _LONGEST_ROW, placeholder=" …")
