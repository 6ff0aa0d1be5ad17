"""Sounds on the disk, where one can seek in them: where they lie, or in a temporary file.

A temporary file has no name, and goes when nobody holds it any more.
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


class Spool:
    """Bytes on disk, written through `file` and then read as often as one likes.

    The disk is given back with the last reference, whatever became of the work in between.
    """

    def __init__(self, folder: Path | None = None, lying: Path | None = None) -> None:
        """Make one in this folder, by default the system's, or read one that is `lying` there.

        OSError when there is no room, or when it cannot be read.
        """
        made = lying.open("rb") if lying else TemporaryFile(dir=folder)  # noqa: SIM115
        self.file: IO[bytes] = made
        finalize(self, _close, self.file)
        self._turn = Lock()

    @classmethod
    async def of(cls, file: LoadedFile, folder: Path | None = None) -> Spool:
        """Give a file: as it lies on this machine, or else copied, piece by piece."""
        # What is in memory is what will be sent, whatever became of the file since.
        if file.path and file.content is None:
            try:
                return await to_thread(cls, lying=file.path)
            except OSError as error:
                why = error.strerror or error
                raise FileError(f"{file.entry.name} cannot be read: {why}") from error
        spool = await to_thread(cls, folder)
        async for chunk in file.open():
            await to_thread(spool.file.write, chunk)
        return spool

    def size(self) -> int:
        """Tell the number of bytes."""
        with self._turn:
            return self.file.seek(0, 2)

    def read(self, start: int, size: int) -> bytes:
        """Give bytes from a place on; several may read at the same time."""
        with self._turn:
            self.file.seek(start)
            return self.file.read(size)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Give all bytes in pieces."""
        start = 0
        while chunk := await to_thread(self.read, start, _CHUNK):
            start += len(chunk)
            yield chunk


@contextmanager
def told(where: str = "") -> Iterator[None]:
    """Say of what goes wrong with a file in which property it came. All is a FileError."""
    try:
        yield
    except FileError as error:
        raise FileError(f"{where}: {error.message}" if where else error.message, where) from error
    except OSError as error:
        why = error.strerror or error
        raise FileError(f"a temporary file cannot be written: {why}", where) from error


def _close(file: IO[bytes]) -> None:
    with suppress(OSError):  # what cannot be flushed any more is not wanted any more
        file.close()
