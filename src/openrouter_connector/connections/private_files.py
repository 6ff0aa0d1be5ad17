"""Files that only their owner can read, and that are there whole or not at all."""

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

_LARGEST = 1024 * 1024  # bytes


def write(file: Path, content: bytes) -> None:
    """Put a file in its place, 0600 in a folder of 0700; FileError when that cannot be done."""
    with _told(file):
        _own_folder(file.parent)
        with NamedTemporaryFile(dir=file.parent, prefix=".", suffix=".tmp", delete=False) as new:
            try:
                new.write(content)
                new.flush()
                os.fsync(new.fileno())
                new.close()
                Path(new.name).replace(file)
            except BaseException:
                Path(new.name).unlink(missing_ok=True)
                raise


def read(file: Path) -> bytes:
    """Read a small file; OSError for what cannot be read, is no file or too large to be ours."""
    found = file.stat()
    if not stat.S_ISREG(found.st_mode):  # to read from a pipe or a device may never end
        raise OSError(errno.EINVAL, "it is not a file")
    if found.st_size > _LARGEST:
        raise OSError(errno.EFBIG, "it is too large")
    return file.read_bytes()


def keep_aside(file: Path) -> Path:
    """Keep a file under a name that nobody has yet, `work.json.kept-1`, and give that name."""
    with _told(file):
        number = 1
        while os.path.lexists(kept := file.with_name(f"{file.name}.kept-{number}")):
            number += 1
        return file.rename(kept)


def remove(file: Path) -> None:
    """Take a file away, if it is there; a folder in its place, which may hold more, is kept."""
    with _told(file):
        if file.is_dir() and not file.is_symlink():
            keep_aside(file)
        else:
            file.unlink(missing_ok=True)


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Let no other thread or process into this block for the same folder at the same time."""
    with _told(folder):
        _own_folder(folder)
        lock = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        # Some file systems of clusters know no locks; there, two at once are left to luck.
        with suppress(OSError):
            _lock(lock)
        yield
    finally:
        os.close(lock)


def readable_by_others(file: Path) -> bool:
    """Tell whether the rights of a file let others than its owner read or change it."""
    return os.name == "posix" and bool(file.stat().st_mode & 0o077)


def _own_folder(folder: Path) -> None:
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
def _told(file: Path) -> Iterator[None]:
    """Say what the disk would not do as an error of ours."""
    try:
        yield
    except OSError as error:
        raise FileError(f"{file} cannot be written: {error.strerror or error}") from error
