"""How a call goes on, for a host that asked to be told.

The number is the seconds since the call began, which always grows, as MCP demands; the message
says what came. A host that waits for so long and no longer hears something at least every while.
"""

from __future__ import annotations

from textwrap import shorten
from time import monotonic

import anyio
from mcp.server.session import ServerSession

from ...plain_json import to_plain_text
from ...values import Event, JsonObject

BEAT = 10.0  # seconds
_OFTEN = 0.2  # seconds between two pieces that are told of
_LONGEST_ROW = 200  # characters of what came of an item of a list


class Progress:
    """The progress of one call."""

    def __init__(self, session: ServerSession, title: str) -> None:
        self._session = session
        self._began = monotonic()
        self._told = 0.0
        self._next_piece = 0.0
        self._message = f"{title} …"
        self._letters = 0
        self._thoughts = 0

    async def note(self, event: Event) -> None:
        """Tell of an event; of pieces that follow each other quickly, only now and then."""
        if event.type == "result":
            return
        if event.type == "delta":
            self._letters += len(event.text)
            self._thoughts += len(event.reasoning)
            self._message = self._pieces()
            if self._elapsed() < self._next_piece:
                return
            self._next_piece = self._elapsed() + _OFTEN
        elif event.type == "progress":
            self._message = _step(event)
        await self._tell()

    async def beat(self) -> None:
        """Tell again what was told last, when nothing was told for a while; never ends."""
        while True:
            await anyio.sleep(max(self._told + BEAT - self._elapsed(), 0.01))
            if self._elapsed() - self._told >= BEAT:
                await self._tell()

    async def _tell(self) -> None:
        self._told = max(self._elapsed(), self._told + 0.001)
        await self._session.report_progress(
            round(self._told, 3), message=to_plain_text(self._message)
        )

    def _elapsed(self) -> float:
        return monotonic() - self._began

    def _pieces(self) -> str:
        if not self._letters:
            return f"thinking, {self._thoughts} characters"
        return f"{self._letters} characters"


def _step(event: Event) -> str:
    total = f" of {event.total}" if event.total is not None else ""
    job = f", job {event.job}" if event.job else ""
    row = f"; {_row(event.row)}" if event.row else ""
    return f"{event.text or 'working'}, {event.done}{total} {event.unit}".rstrip() + job + row


def _row(row: JsonObject) -> str:
    """Say in a line what came of an item of a list."""
    came = row["error"]["message"] if row["error"] else row.get("text")
    return shorten(f"{row['name']}: {came}", _LONGEST_ROW, placeholder=" …")
