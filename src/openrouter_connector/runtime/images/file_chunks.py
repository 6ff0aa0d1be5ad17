"""Walk through the chunks of a PNG or WebP by their names and lengths, without reading pixels."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import SEEK_END, BytesIO
from itertools import islice
from typing import IO

Chunk = tuple[bytes, int, int]
"""The name of a chunk, and where its content starts and ends in the file."""

_SMALL = 256 * 1024  # bytes of a file
_FEW = 100  # chunks or segments: cameras and tools write fewer to a small file
_FEW_COMPRESSED = 3  # chunks: each may become 1 MB when it is decompressed
_COMPRESSED = {b"iCCP", b"zTXt", b"iTXt"}
_SEGMENT = re.compile(
    rb"\xff[\xc0-\xc7\xc9-\xcf\xda-\xef\xfe]"
)  # the markers that are followed by a length
_SCAN = 0xDA  # the marker at which the pixels of a JPEG start


def is_simple(content: BytesIO) -> bool:
    """Return whether a small JPEG, PNG or WebP has few chunks, so that reading its header is fast.

    A thousand chunks, or many compressed ones, take long enough to block the event loop.
    """
    size = content.seek(0, SEEK_END)
    content.seek(0)
    head = content.read(12)
    if size > _SMALL:
        return False
    if head.startswith(b"\x89PNG"):
        return _is_simple_png(content)
    return head.endswith(b"WEBP") or _is_simple_jpeg(content.getvalue())


def png_chunks(content: IO[bytes]) -> Iterator[Chunk]:
    """Yield the chunks of a PNG."""
    size, start = content.seek(0, SEEK_END), 16
    while start <= size:
        content.seek(start - 8)
        length, name = int.from_bytes(content.read(4), "big"), content.read(4)
        yield name, start, min(size, start + length)
        start += length + 12  # skips the checksum, and the next length and name


def webp_chunks(content: IO[bytes]) -> Iterator[Chunk]:
    """Yield the chunks of a WebP."""
    size, start = content.seek(0, SEEK_END), 20
    while start <= size:
        content.seek(start - 8)
        name, length = content.read(4), int.from_bytes(content.read(4), "little")
        yield name, start, min(size, start + length)
        start += length + length % 2 + 8  # RIFF pads chunks to even lengths


def _is_simple_png(content: BytesIO) -> bool:
    names = [name for name, _, _ in islice(png_chunks(content), _FEW)]
    return len(names) < _FEW and sum(name in _COMPRESSED for name in names) <= _FEW_COMPRESSED


def _is_simple_jpeg(jpeg: bytes) -> bool:
    start = 2
    for _ in range(_FEW):
        if not _SEGMENT.match(jpeg, start):
            return False
        if jpeg[start + 1] == _SCAN:
            return True
        start += 2 + int.from_bytes(jpeg[start + 2 : start + 4], "big")
    return False
