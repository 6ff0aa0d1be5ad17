"""Reading a file in pieces, beside the event loop."""

from __future__ import annotations

import errno
import os
from asyncio import CancelledError, Future, ensure_future, shield, to_thread
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from stat import S_ISREG
from typing import IO

SMALL = 256 * 1024  # bytes, up to which a file is read when it is looked at
_CHUNK = 3 * 256 * 1024  # bytes; a multiple of 3, as base64 has it


async def pieces(
    opened: Callable[[], IO[bytes]], start: int = 0, size: int | None = None
) -> AsyncGenerator[bytes]:
    """Read a file in pieces; a small one in a single trip to another thread."""
    beginning = ensure_future(to_thread(_begun, opened, start, _piece(size)))
    try:
        chunk, file = await shield(beginning)
    except CancelledError:
        beginning.add_done_callback(_closed)
        raise
    if file is None:
        if chunk:
            yield chunk
        return
    with file:
        while chunk:
            yield chunk
            size = size - len(chunk) if size is not None else None
            chunk = await to_thread(file.read, _piece(size))


def regular_file(path: Path) -> IO[bytes]:
    """Open a file to read it. FileNotFoundError for a link, a pipe, a device or a folder."""
    if not S_ISREG(path.lstat().st_mode):
        raise FileNotFoundError(errno.ENOENT, "it is no regular file")
    # Somebody may put a link or a pipe there meanwhile.
    flags = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    handle = os.open(path, os.O_RDONLY | flags)
    if not S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise FileNotFoundError(errno.ENOENT, "it is no regular file")
    return os.fdopen(handle, "rb")


def readable(path: Path) -> tuple[int | None, bytes | None]:
    """Give the size of a file that can be read, and the content of a small one.

    None, None for what is no file, such as a pipe.
    """
    if not path.is_file():
        return None, None
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        content = file.read(SMALL + 1) if size <= SMALL else b""
        # What grows meanwhile is read like any large file.
        return size, content if size <= SMALL and len(content) <= SMALL else None


def _begun(
    opened: Callable[[], IO[bytes]], start: int, most: int
) -> tuple[bytes, IO[bytes] | None]:
    """Open a file and read its first piece; close it again when that is all of it."""
    file = opened()
    try:
        if start:  # a pipe cannot even seek to where it stands
            file.seek(start)
        chunk = file.read(most)
    except BaseException:
        file.close()
        raise
    if len(chunk) < most:
        file.close()
        return chunk, None
    return chunk, file


def _closed(beginning: Future[tuple[bytes, IO[bytes] | None]]) -> None:
    """Close a file that was opened for somebody who has been cancelled meanwhile."""
    if (
        not beginning.cancelled()
        and beginning.exception() is None
        and (file := beginning.result()[1])
    ):
        file.close()


def _piece(left: int | None) -> int:
    return _CHUNK if left is None else min(_CHUNK, left)
