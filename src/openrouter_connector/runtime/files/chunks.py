"""Read a file in chunks without blocking the event loop."""

from __future__ import annotations

import errno
import os
from asyncio import CancelledError, Future, ensure_future, shield, to_thread
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from stat import S_ISREG
from typing import IO

SMALL_FILE = 256 * 1024  # bytes, up to which the content is read when the file is opened
_CHUNK = 3 * 256 * 1024  # bytes; a multiple of 3, so that base64 of the chunks can be joined


async def read_chunks(
    opener: Callable[[], IO[bytes]], start: int = 0, size: int | None = None
) -> AsyncGenerator[bytes]:
    """Yield a file in chunks. A small file takes a single call to another thread."""
    opening = ensure_future(to_thread(_open_and_read, opener, start, _next_size(size)))
    try:
        chunk, file = await shield(opening)
    except CancelledError:
        # The thread goes on, and would leave the file open.
        opening.add_done_callback(_close)
        raise
    if file is None:
        if chunk:
            yield chunk
        return
    with file:
        while chunk:
            yield chunk
            size = size - len(chunk) if size is not None else None
            chunk = await to_thread(file.read, _next_size(size))


def open_regular_file(path: Path) -> IO[bytes]:
    """Open a file to read it. FileNotFoundError for a link, a pipe, a device or a folder."""
    if not S_ISREG(path.lstat().st_mode):
        raise FileNotFoundError(errno.ENOENT, "not a regular file")
    # Checked again on the open file: it may have been replaced by a link or a pipe meanwhile.
    flags = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    handle = os.open(path, os.O_RDONLY | flags)
    if not S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise FileNotFoundError(errno.ENOENT, "not a regular file")
    return os.fdopen(handle, "rb")


def read_small_file(path: Path) -> tuple[int | None, bytes | None]:
    """Return the size of a file, and its content if it is small. Raises OSError.

    Returns None, None for a pipe and anything else that is not a file.
    """
    if not path.is_file():
        return None, None
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        content = file.read(SMALL_FILE + 1) if size <= SMALL_FILE else b""
        # A file that grew meanwhile is read in chunks, like any large one.
        return size, content if size <= SMALL_FILE and len(content) <= SMALL_FILE else None


def _open_and_read(
    opener: Callable[[], IO[bytes]], start: int, limit: int
) -> tuple[bytes, IO[bytes] | None]:
    """Open a file and read its first chunk; close it when that is the whole file."""
    file = opener()
    try:
        if start:  # a pipe cannot seek, not even to its own position
            file.seek(start)
        chunk = file.read(limit)
    except BaseException:
        file.close()
        raise
    if len(chunk) < limit:
        file.close()
        return chunk, None
    return chunk, file


def _close(opening: Future[tuple[bytes, IO[bytes] | None]]) -> None:
    """Close a file that was opened for a caller who was cancelled meanwhile."""
    if not opening.cancelled() and opening.exception() is None and (file := opening.result()[1]):
        file.close()


def _next_size(left: int | None) -> int:
    return _CHUNK if left is None else min(_CHUNK, left)
