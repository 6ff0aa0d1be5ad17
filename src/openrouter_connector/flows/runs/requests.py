"""The paid requests of runs: an intent before each is sent, and its answer after it.

    begin ──▶ new: send it, then `answered`, `refused` or `lost`
          ├─▶ answered before: its answer, which is not paid twice
          └─▶ begun by another attempt, without an answer: in doubt

A request is known by its run, the place of its step (`each_1[3].ask_1`), the item inside that
step, and its number there. So it finds its own answer, in whatever order requests are sent.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass

import sqlalchemy as sa

from ...values import JsonObject
from . import database
from .file_index import index_files
from .group_writer import GroupWriter
from .insert_new import insert_new
from .record_batch import Record, RecordBatch

SENT, ANSWERED, REFUSED, LOST = "sent", "answered", "refused", "lost"

_table = database.requests


@dataclass(frozen=True, slots=True)
class RequestKey:
    """Which request of a run this is."""

    run: str
    place: str
    item: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class RecordedAnswer:
    """A response as it was received: `body` is text, or `file` names it in the file store."""

    status: int
    headers: dict[str, str]
    body: str | None = None
    file: str | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """What is known of a request when it is begun."""

    is_new: bool
    answer: RecordedAnswer | None = None


class Requests:
    """The table of paid requests."""

    def __init__(self, writer: GroupWriter) -> None:
        self._writer = writer
        self._ended: RecordBatch[None] = RecordBatch(writer, _set_states)

    async def begin(
        self, key: RequestKey, owner: str, action: str, model: str, *, first: bool = True
    ) -> Begun:
        """Record that a request is about to be sent, unless one was begun in its place before.

        `first` if this process has not begun it before. DatabaseError if the disk is full.
        """
        self._writer.check_space()

        row = {
            **asdict(key), "retired": 0, "owner": owner, "state": SENT, "action": action,
            "model": model, "sent": time.time(),
        }  # fmt: skip

        def write(connection: sa.Connection) -> Begun:
            if insert_new(connection, _table, row):
                return Begun(True)
            found = connection.execute(_FOUND, _bound(key)).one()
            if found.state == REFUSED:
                # Surely not served: it is sent again as if it were new.
                connection.execute(_STATE, {**_bound(key), "new_state": SENT, "new_answer": None})
                return Begun(True)
            if found.answer:
                return Begun(False, RecordedAnswer(**json.loads(found.answer)))
            if found.state == ANSWERED:
                # Its step had been recorded, and is done again: nobody has its answer any more.
                connection.execute(_STATE, {**_bound(key), "new_state": LOST, "new_answer": None})
            return Begun(False)

        # What this process wrote of the same request before must come first.
        return await self._writer.write(write, urgent=first)

    def answered(self, key: RequestKey, answer: RecordedAnswer) -> None:
        """Record the answer. Also that of an attempt whose run was taken over meanwhile."""
        self._end(key, ANSWERED, json.dumps(asdict(answer)))

    def refused(self, key: RequestKey) -> None:
        """Record that the request was surely not served."""
        self._end(key, REFUSED)

    def lost(self, key: RequestKey) -> None:
        """Record that the request may have been served, and that its answer did not come."""
        self._end(key, LOST)

    def settled(self, run: str, place: str) -> None:
        """Record that a step was finished: its requests were answered, also if no row says so."""
        self._writer.write_later(
            lambda connection: connection.execute(
                _table.update()
                .where(_table.c.run == run, _table.c.place == place, _table.c.state == SENT)
                .values(state=ANSWERED)
            )
        )

    async def doubtful(self, run: str) -> list[JsonObject]:
        """Return the requests of a run whose answer is not known: `{place, item, action, …}`."""

        def read(connection: sa.Connection) -> list[JsonObject]:
            rows = connection.execute(
                sa.select(_table)
                .where(_table.c.run == run, _table.c.retired == 0)
                .where(_table.c.state.in_((SENT, LOST)))
                .order_by(_table.c.sent)
            )
            return [
                {
                    "place": row.place, "item": row.item, "number": row.number,
                    "action": row.action, "model": row.model, "sent": row.sent,
                }
                for row in rows
            ]  # fmt: skip

        return await self._writer.write(read)

    async def owners_of_sent(self, run: str) -> set[str]:
        """Return the attempts that sent a request of a run whose answer is not recorded."""
        chosen = sa.select(_table.c.owner).where(
            _table.c.run == run, _table.c.state == SENT, _table.c.retired == 0
        )
        return await self._writer.write(
            lambda connection: set(connection.execute(chosen).scalars())
        )

    async def retire_doubtful(self, run: str) -> None:
        """Set aside the requests of a run whose answer is not known: they are sent again."""
        for found in await self.doubtful(run):
            key = RequestKey(run, found["place"], found["item"], found["number"])
            await self.retire(run, key.place, key)

    async def retire(self, run: str, place: str, key: RequestKey | None = None) -> None:
        """Set the requests of a step aside, or one of them, so that new ones are sent."""
        chosen = [_table.c.run == run, _table.c.place == place]
        if key:
            chosen += [_table.c.item == key.item, _table.c.number == key.number]

        def write(connection: sa.Connection) -> None:
            most = connection.execute(sa.select(sa.func.max(_table.c.retired)).where(*chosen))
            connection.execute(
                _table.update()
                .where(*chosen, _table.c.retired == 0)
                .values(retired=(most.scalar() or 0) + 1)
            )

        await self._writer.write(write)

    def _end(self, key: RequestKey, state: str, answer: str | None = None) -> None:
        # Not waited for: the engine records what the step makes of the answer a moment later.
        self._ended.add({**_bound(key), "new_state": state, "new_answer": answer})


def _set_states(connection: sa.Connection, rows: list[Record]) -> list[None]:
    texts = [(str(row["of_run"]), row["new_answer"]) for row in rows]
    index_files(connection, [(run, text) for run, text in texts if isinstance(text, str)])
    connection.execute(_STATE, rows)
    return [None] * len(rows)


def _bound(key: RequestKey) -> dict[str, str | int]:
    return {f"of_{name}": value for name, value in asdict(key).items()}


# Built once: building a statement takes longer than the database needs for it.
_CURRENT = (
    _table.c.run == sa.bindparam("of_run"),
    _table.c.place == sa.bindparam("of_place"),
    _table.c.item == sa.bindparam("of_item"),
    _table.c.number == sa.bindparam("of_number"),
    _table.c.retired == 0,
)
_FOUND = sa.select(_table.c.owner, _table.c.state, _table.c.answer).where(*_CURRENT)
_STATE = (
    _table.update()
    .where(*_CURRENT)
    .values(state=sa.bindparam("new_state"), answer=sa.bindparam("new_answer"))
)
