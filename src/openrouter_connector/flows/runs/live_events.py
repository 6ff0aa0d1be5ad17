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
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock

import sqlalchemy as sa

from ...values import Json, JsonObject
from . import database
from .file_index import index_files
from .group_writer import GroupWriter
from .record_batch import Record, RecordBatch

_table = database.events
_INSERT = _table.insert().returning(_table.c.id, sort_by_parameter_order=True)
_PIECE = 0.5  # seconds between two pieces of a streamed text in the table
_POLL = 0.4  # seconds between two looks at the table, for a run of another process
_POLL_HERE = 2.0  # the same for one of this process, of which parts may run in another one
ENDED = "ended"
"""The type of the last event of a run."""

Mark = Callable[[sa.Connection], bool]
"""Writes something, and returns whether it did."""


@dataclass(slots=True)
class _Watcher:
    loop: asyncio.AbstractEventLoop
    queue: asyncio.Queue[JsonObject]

    def give(self, event: JsonObject) -> None:
        with suppress(RuntimeError):  # its event loop was closed
            self.loop.call_soon_threadsafe(self.queue.put_nowait, event)

    async def next_event(self, within: float) -> JsonObject | None:
        """Return the next event, None if there is none within these seconds."""
        try:
            async with asyncio.timeout(within):
                return await self.queue.get()
        except TimeoutError:
            return None


@dataclass(slots=True)
class _Piece:
    """Text of a step that was streamed, and is not written yet."""

    since: float
    text: str = ""
    reasoning: str = ""


@dataclass(slots=True)
class _Shown:
    """An event in the order in which watchers see it; None while it is being written."""

    event: JsonObject | None = None


@dataclass
class Journal:
    """The events of all runs."""

    writer: GroupWriter
    _watchers: dict[str, list[_Watcher]] = field(default_factory=dict)
    _pieces: dict[tuple[str, str], _Piece] = field(default_factory=dict)
    _unshown: dict[str, deque[_Shown]] = field(default_factory=dict)
    """Events of each run that wait for one before them, which is on its way to the table."""
    _lost_ends: dict[str, JsonObject] = field(default_factory=dict)
    """Ends of runs in this process that the database refused."""
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self._rows: RecordBatch[int] = RecordBatch(self.writer, _insert)

    def add(self, run: str, type: str, place: str = "", **more: Json) -> None:
        """Write an event with the next transaction, and pass it to watchers in this process."""
        self._flush(run, place)
        self._write(run, {"type": type, "place": place, **more})

    async def add_now(self, run: str, type: str, **more: Json) -> None:
        """Write an event, and return when it is written."""
        self.add(run, type, **more)
        await self.writer.flush()

    async def end(self, run: str, mark: Mark, **more: Json) -> bool:
        """Write the end of a run together with what `mark` writes; False if that returns False.

        One transaction: no run has ended without an event of it. DatabaseError if it is refused.
        """
        at, shown, id = time.time(), _Shown(), None
        event: JsonObject = {"type": ENDED, "place": "", **more}
        row: Record = {"run": run, "at": at, "event": json.dumps(event)}
        self._show(run, shown)
        try:
            id = await self.writer.write(
                lambda connection: _insert(connection, [row])[0] if mark(connection) else None
            )
        finally:
            shown.event = {} if id is None else {**event, "at": at, "id": id}
            self._show(run)
        return id is not None

    def show_end(self, run: str, **more: Json) -> None:
        """Tell watchers in this process that a run ended here, which cannot be written."""
        end: JsonObject = {"type": ENDED, "place": "", "at": time.time(), **more}
        self._lost_ends[run] = end
        self._show(run, _Shown(end))

    def has_lost_end(self, run: str) -> bool:
        """Return whether a run ended in this process, which could not be written."""
        return run in self._lost_ends

    def forget(self, run: str) -> None:
        """Forget what is known of a run that begins again."""
        self._lost_ends.pop(run, None)

    async def places_of(self, run: str, type: str) -> set[str]:
        """Return the places of all events of a type that are in the table."""
        return {event["place"] for event in await self.read(run) if event["type"] == type}

    def add_delta(self, run: str, place: str, text: str, reasoning: str) -> None:
        """Pass a piece of a streamed answer to watchers at once, and write it with others later."""
        now = time.monotonic()  # the clock of the wall may jump
        event: JsonObject = {"type": "delta", "place": place, "text": text, "reasoning": reasoning}
        event["at"] = time.time()
        self._show(run, _Shown(event))
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
            # Live events do not move it: another process may have written one with a smaller id.
            read_to, seen, is_here = after, set[int](), False
            while True:
                # What happened before, or in another process.
                found = await self.read(run, read_to)
                for event in found:
                    read_to = event["id"]
                    # A watcher in the process of the run has seen the pieces as they came.
                    if read_to not in seen and not (is_here and event["type"] == "delta"):
                        yield event
                    seen.discard(read_to)
                if _ends(found):
                    return
                if end := self._lost_ends.get(run):
                    yield end
                    return
                while news := await watcher.next_event(_POLL_HERE if is_here else _POLL):
                    event, is_here = news, True
                    id = event.get("id")
                    if id is not None and (id <= read_to or id in seen):
                        continue
                    if id is not None:
                        seen.add(id)
                    if not (event["type"] == "delta" and id is not None):
                        yield event
                    if event["type"] == ENDED:
                        return
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

    def _write(self, run: str, event: JsonObject) -> None:
        at, shown = time.time(), _Shown()

        def written(id: int | None) -> None:
            shown.event = {} if id is None else {**event, "at": at, "id": id}
            self._show(run)

        # Shown once it is written: its id is what a watcher that comes back goes on from.
        self._show(run, shown)
        row: Record = {"run": run, "at": at, "event": json.dumps(event)}
        self._rows.add(row, written)

    def _show(self, run: str, more: _Shown | None = None) -> None:
        """Give watchers all events that wait for none before them, and `more` after these."""
        with self._lock:
            waiting = self._unshown.setdefault(run, deque())
            if more:
                waiting.append(more)
            while waiting and (event := waiting[0].event) is not None:
                waiting.popleft()
                for watcher in self._watchers.get(run, ()) if event else ():
                    watcher.give(event)
            if not waiting:
                del self._unshown[run]


def _ends(events: list[JsonObject]) -> bool:
    """Return whether a run has ended, and was not resumed after it.

    Its last requests may tell their results after the end, if it was cancelled.
    """
    kinds = [event["type"] for event in events if event["type"] in (ENDED, "resumed", "running")]
    return kinds[-1:] == [ENDED]


def _insert(connection: sa.Connection, rows: list[Record]) -> Sequence[int]:
    index_files(connection, [(str(row["run"]), str(row["event"])) for row in rows])
    return connection.execute(_INSERT, rows).scalars().all()
