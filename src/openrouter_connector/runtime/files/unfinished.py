"""Files that are being written: invisible until they are whole, and gone when they are given up.

A file is locked while it is written, so that a sweep of another process can tell it from one that
a killed process left behind.
"""

from __future__ import annotations

import errno
import os
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from stat import S_ISDIR
from tempfile import gettempdir, mkstemp
from threading import Lock
from time import time

try:
    import fcntl
except ImportError:  # Windows, which does not delete what is open
    fcntl = None  # type: ignore[assignment]

PREFIX = ".incoming-"
LARGEST_IN_MEMORY = 8 * 1024 * 1024  # bytes
_YOUNG, _OLD = 60.0, 86_400.0  # seconds
_CHUNK = 1024 * 1024


class Incoming:
    """A file on disk that is being written. Its methods block, so they run in threads.

    `discard` may be called at any time, also while another thread creates the file or writes to it:
    that thread then removes the file.
    """

    def __init__(self, folder: Path) -> None:
        """Use this folder; `open` creates the file in it."""
        self.folder = folder
        self.path: Path | None = None
        self.size = 0
        self._handle: int | None = None
        self._lock = Lock()
        self._discarded = False

    def open(self) -> None:
        """Create the file. OSError when that is impossible."""
        with self._turn():
            while True:
                self._handle, path = mkstemp(prefix=PREFIX, dir=self.folder)
                self.path = Path(path)
                _lock(self._handle, wait=True)
                if self.path.exists():  # a sweep may have come before the lock
                    return
                self._remove()

    def write(self, chunk: bytes, at: int | None = None) -> None:
        """Append bytes, or overwrite those at a place. OSError leaves `size` as it was."""
        with self._turn() as handle:
            os.lseek(handle, self.size if at is None else at, os.SEEK_SET)
            rest = memoryview(chunk)
            while rest:
                rest = rest[os.write(handle, rest) :]
            self.size += len(chunk) if at is None else 0

    def read(self, start: int, size: int) -> bytes:
        """Read bytes that were written."""
        with self._turn() as handle:
            os.lseek(handle, start, os.SEEK_SET)
            return os.read(handle, size)

    def keep(self, name: str) -> str:
        """Give the file its name in the folder, also when that is taken, and return its URL."""
        with self._turn() as handle:
            assert self.path  # noqa: S101 - it is open
            os.close(os.dup(handle))  # a network disk says only here that it is full
            os.close(handle)
            self._handle = None
            target = self.folder / name
            self.path.replace(target)
            self.path = None
            return f"{self.folder.as_uri()}/{name}"

    def discard(self) -> None:
        """Delete the file, unless it has been kept."""
        self._discarded = True
        if self._lock.acquire(blocking=False):
            try:
                self._remove()
            finally:
                self._lock.release()

    @contextmanager
    def _turn(self) -> Iterator[int]:
        try:
            with self._lock:
                if self._discarded:
                    raise OSError(errno.ECANCELED, "given up")
                yield -1 if self._handle is None else self._handle
        finally:
            if self._discarded:  # meanwhile, so that `discard` could not remove it
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


class InMemory:
    """The last resort, with the methods of `Incoming`: bytes that become a `data:` URL."""

    def __init__(self) -> None:
        """Start empty."""
        self._content = bytearray()

    @property
    def size(self) -> int:
        """The number of bytes."""
        return len(self._content)

    def open(self) -> None:
        """Do nothing."""

    def write(self, chunk: bytes, at: int | None = None) -> None:
        """Append bytes, or overwrite those at a place. OSError when they are too many."""
        start = self.size if at is None else at
        if start + len(chunk) > LARGEST_IN_MEMORY:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        self._content[start : start + len(chunk)] = chunk

    def read(self, start: int, size: int) -> bytes:
        """Read bytes that were written."""
        return bytes(self._content[start : start + size])

    def keep(self, name: str) -> str:
        """Return a `data:` URL, without a type: the file's entry has it."""
        return f"data:;base64,{b64encode(self._content).decode()}"

    def discard(self) -> None:
        """Free the memory."""
        self._content.clear()


def digest(file: Incoming | InMemory) -> str:
    """Return the SHA-256 of a file's content, shortened to 32 digits."""
    found, start = sha256(), 0
    while chunk := file.read(start, _CHUNK):
        found.update(chunk)
        start += len(chunk)
    return found.hexdigest()[:32]


def copy(old: Incoming | InMemory | None, new: Incoming | InMemory) -> None:
    """Create a new file with what was written of an old one. OSError when that is impossible."""
    new.open()
    while old and new.size < old.size:
        chunk = old.read(new.size, min(_CHUNK, old.size - new.size))
        if not chunk:
            raise OSError(errno.EIO, "what was written cannot be read again")
        new.write(chunk)


def sweep(folder: Path) -> None:
    """Delete the files that killed processes left unfinished in a folder; never one in use."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(PREFIX) and entry.is_file(follow_symlinks=False):
                with suppress(OSError):
                    _sweep(Path(entry.path))


def temporary_folder() -> Path:
    """Make this user's own folder for temporary files. OSError when there is none that is safe."""
    folder = temporary_path()
    folder.mkdir(mode=0o700, exist_ok=True)
    if not is_own(folder):
        raise PermissionError(errno.EPERM, f"{folder} belongs to somebody else")
    return folder


def temporary_path() -> Path:
    """Return where the folder for temporary files is, or would be."""
    user = f"-{os.getuid()}" if hasattr(os, "getuid") else ""
    return Path(gettempdir(), f"openrouter-connector{user}")


def is_own(folder: Path) -> bool:
    """Tell whether a folder is this user's alone: others can write to the system's folder too."""
    try:
        seen = folder.lstat()
    except OSError:
        return False
    if not S_ISDIR(seen.st_mode):
        return False
    return not hasattr(os, "getuid") or (seen.st_uid, seen.st_mode & 0o077) == (os.getuid(), 0)


def _sweep(path: Path) -> None:
    age = time() - path.lstat().st_mtime
    if age < _YOUNG:
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
    """Lock an open file; False when another process has it, None where there are no locks."""
    if fcntl is None:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True
