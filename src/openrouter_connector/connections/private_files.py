"""Read and write small files that only their owner can read; writes are atomic."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from ..errors import FileError

_MAX_SIZE = 1024 * 1024  # bytes


def write(file: Path, content: bytes) -> None:
    """Write a file atomically, mode 0600 in a folder of 0700; raise FileError if that fails."""
    with _file_errors(file):
        _make_private_folder(file.parent)
        # A new file is renamed into place: a crash leaves the old content or the new, never half.
        with NamedTemporaryFile(dir=file.parent, prefix=".", suffix=".tmp", delete=False) as new:
            try:
                new.write(content)
                new.flush()
                # Without it a crash of the machine may leave an empty file under the right name.
                os.fsync(new.fileno())
                new.close()
                Path(new.name).replace(file)
            except BaseException:
                Path(new.name).unlink(missing_ok=True)
                raise


def read(file: Path, largest: int = _MAX_SIZE) -> bytes:
    """Read a small file; raise OSError if it is unreadable, too large or not a regular file."""
    status = file.stat()
    if not stat.S_ISREG(status.st_mode):  # reading from a pipe or a device may never end
        raise OSError(errno.EINVAL, "it is not a file")
    if status.st_size > largest:
        raise OSError(errno.EFBIG, "it is too large")
    return file.read_bytes()


def keep_aside(file: Path) -> Path:
    """Rename a file to an unused name, `work.json.kept-1`, and return that name."""
    with _file_errors(file):
        number = 1
        while os.path.lexists(backup := file.with_name(f"{file.name}.kept-{number}")):
            number += 1
        return file.rename(backup)


def remove(file: Path) -> None:
    """Delete a file if it exists."""
    with _file_errors(file):
        # A folder in its place may hold somebody's data, so it is only renamed.
        if file.is_dir() and not file.is_symlink():
            keep_aside(file)
        else:
            file.unlink(missing_ok=True)


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Hold an exclusive lock on a folder, across threads and processes."""
    lock = open_lock(folder / ".lock")  # not a connection's file, which a rename replaces
    try:
        # Some cluster file systems have no locks. Refusing to work there would be worse.
        with suppress(OSError):
            _lock(lock)
        yield
    finally:
        os.close(lock)


def open_lock(file: Path) -> int:
    """Open a file for locking, and create it if it is missing; FileError if that fails."""
    with _file_errors(file):
        _make_private_folder(file.parent)
        return os.open(file, os.O_RDWR | os.O_CREAT, 0o600)


def readable_by_others(file: Path) -> bool:
    """Return whether the mode of a file lets anybody but its owner read or change it."""
    return os.name == "posix" and bool(file.stat().st_mode & 0o077)


def _make_private_folder(folder: Path) -> None:
    if not folder.is_dir():
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)


if sys.platform == "win32":

    def _lock(handle: int) -> None:
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_LOCK, 1)

else:

    def _lock(handle: int) -> None:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX)


@contextmanager
def _file_errors(file: Path) -> Iterator[None]:
    """Turn an OSError into a FileError that names the file."""
    try:
        yield
    except OSError as error:
        raise FileError(f"{file} cannot be written: {error.strerror or error}") from error
