"""Whether a process that performs runs is alive: each holds a lock that its death releases.

SQLite: a lock on a file beside the database. PostgreSQL: an advisory lock of a session.
"""

from __future__ import annotations

import os
import secrets
import socket
import sys
from hashlib import sha256
from pathlib import Path

import sqlalchemy as sa

from .database import database_errors


def new_executor_id() -> str:
    """Return an id that no other process has: two with one id would pay the same step twice."""
    return f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(4)}"


class ExecutorLocks:
    """The locks of all processes that use one database."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._session: sa.Connection | None = None
        self._file: int | None = None

    def hold(self, executor: str) -> None:
        """Take the lock of this process, until it ends or `release` is called."""
        if self._engine.dialect.name == "postgresql":
            with database_errors():
                self._session = self._engine.connect().execution_options(
                    isolation_level="AUTOCOMMIT"
                )
                self._session.execute(sa.text("SELECT pg_advisory_lock(:key)"), _key(executor))
            return
        self._file = os.open(self._path(executor), os.O_CREAT | os.O_RDWR, 0o600)
        if not _try_lock(self._file):
            raise RuntimeError(f"the lock of {executor} is taken")

    def keep(self, executor: str) -> None:
        """Take the lock of this process again, if the server was restarted meanwhile."""
        if self._engine.dialect.name != "postgresql":
            return
        try:
            if self._session is not None:
                self._session.execute(sa.text("SELECT 1"))
                return
        except sa.exc.SQLAlchemyError:
            self.release()
        self.hold(executor)

    def release(self) -> None:
        """Release the lock of this process."""
        if self._session is not None:
            # Not back into the pool, where the session and its lock would live on.
            self._session.invalidate()
            self._session.close()
            self._session = None
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def is_alive(self, executor: str) -> bool:
        """Return whether the process of this id lives."""
        if self._engine.dialect.name == "postgresql":
            with self._engine.connect() as connection:
                found = connection.execute(
                    sa.text("SELECT pg_try_advisory_xact_lock(:key)"), _key(executor)
                )
                return not found.scalar()
        try:
            handle = os.open(self._path(executor), os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            if not _try_lock(handle):
                return True
            self._path(executor).unlink(missing_ok=True)
            return False
        finally:
            os.close(handle)

    def _path(self, executor: str) -> Path:
        folder = Path(f"{self._engine.url.database}.executors")
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder / sha256(executor.encode()).hexdigest()[:32]


def _key(executor: str) -> dict[str, int]:
    return {"key": int.from_bytes(sha256(executor.encode()).digest()[:8], signed=True)}


def _try_lock(handle: int) -> bool:
    """Lock an open file, and return whether that was possible."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
