"""Reading a file in pieces, beside the event loop."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import AsyncIterator, Callable
from typing import IO

_CHUNK = 3 * 256 * 1024  # bytes; a multiple of 3, as base64 has it


async def pieces(
    opened: Callable[[], IO[bytes]], start: int = 0, size: int | None = None
) -> AsyncIterator[bytes]:
    """Read a file in pieces; a small one in a single trip to another thread."""
    chunk, file = await to_thread(_begun, opened, start, _piece(size))
    if file is None:
        if chunk:
            yield chunk
        return
    with file:
        while chunk:
            yield chunk
            size = size - len(chunk) if size is not None else None
            chunk = await to_thread(file.read, _piece(size))


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


def _piece(left: int | None) -> int:
    return _CHUNK if left is None else min(_CHUNK, left)
