"""Events of runs: written to the database, and handed at once to watchers in this process.

    step ──▶ journal ──┬──▶ watchers in this process, each event as it happens
                       └──▶ table, deltas in coalesced pieces ──▶ watchers elsewhere

An event is JSON: `{type, place, at, …}`. Those from the table have an `id`, from which a watcher
that lost its connection goes on.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Lock

import sqlalchemy as sa

from ...values import JsonObject
from . import database
from .group_writer import GroupWriter

_table = database.events
_PIECE = 0.5  # seconds between two pieces of a streamed text in the table
_POLL = 0.4  # seconds between two looks at the table, for a run of another process
ENDED = "ended"
"""The type of the last event of a run."""


@dataclass(slots=True)
class _Watcher:
    loop: asyncio.AbstractEventLoop
    queue: asyncio.Queue[JsonObject]

    def give(self, event: JsonObject) -> None:
        self.loop.call_soon_threadsafe(self.queue.put_nowait, event)


@dataclass(slots=True)
class _Piece:
    """Text of a step that was streamed, and is not written yet."""

    since: float
    text: str = ""
    reasoning: str = ""


@dataclass(slots=True)
class Journal:
    """The events of all runs."""

    writer: GroupWriter
    _watchers: dict[str, list[_Watcher]] = field(default_factory=dict)
    _pieces: dict[tuple[str, str], _Piece] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    async def add(self, run: str, type: str, place: str = "", **more: object) -> None:
        """Write an event, and pass it to watchers in this process."""
        self._flush(run, place)
        await asyncio.wrap_future(self._write(run, {"type": type, "place": place, **more}))

    def add_delta(self, run: str, place: str, text: str, reasoning: str) -> None:
        """Pass a piece of a streamed answer to watchers at once, and write it with others later."""
        now = time.time()
        event = {"type": "delta", "place": place, "text": text, "reasoning": reasoning, "at": now}
        self._publish(run, event)
        piece = self._pieces.setdefault((run, place), _Piece(now))
        piece.text += text
        piece.reasoning += reasoning
        if now - piece.since > _PIECE:
            self._flush(run, place)

    async def read(self, run: str, after: int = 0) -> list[JsonObject]:
        """Return the events of a run in the table, those after an id."""

        def read(connection: sa.Connection) -> list[JsonObject]:
            rows = connection.execute(
                sa.select(_table.c.id, _table.c.at, _table.c.event)
                .where(_table.c.run == run, _table.c.id > after)
                .order_by(_table.c.id)
            )
            return [{**json.loads(row.event), "at": row.at, "id": row.id} for row in rows]

        return await self.writer.write(read)

    async def watch(self, run: str, after: int = 0) -> AsyncGenerator[JsonObject]:
        """Yield the events of a run as they happen, from an id on, until it has ended.

        Deltas come at once if the run is performed by this process, else in pieces.
        """
        watcher = _Watcher(asyncio.get_running_loop(), asyncio.Queue())
        with self._lock:
            self._watchers.setdefault(run, []).append(watcher)
        try:
            last, is_here = after, False
            while True:
                for event in await self.read(run, last):
                    last = event["id"]
                    # A watcher in the process of the run has seen the pieces as they came.
                    if not (is_here and event["type"] == "delta"):
                        yield event
                    if event["type"] == ENDED:
                        return
                try:
                    async with asyncio.timeout(_POLL):
                        event = await watcher.queue.get()
                except TimeoutError:
                    continue
                is_here = True
                while event["type"] == "delta":
                    yield event
                    event = await watcher.queue.get()
        finally:
            with self._lock:
                self._watchers[run].remove(watcher)
                if not self._watchers[run]:
                    del self._watchers[run]

    def _flush(self, run: str, place: str) -> None:
        if piece := self._pieces.pop((run, place), None):
            event = {"type": "delta", "place": place, "text": piece.text}
            event["reasoning"] = piece.reasoning
            self._write(run, event)

    def _write(self, run: str, event: JsonObject) -> Future[None]:
        now, text = time.time(), json.dumps(event, ensure_ascii=False)

        def write(connection: sa.Connection) -> None:
            connection.execute(_table.insert().values(run=run, at=now, event=text))

        done = self.writer.submit(write)
        if event["type"] != "delta":
            # Told once it is written, so that the watcher finds it in the table.
            done.add_done_callback(lambda _: self._publish(run, {"type": "written"}))
        return done

    def _publish(self, run: str, event: JsonObject) -> None:
        with self._lock:
            watchers = list(self._watchers.get(run, ()))
        for watcher in watchers:
            watcher.give(event)
