"""Whether the file of a picture tells where it was taken: in EXIF, in XMP, or in what holds them.

A block that cannot be read counts as telling: leaving it out harms nobody.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import IO, Literal

from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile

from .file_chunks import png_chunks, webp_chunks

_SEGMENTS = {"APP1", "APP13"}  # EXIF and XMP; what Photoshop tells
_TEXTS = {b"tEXt", b"zTXt", b"iTXt"}
_KEYWORD = 80  # bytes at most, with the zero behind it
_TELLING = re.compile(rb"XML:com\.adobe\.xmp|Raw profile type ", re.IGNORECASE)
_LONGEST_TEXT = 1024 * 1024  # bytes of a text that is unpacked
_XMP_IN_GIF = b"!\xff\x0bXMP DataXMP"
# The entry of the tag 0x8825 in EXIF: one number, which says where the words about the place are.
# Two patterns, since one of both takes ten times as long.
_TAGS: dict[Literal["little", "big"], re.Pattern[bytes]] = {
    "little": re.compile(rb"\x25\x88[\x03\x04\x0d]\x00\x01\x00\x00\x00(.{4})", re.DOTALL),
    "big": re.compile(rb"\x88\x25\x00[\x03\x04\x0d]\x00\x00\x00\x01(.{4})", re.DOTALL),
}
_VERSIONS = {"little": b"\1\0\0\0", "big": b"\0\1\0\0"}
_TIFF = re.compile(rb"II\*\x00|MM\x00\*")


def is_located(content: IO[bytes], image: ImageFile, name: str) -> bool:
    """Tell whether a picture of this format, whose header was read, tells its place."""
    if isinstance(image, JpegImageFile):
        return any(_tells(block) for kind, block in image.applist if kind in _SEGMENTS)
    if name == "PNG":
        return any(_png_tells(content))
    if name == "WebP":
        return any(
            _tells(_read(content, start, end))
            for chunk, start, end in webp_chunks(content)
            if chunk in (b"EXIF", b"XMP ")
        )
    content.seek(0)
    return _gif_tells(content.read())


def _png_tells(content: IO[bytes]) -> Iterator[bool]:
    for name, start, end in png_chunks(content):
        if name == b"eXIf":
            yield _tells(_read(content, start, end))
        elif name in _TEXTS:
            keyword = _read(content, start, min(end, start + _KEYWORD)).partition(b"\0")[0]
            yield b"GPS" in keyword
            if _TELLING.match(keyword):
                yield _text_tells(name, keyword, _read(content, start + len(keyword) + 1, end))


def _text_tells(name: bytes, keyword: bytes, rest: bytes) -> bool:
    """Tell whether a text of a PNG tells a place: XMP, or a block written in hexadecimals."""
    try:
        if name == b"iTXt":
            packed, text = rest[0] == 1, rest[2:].split(b"\0", 2)[2]  # behind two languages
        else:
            packed, text = name == b"zTXt", rest[name == b"zTXt" :]
        if packed:
            unpacking = zlib.decompressobj()
            text = unpacking.decompress(text, _LONGEST_TEXT)
            if not unpacking.eof:
                return True
        if keyword.lower().startswith(b"raw"):
            text = bytes.fromhex(text.split(None, 2)[2].decode())  # behind its kind and length
    except (IndexError, ValueError, zlib.error):
        return True
    return _tells(text)


def _gif_tells(gif: bytes) -> bool:
    """Tell whether XMP does, which lies in a GIF as one run of letters."""
    return any(_tells(behind.partition(b"\0")[0]) for behind in gif.split(_XMP_IN_GIF)[1:])


def _tells(block: bytes) -> bool:
    """Tell whether a block speaks of GPS, by its name or by the tag of EXIF."""
    return b"GPS" in block or b"G\0P\0S" in block or any(_tagged(block))


def _tagged(block: bytes) -> Iterator[bool]:
    """Follow the tag: a camera that did not know its place wrote the version of the words alone."""
    header = _TIFF.search(block)
    start = header.start() if header else 0
    for order, tag in _TAGS.items():
        if found := tag.search(block):
            at = start + int.from_bytes(found[1], order)
            yield block[at : at + 4] != _VERSIONS[order]


def _read(content: IO[bytes], start: int, end: int) -> bytes:
    content.seek(start)
    return content.read(max(0, end - start))
