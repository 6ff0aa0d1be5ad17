"""Write to the database in groups: what is submitted while a transaction runs shares the next one.

A hundred rows that begin at the same time cost one commit, not a hundred. Each caller waits until
its own write is committed.
"""

from __future__ import annotations

import logging
import threading
from asyncio import wrap_future
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from time import monotonic, sleep
from typing import Any, TypeVar

import sqlalchemy as sa
from dbos._utils import retriable_postgres_exception

from ...errors import DatabaseError
from .database import BUSY, database_errors, is_busy, is_full
from .disk_reserve import Reserve

T = TypeVar("T")

_LATER = 0.02  # seconds
_PATIENCE = 60.0  # seconds for a server to come back, or for a lock to be released
_log = logging.getLogger(__name__)

_Waiting = tuple["Write", "Future[Any]"]

Write = Callable[[sa.Connection], Any]


class GroupWriter:
    """One thread that writes for all event loops of this process."""

    def __init__(self, engine: sa.Engine, reserve: Reserve) -> None:
        self._engine = engine
        self._reserve = reserve
        self._urgent: deque[_Waiting] = deque()
        self._waiting: deque[_Waiting] = deque()
        self._arrived = threading.Condition()
        self._closed = False
        self._oldest = 0.0
        """When the first of those that wait was submitted."""
        self._soon = False
        """Whether somebody waits for a write that is not urgent."""
        self._thread = threading.Thread(target=self._work, name="runs-writer", daemon=True)
        self._thread.start()

    async def write(self, work: Callable[[sa.Connection], T], *, urgent: bool = False) -> T:
        """Run `work` in a transaction, and return what it returns once that is committed.

        Writes are made in the order of their submission; an `urgent` one goes before those that
        wait. `work` may run twice, since a group that fails is tried again one by one.
        DatabaseError if the database refuses it.
        """
        return await wrap_future(self._submit(work, urgent=urgent, soon=True))

    def write_later(self, work: Callable[[sa.Connection], T]) -> Future[T]:
        """Add `work` to a later transaction, within `_LATER` seconds, and return at once.

        For what is lost with little harm.
        """
        return self._submit(work, urgent=False, soon=False)

    def check_space(self) -> None:
        """Raise DatabaseError while the disk is full, so that only answers are still written."""
        if not self._reserve.is_back():
            raise DatabaseError("the disk of the database of runs is full; nothing more was sent")

    async def flush(self) -> None:
        """Wait until all that was submitted before is committed."""
        await self.write(lambda _: None)

    def close(self) -> None:
        """Write what was submitted, and stop."""
        with self._arrived:
            self._closed = True
            self._arrived.notify()
        self._thread.join()

    def _submit(self, work: Callable[[sa.Connection], T], *, urgent: bool, soon: bool) -> Future[T]:
        done: Future[T] = Future()
        with self._arrived:
            if self._closed:
                raise RuntimeError("the database of runs is closed")
            if urgent:
                self._urgent.append((work, done))
            else:
                self._oldest = self._oldest if self._waiting else monotonic()
                self._waiting.append((work, done))
                self._soon = self._soon or soon
            self._arrived.notify()
        return done

    def _work(self) -> None:
        while group := self._next_group():
            try:
                results = self._patiently([work for work, _ in group])
            except Exception as error:
                # One of them is refused: the others must not fail with it.
                for work, done in group:
                    self._alone(work, done, waits=not is_busy(error))
                continue
            for (_, done), result in zip(group, results, strict=True):
                _settle(done, result)

    def _next_group(self) -> list[_Waiting]:
        """Wait for the next writes that share a transaction; none when all is closed."""
        with self._arrived:
            while not (self._urgent or self._soon or self._closed):
                left = self._oldest + _LATER - monotonic() if self._waiting else None
                if left is not None and left <= 0:
                    break
                self._arrived.wait(left)
            if self._urgent:
                group, self._urgent = list(self._urgent), deque()
                return group
            group, self._waiting, self._soon = list(self._waiting), deque(), False
            return group

    def _patiently(self, group: list[Write]) -> list[Any]:
        """Write a group: into the reserve of a full disk, or once a lock or a server is free."""
        until, pause = monotonic() + _PATIENCE, 0.1
        while True:
            try:
                return self._together(group)
            except Exception as error:
                if is_full(error) and self._reserve.give_up():
                    _log.warning("the disk of the database of runs is full; nothing more is sent")
                    continue
                may_pass = is_busy(error) or retriable_postgres_exception(error)
                if not may_pass or monotonic() > until or self._closed:
                    raise
                if pause > 1 or is_busy(error):
                    _log.warning("the database of runs is locked or not reachable; waiting for it")
            sleep(pause)
            pause = min(2 * pause, 5.0)

    def _together(self, group: list[Write], *, waits: bool = True) -> list[Any]:
        with self._engine.connect() as connection:
            if not waits:
                _set_busy_timeout(connection, 50)
            try:
                with connection.begin():
                    return [work(connection) for work in group]
            finally:
                if not waits:
                    _set_busy_timeout(connection, BUSY)

    def _alone(self, work: Write, done: Future[Any], *, waits: bool) -> None:
        try:
            with database_errors():
                [result] = self._together([work], waits=waits)
        except Exception as error:
            with suppress(InvalidStateError):
                done.set_exception(error)
        else:
            _settle(done, result)


def _set_busy_timeout(connection: sa.Connection, milliseconds: int) -> None:
    connection.exec_driver_sql(f"PRAGMA busy_timeout={milliseconds}")
    connection.commit()


def _settle(done: Future[Any], result: Any) -> None:
    # A caller that was cancelled does not wait any more; its write is made all the same.
    with suppress(InvalidStateError):
        done.set_result(result)
