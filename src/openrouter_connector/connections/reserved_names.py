"""Reserve the name of a connection while its key is created, across threads and processes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import InputError, Problem
from . import private_files


@contextmanager
def reserved_name(file: Path, name: str) -> Iterator[None]:
    """Hold a name, by a lock on `file`, until the end of the block; never wait for it.

    InputError at `name` if somebody else holds it. The system frees the name of a process that
    crashed. FileError if the file cannot be written.
    """
    handle = _locked(file)
    if handle is None:
        message = f"a connection {name!r} is being created right now; choose another name"
        raise InputError([Problem("name", message)])
    try:
        yield
    finally:
        # Before the lock ends: afterwards it may be somebody else's. Windows keeps open files.
        with suppress(OSError):
            file.unlink()
        os.close(handle)


def _locked(file: Path) -> int | None:
    """Open and lock a file, and return its handle; None if it is locked."""
    while True:
        handle = private_files.open_lock(file)
        try:
            _lock_now(handle)
        except (BlockingIOError, PermissionError):
            os.close(handle)
            return None
        except OSError:
            return handle  # some cluster file systems have no locks; refusing would be worse
        if _is_file(handle, file):
            return handle
        os.close(handle)  # whoever held the name has removed the file meanwhile


def _is_file(handle: int, file: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), file.stat())
    except FileNotFoundError:
        return False


if sys.platform == "win32":

    def _lock_now(handle: int) -> None:
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:

    def _lock_now(handle: int) -> None:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
