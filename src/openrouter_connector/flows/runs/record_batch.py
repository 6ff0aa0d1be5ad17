"""Collect records of one kind, and write those that arrive together with one statement."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from threading import Lock
from typing import Generic, TypeVar

import sqlalchemy as sa

from .group_writer import GroupWriter

R = TypeVar("R")
"""What is known of a record once it is written."""

Record = dict[str, object]
WriteRecords = Callable[[sa.Connection, list[Record]], Sequence[R]]
Then = Callable[[R | None], None]
_Records = list[tuple[Record, "Then[R] | None"]]


class RecordBatch(Generic[R]):
    """Records that wait for the next transaction which is not urgent."""

    def __init__(self, writer: GroupWriter, write: WriteRecords[R]) -> None:
        """`write` writes several records, and returns a result for each."""
        self._writer = writer
        self._write_rows = write
        self._open: _Records[R] | None = None
        self._lock = Lock()

    def add(self, row: Record, then: Then[R] | None = None) -> None:
        """Write a record soon; call `then` with its result, or None if the database refused it."""
        with self._lock:
            if self._open is not None:
                self._open.append((row, then))
                return
            batch: _Records[R] = [(row, then)]
            self._open = batch
        done = self._writer.write_later(partial(self._write, batch))
        done.add_done_callback(partial(self._tell, batch))

    def _write(self, batch: _Records[R], connection: sa.Connection) -> Sequence[R]:
        with self._lock:
            if self._open is batch:
                self._open = None  # what comes from now on is in the next batch
        return self._write_rows(connection, [row for row, _ in batch])

    def _tell(self, batch: _Records[R], done: Future[Sequence[R]]) -> None:
        with self._lock:
            if self._open is batch:
                self._open = None  # no transaction could begin: nothing may be added to it
        results = [None] * len(batch) if done.exception() else done.result()
        for (_, then), result in zip(batch, results, strict=True):
            if then:
                then(result)
