"""Audio on disk, where FFmpeg can seek in it: the original file, or a temporary copy.

A temporary file has no name, so the system deletes it with its process, also a killed one.
"""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from threading import Lock
from typing import IO
from weakref import finalize

from ...errors import FileError
from ...values import LoadedFile

_CHUNK = 256 * 1024


class SeekableFile:
    """A file on disk, written through `file` and then read any number of times.

    It is closed with the last reference to it, so that an abandoned one needs no clean-up.
    """

    def __init__(self, folder: Path | None = None, existing: Path | None = None) -> None:
        """Create a temporary file, by default in the system's folder, or open an `existing` one.

        Raises OSError.
        """
        opened = existing.open("rb") if existing else TemporaryFile(dir=folder)  # noqa: SIM115
        self.file: IO[bytes] = opened
        finalize(self, _close, self.file)
        self._lock = Lock()

    @classmethod
    async def of(cls, file: LoadedFile, folder: Path | None = None) -> SeekableFile:
        """Open a file where it is on this machine, or else a temporary copy of it."""
        # Bytes in memory are what will be sent, even if the file has changed since.
        if file.path and file.content is None:
            try:
                return await to_thread(cls, existing=file.path)
            except OSError as error:
                reason = error.strerror or error
                raise FileError(f"{file.entry.name} cannot be read: {reason}") from error
        # FFmpeg seeks back and forth, which an upload or a bucket cannot.
        copy = await to_thread(cls, folder)
        async for chunk in file.open():
            await to_thread(copy.file.write, chunk)
        return copy

    def size(self) -> int:
        """Return the number of bytes."""
        with self._lock:
            return self.file.seek(0, 2)

    def read(self, start: int, size: int) -> bytes:
        """Return bytes from a position on. Several threads may read at the same time."""
        with self._lock:
            self.file.seek(start)
            return self.file.read(size)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield all bytes in chunks."""
        start = 0
        while chunk := await to_thread(self.read, start, _CHUNK):
            start += len(chunk)
            yield chunk


@contextmanager
def as_file_errors(where: str = "") -> Iterator[None]:
    """Turn every failure with a file into a FileError at the property `where`."""
    try:
        yield
    except FileError as error:
        raise FileError(f"{where}: {error.message}" if where else error.message, where) from error
    except OSError as error:
        reason = error.strerror or error
        raise FileError(f"a temporary file cannot be written: {reason}", where) from error


def _close(file: IO[bytes]) -> None:
    with suppress(OSError):  # closing flushes; the bytes of an abandoned file do not matter
        file.close()
