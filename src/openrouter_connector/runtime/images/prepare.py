"""A picture made ready for a model: as it is where it can be, else upright, smaller, plain.

content ──look──▶ changes? ──no──▶ the same file
                     └──yes──▶ rewritten, one thread a picture
"""

from __future__ import annotations

import os
from asyncio import get_running_loop, to_thread
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import cache, partial
from io import BytesIO
from tempfile import TemporaryFile
from typing import IO, TypeVar

from ...errors import FileError
from ...values import FileEntry, ImageInfo, LoadedFile
from ..files import media_types
from ..optional import extra
from .file_chunks import is_simple
from .unsupported import UnfitError

_T = TypeVar("_T")

_IN_MEMORY = 1024 * 1024  # bytes of a file, above which its content waits on the disk
_LARGE = 24_000_000  # pixels, above which pictures are decoded one after another
_THREADS = 4  # at most; each of them holds 100 to 300 MB then
TYPES = {
    "JPEG": ("jpg", "image/jpeg"),
    "PNG": ("png", "image/png"),
    "WebP": ("webp", "image/webp"),
    "GIF": ("gif", "image/gif"),
}
_ANY = "application/octet-stream"


async def prepare(file: LoadedFile, longest: int, where: str) -> LoadedFile:
    """Make a picture ready to be shown to a model, and tell what it is in `image`.

    Its content decides whether it is a JPEG, PNG, WebP or GIF. One that is upright, still and at
    most `longest` pixels wide and high stays the same file and is not decoded. Any other is held
    in memory, written anew. FileError at `where` when it is no picture, damaged or too large.
    """
    with extra("vision", {"PIL"}, "Looking at a picture"):
        from . import pixels
        from .header import look
    try:
        async with spooled(file) as content:
            # To look at a usual picture takes less than another thread does to be asked.
            simple = isinstance(content, BytesIO) and is_simple(content)
            seen = look(content) if simple else await to_thread(look, content)
            size = pixels.fitted(seen.upright, longest)
            called = _miscalled(file.entry, seen.format)
            notes = [*called, *pixels.changes(seen, size)]
            if notes == called:
                held = content.getvalue() if isinstance(content, BytesIO) else None
                return _known(file, seen.format, ImageInfo(*size, size, tuple(notes)), held)
            work = partial(pixels.rewritten, content, seen, size)
            name, written = await decoding(work, seen.size)
    except UnfitError as error:
        raise FileError(f"{where}: {file.entry.name or 'the file'} {error}", where) from error
    except FileError as error:
        raise FileError(f"{where}: {error.message}", where) from error
    if name == "JPEG" != seen.format:
        notes.append("sent as a JPEG, which is smaller")
    return _known(file, name, ImageInfo(*seen.upright, size, tuple(notes)), written)


@asynccontextmanager
async def spooled(file: LoadedFile) -> AsyncIterator[IO[bytes]]:
    """Read a file once, to where one can seek in it: in memory, or on the disk if it is large."""
    if file.content is not None:
        yield BytesIO(file.content)
        return
    small = file.size <= _IN_MEMORY
    try:
        with BytesIO() if small else TemporaryFile() as content:
            async for chunk in file.open():
                if small:
                    content.write(chunk)
                else:
                    await to_thread(content.write, chunk)
            yield content
    except OSError as error:
        raise FileError(f"a temporary file cannot be written: {error.strerror or error}") from error


async def decoding(work: Callable[[], _T], size: tuple[int, int]) -> _T:
    """Do what decodes a picture of this size beside the event loop, few at the same time."""
    width, height = size
    count = 1 if width * height > _LARGE else min(_THREADS, os.cpu_count() or 1)
    return await get_running_loop().run_in_executor(_threads(count), work)


@cache
def _threads(count: int) -> ThreadPoolExecutor:
    # Not those of to_thread: there, waiting pictures would keep files from being read. And a
    # semaphore would belong to one event loop.
    return ThreadPoolExecutor(count, "pictures")


def _known(file: LoadedFile, name: str, image: ImageInfo, content: bytes | None) -> LoadedFile:
    """Give a file with its true type, what is known of its picture, and what was read of it."""
    extension, kind = TYPES[name]
    if media_types.mime_type(file.entry.extension) == kind:
        extension = file.entry.extension  # .jpeg is one as well
    entry = FileEntry(extension, kind, file.entry.name, file.entry.url)
    if content is None:
        return replace(file, entry=entry, image=image)
    return LoadedFile.of_bytes(entry, content, image=image)


def _miscalled(entry: FileEntry, name: str) -> list[str]:
    """Say what else a file is called, if it is."""
    _, kind = TYPES[name]
    if media_types.mime_type(entry.extension) not in (kind, _ANY):
        return [f"its name says {entry.extension}, and its content is {name}"]
    if entry.mime_type not in (kind, _ANY, "", "image/jpg", "image/*"):
        return [f"its type says {entry.mime_type}, and its content is {name}"]
    return []
