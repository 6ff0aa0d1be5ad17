"""The table of what became of rows: one record for each row that has ended.

A row is known by its run and its number. So it finds its own record, in whatever order rows end,
and a row that has one is not performed again.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from ....values import JsonObject
from .. import database
from ..file_index import index_files
from ..group_writer import GroupWriter
from ..insert_new import insert_all_new
from ..record_batch import Record, RecordBatch

State = Literal["done", "failed", "doubt"]
_table, _requests, _costs = database.rows, database.requests, database.costs
_SOME = 500  # places of one statement
_LONGEST_MESSAGE = 1000  # characters by which messages are compared; SQLite limits a pattern


def place_of(index: int) -> str:
    """Return the place of a row in its run."""
    return f"row[{index}]"


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """How a row ended."""

    index: int
    state: State
    cost: float
    outcome: JsonObject
    """`{output, metadata}`, or `{error, metadata}`."""


@dataclass(frozen=True, slots=True)
class RowCounts:
    """How many rows of a run ended, and how."""

    done: int = 0
    failed: int = 0
    doubtful: int = 0
    cost: float = 0.0
    """USD of these rows, in their last try."""

    @property
    def ended(self) -> int:
        """All that ended."""
        return self.done + self.failed + self.doubtful


class RowRecords:
    """The table of rows."""

    def __init__(self, writer: GroupWriter) -> None:
        self._writer = writer
        self._new: RecordBatch[None] = RecordBatch(writer, _insert)

    def add(self, run: str, outcome: RowOutcome) -> None:
        """Record how a row ended, with the next transaction."""
        row: Record = {
            "run": run, "number": outcome.index, "state": outcome.state, "cost": outcome.cost,
            # Escaped: PostgreSQL stores no zero characters.
            "outcome": json.dumps(outcome.outcome, separators=(",", ":")),
        }  # fmt: skip
        self._new.add(row)

    async def states_in(self, run: str, first: int, last: int) -> dict[int, State]:
        """Return how the rows from one to before another ended, those that have."""
        chosen = sa.select(_table.c.number, _table.c.state).where(
            _table.c.run == run, _table.c.number >= first, _table.c.number < last
        )
        return await self._writer.write(
            lambda connection: {row.number: row.state for row in connection.execute(chosen)}
        )

    async def unfinished(self, run: str, count: int, chunk: int) -> list[int]:
        """Return the numbers of the chunks of which not every row has ended."""
        number = _table.c.number // chunk
        chosen = sa.select(number, sa.func.count()).where(_table.c.run == run).group_by(number)
        found = await self._writer.write(
            lambda connection: {row[0]: row[1] for row in connection.execute(chosen)}
        )
        sizes = {start // chunk: min(chunk, count - start) for start in range(0, count, chunk)}
        return [one for one, size in sizes.items() if found.get(one, 0) < size]

    async def counts(self, run: str) -> RowCounts:
        """Return how many rows ended."""
        chosen = (
            sa.select(_table.c.state, sa.func.count(), sa.func.sum(_table.c.cost))
            .where(_table.c.run == run)
            .group_by(_table.c.state)
        )
        rows = await self._writer.write(lambda connection: connection.execute(chosen).all())
        found = {row[0]: row[1] for row in rows}
        cost = sum(row[2] or 0.0 for row in rows)
        return RowCounts(found.get("done", 0), found.get("failed", 0), found.get("doubt", 0), cost)

    async def read(self, run: str, start: int, limit: int) -> list[RowOutcome]:
        """Return the outcomes from a row on, in the order of the rows."""
        chosen = (
            sa.select(_table)
            .where(_table.c.run == run, _table.c.number >= start)
            .order_by(_table.c.number)
            .limit(limit)
        )
        rows = await self._writer.write(lambda connection: connection.execute(chosen).all())
        return [_outcome(row) for row in rows]

    async def numbers(self, run: str, state: State) -> list[int]:
        """Return the rows that ended so."""
        chosen = sa.select(_table.c.number).where(_table.c.run == run, _table.c.state == state)
        return await self._writer.write(
            lambda connection: sorted(connection.execute(chosen).scalars())
        )

    async def first_failure(self, run: str) -> tuple[RowOutcome, int] | None:
        """Return the first row that failed, and how many others have the same message."""
        failed = (_table.c.run == run, _table.c.state == "failed")
        first = sa.select(_table).where(*failed).order_by(_table.c.number).limit(1)

        def read(connection: sa.Connection) -> tuple[RowOutcome, int] | None:
            if (row := connection.execute(first).one_or_none()) is None:
                return None
            outcome = _outcome(row)
            # As `add` writes it: so the database counts, and no other outcome is read.
            known = {"message": outcome.outcome["error"]["message"]}
            written = json.dumps(known, separators=(",", ":"))[1:-1]
            same = _table.c.outcome.contains(written[:_LONGEST_MESSAGE], autoescape=True)
            counted = sa.select(sa.func.count()).select_from(_table).where(*failed, same)
            return outcome, connection.execute(counted).scalar_one() - 1

        return await self._writer.write(read)

    async def forget(self, run: str, numbers: Collection[int], *, requests: bool) -> None:
        """Forget rows, so that they are performed again; what they cost stays counted.

        With `requests` also what was sent for them, so that it is sent anew.
        """

        def write(connection: sa.Connection) -> None:
            for some in _some(numbers):
                places = [place_of(number) for number in some]
                connection.execute(
                    _table.delete().where(_table.c.run == run, _table.c.number.in_(some))
                )
                if requests:
                    _delete_requests(connection, run, places)
                _retire_costs(connection, run, places)

        await self._writer.write(write)

    async def forget_requests(self, run: str, numbers: Collection[int]) -> None:
        """Delete the requests of rows whose outcome is recorded: nobody asks for them any more."""

        def write(connection: sa.Connection) -> None:
            for some in _some(numbers):
                _delete_requests(connection, run, [place_of(number) for number in some])

        await self._writer.write(write)


def _insert(connection: sa.Connection, rows: list[Record]) -> list[None]:
    index_files(connection, [(str(row["run"]), str(row["outcome"])) for row in rows])
    insert_all_new(connection, _table, rows)
    return [None] * len(rows)


def _delete_requests(connection: sa.Connection, run: str, places: list[str]) -> None:
    connection.execute(
        _requests.delete().where(_requests.c.run == run, _requests.c.place.in_(places))
    )


def _retire_costs(connection: sa.Connection, run: str, places: list[str]) -> None:
    at = (_costs.c.run == run, _costs.c.place.in_(places))
    most = connection.execute(sa.select(sa.func.max(_costs.c.retired)).where(*at)).scalar()
    connection.execute(
        _costs.update()
        .where(*at, _costs.c.retired == 0)
        .values(retired=(-1 if most is None else most) + 1)
    )


def _some(numbers: Iterable[int]) -> Iterable[list[int]]:
    listed = sorted(numbers)
    return (listed[start : start + _SOME] for start in range(0, len(listed), _SOME))


def _outcome(row: Any) -> RowOutcome:
    return RowOutcome(row.number, row.state, row.cost, json.loads(row.outcome))
