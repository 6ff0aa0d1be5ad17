"""Prepare an image for a model: unchanged where possible, else upright, smaller, without GPS.

content ──read_header──▶ changes? ──no──▶ the same file
                            └──yes──▶ rewrite, in a thread
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
from .unsupported import UnsupportedImage

_T = TypeVar("_T")

_IN_MEMORY = 1024 * 1024  # bytes; larger files are copied to disk
_LARGE = 24_000_000  # pixels; larger images are decoded one after another
_THREADS = 4  # at most: decoding takes 100 to 300 MB in each of them
TYPES = {
    "JPEG": ("jpg", "image/jpeg"),
    "PNG": ("png", "image/png"),
    "WebP": ("webp", "image/webp"),
    "GIF": ("gif", "image/gif"),
}
_ANY = "application/octet-stream"


async def prepare(file: LoadedFile, longest: int, where: str) -> LoadedFile:
    """Return an image as it will be sent to a model, with its size and changes in `image`.

    Its content decides whether it is a JPEG, PNG, WebP or GIF. An image that is upright, not
    animated and at most `longest` pixels wide and high stays the same file and is not decoded. Any
    other is encoded again, and kept in memory. FileError at `where` when the file is no image,
    damaged or too large.
    """
    with extra("vision", {"PIL"}, "Reading an image"):
        from . import pixels
        from .header import read_header
    try:
        async with open_seekable(file) as content:
            # Read inline: a thread hop costs more than the header of a usual image.
            simple = isinstance(content, BytesIO) and is_simple(content)
            header = read_header(content) if simple else await to_thread(read_header, content)
            size = pixels.fit_size(header.upright, longest)
            type_notes = _wrong_type(file.entry, header.format)
            notes = [*type_notes, *pixels.list_changes(header, size)]
            if notes == type_notes:
                same = content.getvalue() if isinstance(content, BytesIO) else None
                info = ImageInfo(*size, size, tuple(notes))
                return _prepared(file, header.format, info, same)
            work = partial(pixels.rewrite, content, header, size)
            name, rewritten = await run_decoding(work, header.size)
    except UnsupportedImage as error:
        raise FileError(f"{where}: {file.entry.name or 'the file'} {error}", where) from error
    except FileError as error:
        raise FileError(f"{where}: {error.message}", where) from error
    # An opaque PNG that would be too large was rewritten.
    if name == "JPEG" != header.format:
        notes.append("sent as JPEG, which is smaller")
    return _prepared(file, name, ImageInfo(*header.upright, size, tuple(notes)), rewritten)


@asynccontextmanager
async def open_seekable(file: LoadedFile) -> AsyncIterator[IO[bytes]]:
    """Read a file to where Pillow can seek in it: to memory, or to disk if it is large."""
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


async def run_decoding(work: Callable[[], _T], size: tuple[int, int]) -> _T:
    """Run a function that decodes an image of this size in a thread, few at the same time."""
    width, height = size
    # An image of 24 million pixels takes 100 MB as RGBA, and several copies while it is scaled.
    count = 1 if width * height > _LARGE else min(_THREADS, os.cpu_count() or 1)
    return await get_running_loop().run_in_executor(_threads(count), work)


@cache
def _threads(count: int) -> ThreadPoolExecutor:
    # Not the threads of to_thread, where waiting images would block the reading of files. And not
    # a semaphore, which belongs to one event loop.
    return ThreadPoolExecutor(count, "images")


def _prepared(file: LoadedFile, name: str, image: ImageInfo, content: bytes | None) -> LoadedFile:
    """Return the file with its true type, its `image`, and the content if it is in memory."""
    extension, kind = TYPES[name]
    if media_types.mime_type(file.entry.extension) == kind:
        extension = file.entry.extension  # keeps .jpeg
    entry = FileEntry(extension, kind, file.entry.name, file.entry.url)
    if content is None:
        return replace(file, entry=entry, image=image)
    return LoadedFile.of_bytes(entry, content, image=image)


def _wrong_type(entry: FileEntry, name: str) -> list[str]:
    """Return a note if the extension or type of a file is not that of its content."""
    _, kind = TYPES[name]
    if media_types.mime_type(entry.extension) not in (kind, _ANY):
        return [f"its extension is {entry.extension}, but its content is {name}"]
    if entry.mime_type not in (kind, _ANY, "", "image/jpg", "image/*"):
        return [f"its type is {entry.mime_type}, but its content is {name}"]
    return []
