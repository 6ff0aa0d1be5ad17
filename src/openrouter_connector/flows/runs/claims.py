"""Take runs from the shared queue: those that this process has a connection and a key for.

Every other run stays queued for a worker that can perform it, and its events say why.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from math import ceil
from time import monotonic
from typing import Any

import sqlalchemy as sa
from dbos._dbos import _get_dbos_instance

from . import database
from .database import database_errors
from .engine import (
    QUEUE_OF,
    ROWS,
    RUN,
    SHARED_QUEUE,
    VERSION,
    Destination,
    Engine,
    destination_of,
)
from .rows.stored import CHUNK
from .run_copies import ID_LENGTH
from .run_records import read_record

ACTIVE = ["PENDING", "ENQUEUED"]
"""The states of a workflow, in DBOS's words, that is not done."""
_KNOWN_FOR = 5.0  # seconds; a connection may be stored or removed at any time
_TOLD = 100  # runs of a destination that get an event
_runs = database.runs
_log = logging.getLogger(__name__)


class Claims:
    """Which runs a worker takes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._refusals: dict[Destination, tuple[float, str]] = {}
        """When a destination was tried, and why it cannot be used; empty if it can."""
        self._logged: set[tuple[Destination, str]] = set()
        self._told: set[str] = set()
        # A private name: DBOS has no call that moves a workflow only if nobody else took it.
        self._system = _get_dbos_instance()._sys_db
        status = self._status = self._system.tables.workflow_status
        self._waiting = (
            status.c.queue_name == SHARED_QUEUE,
            status.c.status == "ENQUEUED",
            status.c.application_version == VERSION,
        )

    def take(self) -> None:
        """Put runs from the shared queue on the queue of this process, as many as it may have."""
        own = sa.func.min(_runs.c.id)
        with database_errors(), self._system.engine.connect() as connection:
            found = sa.select(*_DESTINATION, own).join_from(self._status, _runs, self._is_of_run)
            rows = connection.execute(found.where(*self._waiting).group_by(*_DESTINATION)).all()
        able = [_destination(row) for row in rows if not self._refusal(_destination(row), row[-1])]
        if able:
            self._claim(able, RUN)
            self._claim(able, ROWS)

    def refused_of(self, runs: Iterable[str]) -> set[str]:
        """Return those of these runs that this process cannot perform."""
        with database_errors(), self._system.engine.connect() as connection:
            chosen = sa.select(*_DESTINATION, _runs.c.id).where(_runs.c.id.in_(list(runs)))
            rows = connection.execute(chosen).all()
        return {row.id for row in rows if self._refusal(_destination(row), row.id)}

    @property
    def _is_of_run(self) -> sa.ColumnElement[bool]:
        # The id of a chunk of rows begins with that of its run.
        return sa.func.substr(self._status.c.workflow_uuid, 1, ID_LENGTH) == _runs.c.id

    def _claim(self, able: list[Destination], name: str) -> None:
        """Take workflows of a name: whole runs, or chunks of rows."""
        status, engine = self._status, self._engine
        of_able = sa.or_(*(_is_of(destination) for destination in able))
        with database_errors(), self._system.engine.begin() as connection:
            if connection.dialect.name == "sqlite":
                connection.execute(sa.text("BEGIN IMMEDIATE"))
            elif engine.limits.runs_of_all is not None:
                # Two workers that count at the same time would both take the last place.
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(727002)"))
            chosen = (
                sa.select(status.c.workflow_uuid)
                .join_from(status, _runs, self._is_of_run)
                .where(*self._waiting, of_able, status.c.name == name)
                .order_by(status.c.priority, status.c.created_at)
                .limit(self._places_left(connection, name))
            )
            ids = list(connection.execute(chosen).scalars())
            # Only what still waits: another worker may have taken it in this moment.
            moved = sa.update(status).where(status.c.workflow_uuid.in_(ids), *self._waiting)
            connection.execute(moved.values(queue_name=engine.own_queue))

    def _places_left(self, connection: sa.Connection, name: str) -> int:
        """Return how many runs, or chunks of rows, this process may take more."""
        status, engine = self._status, self._engine
        counted = (
            sa.select(status.c.queue_name, sa.func.count())
            .where(status.c.queue_name.startswith(QUEUE_OF), status.c.name == name)
            .where(status.c.status.in_(ACTIVE))
            .group_by(status.c.queue_name)
        )
        taken = {row[0]: int(row[1]) for row in connection.execute(counted)}
        own = taken.get(engine.own_queue, 0)
        if name == ROWS:
            return max(0, ceil(engine.limits.calls / CHUNK) + 1 - own)
        left = engine.limits.runs - own
        if engine.limits.runs_of_all is not None:
            alive = [n for queue, n in taken.items() if self._is_alive(queue)]
            left = min(left, engine.limits.runs_of_all - sum(alive))
        return max(0, left)

    def _is_alive(self, queue: str) -> bool:
        owner = queue.removeprefix(QUEUE_OF)
        return owner == self._engine.executor or self._engine.locks.is_alive(owner)

    def _refusal(self, destination: Destination, run: str) -> str:
        """Return why a run of this destination cannot be performed here; empty if it can."""
        tried, reason = self._refusals.get(destination, (-_KNOWN_FOR, ""))
        if monotonic() - tried >= _KNOWN_FOR:
            with database_errors(), self._engine.database.connect() as connection:
                record = read_record(connection, run)
            reason = self._engine.refusal_of(record) if record else ""
            self._refusals[destination] = monotonic(), reason
            if reason:
                self._tell(destination, reason)
        return reason

    def _tell(self, destination: Destination, reason: str) -> None:
        """Say it in the log once, and in the events of each run that waits because of it."""
        if (destination, reason) not in self._logged:
            self._logged.add((destination, reason))
            name = f"connection {destination[0]!r}" if destination[0] else destination[1]
            _log.warning("runs of %s are left for another worker: %s", name, reason)
        with database_errors(), self._system.engine.connect() as connection:
            chosen = sa.select(_runs.c.id).join_from(self._status, _runs, self._is_of_run)
            chosen = chosen.where(*self._waiting, _is_of(destination)).limit(_TOLD)
            waiting = set(connection.execute(chosen).scalars())
        for run in waiting - self._told:
            self._engine.journal.add(run, "waiting", reason=reason)
        self._told |= waiting


_DESTINATION = (_runs.c.connection, _runs.c.server, sa.func.coalesce(_runs.c.keyless, 0))


def _destination(row: Any) -> Destination:
    return destination_of(row[0], row[1], keyless=bool(row[2]))


def _is_of(destination: Destination) -> sa.ColumnElement[bool]:
    name, server, keyless = destination
    if keyless:
        return _DESTINATION[2] == 1
    own = _runs.c.connection == name if name else _runs.c.connection.is_(None)
    return sa.and_(own, _runs.c.server == server, _DESTINATION[2] == 0)
