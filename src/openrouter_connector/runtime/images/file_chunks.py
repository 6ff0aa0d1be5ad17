"""The parts that the file of a picture is made of, by their names and lengths: no pixel is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import SEEK_END, BytesIO
from itertools import islice
from typing import IO

Part = tuple[bytes, int, int]
"""The name of a chunk, and where in the file its content starts and ends."""

_SMALL = 256 * 1024  # bytes of a file
_FEW = 100  # parts: cameras and tools write fewer to a small file
_FEW_PACKED = 3  # each may be 1 MB when it is unpacked
_PACKED = {b"iCCP", b"zTXt", b"iTXt"}
_SEGMENT = re.compile(rb"\xff[\xc0-\xc7\xc9-\xcf\xda-\xef\xfe]")  # these say how long they are
_SCAN = 0xDA  # where the pixels of a JPEG begin


def is_simple(content: BytesIO) -> bool:
    """Tell whether a small JPEG, PNG or WebP is made as usual, so that looking at it is quick.

    To look at a thousand parts, or at many packed ones, takes long.
    """
    size = content.seek(0, SEEK_END)
    content.seek(0)
    head = content.read(12)
    if size > _SMALL:
        return False
    if head.startswith(b"\x89PNG"):
        return _is_simple_png(content)
    return head.endswith(b"WEBP") or _is_simple_jpeg(content.getvalue())


def png_chunks(content: IO[bytes]) -> Iterator[Part]:
    """Walk through a PNG."""
    size, start = content.seek(0, SEEK_END), 16
    while start <= size:
        content.seek(start - 8)
        length, name = int.from_bytes(content.read(4), "big"), content.read(4)
        yield name, start, min(size, start + length)
        start += length + 12  # behind a checksum, and the next length and name


def webp_chunks(content: IO[bytes]) -> Iterator[Part]:
    """Walk through a WebP."""
    size, start = content.seek(0, SEEK_END), 20
    while start <= size:
        content.seek(start - 8)
        name, length = content.read(4), int.from_bytes(content.read(4), "little")
        yield name, start, min(size, start + length)
        start += length + length % 2 + 8


def _is_simple_png(content: BytesIO) -> bool:
    names = [name for name, _, _ in islice(png_chunks(content), _FEW)]
    return len(names) < _FEW and sum(name in _PACKED for name in names) <= _FEW_PACKED


def _is_simple_jpeg(jpeg: bytes) -> bool:
    start = 2
    for _ in range(_FEW):
        if not _SEGMENT.match(jpeg, start):
            return False
        if jpeg[start + 1] == _SCAN:
            return True
        start += 2 + int.from_bytes(jpeg[start + 2 : start + 4], "big")
    return False
