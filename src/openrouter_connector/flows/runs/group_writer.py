"""Write to the database in groups: what is submitted while a transaction runs shares the next one.

A hundred rows that begin at the same time cost one commit, not a hundred. Each caller waits until
its own write is committed.
"""

from __future__ import annotations

import threading
from asyncio import wrap_future
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

import sqlalchemy as sa

from .database import database_errors

T = TypeVar("T")

_LATER = 0.05  # seconds

Write = Callable[[sa.Connection], Any]


class GroupWriter:
    """One thread that writes for all event loops of this process."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._waiting: deque[tuple[Write, Future[Any]]] = deque()
        self._arrived = threading.Condition()
        self._closed = False
        self._soon = False
        self._thread = threading.Thread(target=self._work, name="runs-writer", daemon=True)
        self._thread.start()

    async def write(self, work: Callable[[sa.Connection], T]) -> T:
        """Run `work` in a transaction, and return what it returns once that is committed.

        `work` may run twice, since a group that fails is tried again one by one. DatabaseError if
        the database refuses it.
        """
        return await wrap_future(self.submit(work))

    def submit(self, work: Callable[[sa.Connection], T], *, soon: bool = True) -> Future[T]:
        """Add `work` to the next transaction, and return at once.

        Without `soon` it waits for another write to share a transaction with, up to `_LATER`
        seconds: for what is lost with little harm.
        """
        done: Future[T] = Future()
        with self._arrived:
            if self._closed:
                raise RuntimeError("the database of runs is closed")
            self._waiting.append((work, done))
            self._soon = self._soon or soon
            if soon or len(self._waiting) == 1:
                self._arrived.notify()
        return done

    async def flush(self) -> None:
        """Wait until all that was submitted before is committed."""
        await self.write(lambda _: None)

    def close(self) -> None:
        """Write what was submitted, and stop."""
        with self._arrived:
            self._closed = True
            self._arrived.notify()
        self._thread.join()

    def _work(self) -> None:
        while True:
            with self._arrived:
                while not self._waiting and not self._closed:
                    self._arrived.wait()
                if not self._soon and not self._closed:
                    self._arrived.wait_for(lambda: self._soon or self._closed, _LATER)
                self._soon = False
                group = list(self._waiting)
                self._waiting.clear()
            if not group:
                return
            try:
                results = self._together([work for work, _ in group])
            except Exception:
                # One of them is refused: the others must not fail with it.
                for work, done in group:
                    self._alone(work, done)
                continue
            for (_, done), result in zip(group, results, strict=True):
                _settle(done, result)

    def _together(self, group: list[Write]) -> list[Any]:
        with self._engine.begin() as connection:
            return [work(connection) for work in group]

    def _alone(self, work: Write, done: Future[Any]) -> None:
        try:
            with database_errors():
                [result] = self._together([work])
        except Exception as error:
            if not done.cancelled():
                done.set_exception(error)
        else:
            _settle(done, result)


def _settle(done: Future[Any], result: Any) -> None:
    # A caller that was cancelled does not wait any more; its write is made all the same.
    if not done.cancelled():
        done.set_result(result)
