"""Files while they are written: hidden until they are complete, deleted when they are abandoned.

A file is locked while it is written. So another process that sweeps the folder can tell it from a
file that a killed process left behind.
"""

from __future__ import annotations

import errno
import os
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from tempfile import mkstemp
from threading import Lock
from time import time

try:
    import fcntl
except ImportError:  # Windows, which never deletes an open file
    fcntl = None  # type: ignore[assignment]

PREFIX = ".incoming-"
LARGEST_IN_MEMORY = 8 * 1024 * 1024  # bytes
_YOUNG, _OLD = 60.0, 86_400.0  # seconds since the last write
_CHUNK = 1024 * 1024


class UnfinishedFile:
    """A file on disk while it is written. Its methods block, so they run in threads.

    `discard` may be called at any time. If another thread is creating the file or writing to it
    then, that thread deletes the file when it is done.
    """

    def __init__(self, folder: Path) -> None:
        """Write to this folder; `open` creates the file."""
        self.folder = folder
        self.path: Path | None = None
        self.size = 0
        self._handle: int | None = None
        self._lock = Lock()
        self._discarded = False

    def open(self) -> None:
        """Create the file. Raises OSError."""
        with self._exclusive():
            while True:
                self._handle, path = mkstemp(prefix=PREFIX, dir=self.folder)
                self.path = Path(path)
                # The lock tells a sweep of another process that this file is not abandoned.
                _lock(self._handle, wait=True)
                if self.path.exists():  # a sweep may have deleted it before the lock
                    return
                self._remove()

    def write(self, chunk: bytes, offset: int | None = None) -> None:
        """Append bytes, or overwrite bytes at an offset. After an OSError `size` is unchanged."""
        with self._exclusive() as handle:
            os.lseek(handle, self.size if offset is None else offset, os.SEEK_SET)
            # A write may take only a part of the bytes, on a pipe or a nearly full disk.
            rest = memoryview(chunk)
            while rest:
                rest = rest[os.write(handle, rest) :]
            self.size += len(chunk) if offset is None else 0

    def read(self, start: int, size: int) -> bytes:
        """Read back bytes that were written."""
        with self._exclusive() as handle:
            os.lseek(handle, start, os.SEEK_SET)
            return os.read(handle, size)

    def keep(self, name: str) -> str:
        """Rename the finished file, replacing an older one of that name, and return its URL."""
        with self._exclusive() as handle:
            assert self.path  # noqa: S101 - it is open
            os.close(os.dup(handle))  # a network disk reports only at close that it is full
            os.close(handle)
            self._handle = None
            target = self.folder / name
            self.path.replace(target)
            self.path = None
            return f"{self.folder.as_uri()}/{name}"

    def discard(self) -> None:
        """Delete the file, unless `keep` has finished it."""
        self._discarded = True
        if self._lock.acquire(blocking=False):
            try:
                self._remove()
            finally:
                self._lock.release()

    @contextmanager
    def _exclusive(self) -> Iterator[int]:
        try:
            with self._lock:
                if self._discarded:
                    raise OSError(errno.ECANCELED, "discarded")
                yield -1 if self._handle is None else self._handle
        finally:
            if self._discarded:  # while this thread held the lock, so `discard` left it to us
                self.discard()

    def _remove(self) -> None:
        handle, path = self._handle, self.path
        self._handle = self.path = None
        with suppress(OSError):
            if handle is not None:
                os.close(handle)
        with suppress(OSError):
            if path is not None:
                path.unlink()


class MemoryFile:
    """A small file in memory that becomes a `data:` URL: the last resort when no disk works."""

    def __init__(self) -> None:
        """Start empty."""
        self._content = bytearray()

    @property
    def size(self) -> int:
        """The number of bytes."""
        return len(self._content)

    def open(self) -> None:
        """Do nothing."""

    def write(self, chunk: bytes, offset: int | None = None) -> None:
        """Append bytes, or overwrite bytes at an offset. OSError when the file gets too large."""
        start = self.size if offset is None else offset
        if start + len(chunk) > LARGEST_IN_MEMORY:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        self._content[start : start + len(chunk)] = chunk

    def read(self, start: int, size: int) -> bytes:
        """Read back bytes that were written."""
        return bytes(self._content[start : start + size])

    def keep(self, name: str) -> str:
        """Return a `data:` URL without a type, which the caller adds."""
        return f"data:;base64,{b64encode(self._content).decode()}"

    def discard(self) -> None:
        """Free the memory."""
        self._content.clear()


def digest(file: UnfinishedFile | MemoryFile) -> str:
    """Return the first 32 hexadecimal digits of the SHA-256 of a file's content."""
    hasher, start = sha256(), 0
    while chunk := file.read(start, _CHUNK):
        hasher.update(chunk)
        start += len(chunk)
    return hasher.hexdigest()[:32]


def copy(old: UnfinishedFile | MemoryFile | None, new: UnfinishedFile | MemoryFile) -> None:
    """Create the file `new` with the bytes written to `old` so far. Raises OSError."""
    new.open()
    while old and new.size < old.size:
        chunk = old.read(new.size, min(_CHUNK, old.size - new.size))
        if not chunk:
            raise OSError(errno.EIO, "the bytes written so far cannot be read back")
        new.write(chunk)


def sweep(folder: Path) -> None:
    """Delete the unfinished files of killed processes from a folder, but no file in use."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(PREFIX) and entry.is_file(follow_symlinks=False):
                with suppress(OSError):
                    _sweep(Path(entry.path))


def _sweep(path: Path) -> None:
    age = time() - path.lstat().st_mtime
    if age < _YOUNG:  # its writer may not have locked it yet
        return
    handle = os.open(path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
    try:
        locked = _lock(handle, wait=False)
        if fcntl and (locked or (locked is None and age > _OLD)):
            path.unlink()
    finally:
        os.close(handle)
    if not fcntl and age > _OLD:
        path.unlink()


def _lock(handle: int, *, wait: bool) -> bool | None:
    """Lock an open file; False when another process holds the lock, None without file locks."""
    if fcntl is None:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True
