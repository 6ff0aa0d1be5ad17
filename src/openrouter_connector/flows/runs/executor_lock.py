"""Whether a process that performs runs is alive: each holds a lock that its death releases.

SQLite: a lock on a file beside the database. PostgreSQL: an advisory lock of a session.
"""

from __future__ import annotations

import math
import os
import secrets
import socket
import sys
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from threading import Event, Thread
from time import monotonic

import sqlalchemy as sa

from ...errors import DatabaseError
from .database import KEEPALIVES, database_errors
from .disk_reserve import Reserve

_PING = 1.0  # seconds between two looks whether the session that holds the lock lives


def new_executor_id() -> str:
    """Return an id that no other process has: two with one id would pay the same step twice."""
    return f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(4)}"


class ExecutorLocks:
    """The locks of all processes that use one database."""

    def __init__(self, engine: sa.Engine, reserve: Reserve) -> None:
        """Use a database; the lock file on its disk also holds the reserve."""
        self._engine = engine
        self._reserve = reserve
        self._session: sa.Connection | None = None
        self._keeper: Thread | None = None
        self._released = Event()
        self._renewed = -math.inf
        self._file: int | None = None
        self._own: Path | None = None

    def hold(self, executor: str) -> None:
        """Take the lock of this process, until it ends or `release` is called.

        DatabaseError if the server or the folder of the database refuses it.
        """
        if self._engine.dialect.name == "postgresql":
            with database_errors():
                self._take_session(executor)
            self._keeper = Thread(target=self._keep, args=(executor,), name="runs-lock")
            self._keeper.daemon = True
            self._keeper.start()
            return
        self._own = self._path(executor)
        try:
            self._own.parent.mkdir(mode=0o700, exist_ok=True)
            self._file = _held(self._own)
            self._reserve.open(self._file)
            for path in self._own.parent.iterdir():
                _is_held(path)  # which removes those of processes that ended
        except OSError as error:
            message = f"{self._own.parent} cannot be written: {error.strerror}"
            raise DatabaseError(f"the database of runs cannot be used: {message}") from error

    def was_renewed(self, within: float) -> bool:
        """Return whether the lock was lost and taken anew in the last seconds.

        PostgreSQL was restarted then, and other processes may not have their locks back yet.
        """
        return monotonic() - self._renewed < within

    def release(self) -> None:
        """Release the lock of this process."""
        self._released.set()
        if self._keeper:
            self._keeper.join(2 * _PING)
        self._drop_session()
        if self._file is not None and self._own is not None:
            self._reserve.close()
            os.close(self._file)
            self._file = None
            with suppress(OSError):  # a folder that is gone, or cannot be written any more
                self._own.unlink(missing_ok=True)

    def is_alive(self, executor: str) -> bool:
        """Return whether the process of this id lives."""
        if self._engine.dialect.name == "postgresql":
            with database_errors(), self._engine.connect() as connection:
                found = connection.execute(
                    sa.text("SELECT pg_try_advisory_xact_lock(:key)"), _key(executor)
                )
                return not found.scalar()
        return _is_held(self._path(executor))

    def _keep(self, executor: str) -> None:
        """Take the lock again whenever the server was restarted."""
        while not self._released.wait(_PING):
            try:
                if self._session is None:
                    self._take_session(executor)
                    self._renewed = monotonic() if self._session else self._renewed
                else:
                    self._session.execute(sa.text("SELECT 1"))
            except sa.exc.SQLAlchemyError:
                self._drop_session()

    def _take_session(self, executor: str) -> None:
        session = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._session = session
        for name, value in KEEPALIVES.items():
            # So that the server notices when the machine of this process is gone.
            session.execute(sa.text(f"SET tcp_{name} = {value}"))
        locked = session.execute(sa.text("SELECT pg_try_advisory_lock(:key)"), _key(executor))
        if not locked.scalar():  # the server has not noticed yet that the last session is gone
            self._drop_session()

    def _drop_session(self) -> None:
        if self._session is not None:
            # Not back into the pool, where the session and its lock would live on.
            self._session.invalidate()
            self._session.close()
            self._session = None

    def _path(self, executor: str) -> Path:
        folder = Path(f"{self._engine.url.database}.executors")
        return folder / sha256(executor.encode()).hexdigest()[:32]


def _held(path: Path) -> int:
    """Create a file and lock it; return its handle."""
    while True:
        handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        # Who looks for dead processes may have locked or removed it in this moment.
        if _try_lock(handle) and _is_at(handle, path):
            return handle
        os.close(handle)


def _is_at(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def _is_held(path: Path) -> bool:
    """Return whether a process holds the lock of a file; else remove the file."""
    try:
        handle = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        if not _try_lock(handle):
            return True
        path.unlink(missing_ok=True)
        return False
    finally:
        os.close(handle)


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
