"""Detect whether the metadata of an image contains a place (GPS), in EXIF or in XMP.

Metadata that cannot be read counts as a place, since removing it does no harm.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import IO, Literal

from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile

from .file_chunks import png_chunks, webp_chunks

_SEGMENTS = {"APP1", "APP13"}  # EXIF and XMP; metadata of Photoshop
_TEXT_CHUNKS = {b"tEXt", b"zTXt", b"iTXt"}
_KEYWORD_SIZE = 80  # bytes at most, with the zero after it
_METADATA_KEYWORDS = re.compile(rb"XML:com\.adobe\.xmp|Raw profile type ", re.IGNORECASE)
_LONGEST_TEXT = 1024 * 1024  # bytes of a decompressed text; more counts as unreadable
_XMP_IN_GIF = b"!\xff\x0bXMP DataXMP"
# The EXIF entry 0x8825: one number, the offset of the entries about the place. There are two
# patterns, because one for both byte orders takes ten times as long.
_TAGS: dict[Literal["little", "big"], re.Pattern[bytes]] = {
    "little": re.compile(rb"\x25\x88[\x03\x04\x0d]\x00\x01\x00\x00\x00(.{4})", re.DOTALL),
    "big": re.compile(rb"\x88\x25\x00[\x03\x04\x0d]\x00\x00\x00\x01(.{4})", re.DOTALL),
}
_VERSIONS = {"little": b"\1\0\0\0", "big": b"\0\1\0\0"}
_TIFF = re.compile(rb"II\*\x00|MM\x00\*")


def has_gps(content: IO[bytes], image: ImageFile, name: str) -> bool:
    """Return whether an image of the format `name`, whose header was read, contains its place."""
    if isinstance(image, JpegImageFile):
        return any(_block_has_gps(block) for kind, block in image.applist if kind in _SEGMENTS)
    if name == "PNG":
        return any(_png_blocks(content))
    if name == "WebP":
        return any(
            _block_has_gps(_read(content, start, end))
            for chunk, start, end in webp_chunks(content)
            if chunk in (b"EXIF", b"XMP ")
        )
    content.seek(0)
    return _gif_has_gps(content.read())


def _png_blocks(content: IO[bytes]) -> Iterator[bool]:
    for name, start, end in png_chunks(content):
        if name == b"eXIf":
            yield _block_has_gps(_read(content, start, end))
        elif name in _TEXT_CHUNKS:
            keyword = _read(content, start, min(end, start + _KEYWORD_SIZE)).partition(b"\0")[0]
            yield b"GPS" in keyword
            if _METADATA_KEYWORDS.match(keyword):
                yield _text_has_gps(name, keyword, _read(content, start + len(keyword) + 1, end))


def _text_has_gps(name: bytes, keyword: bytes, rest: bytes) -> bool:
    """Return whether a text chunk of a PNG contains a place: as XMP, or as a hexadecimal block."""
    try:
        if name == b"iTXt":
            compressed, text = (
                rest[0] == 1,
                rest[2:].split(b"\0", 2)[2],
            )  # after two language fields
        else:
            compressed, text = name == b"zTXt", rest[name == b"zTXt" :]
        if compressed:
            decompressor = zlib.decompressobj()
            text = decompressor.decompress(text, _LONGEST_TEXT)
            if not decompressor.eof:
                return True
        if keyword.lower().startswith(b"raw"):
            text = bytes.fromhex(text.split(None, 2)[2].decode())  # after its kind and length
    except (IndexError, ValueError, zlib.error):
        return True
    return _block_has_gps(text)


def _gif_has_gps(gif: bytes) -> bool:
    """Return whether the XMP of a GIF contains a place. It is stored as one run of text."""
    blocks = (after.partition(b"\0")[0] for after in gif.split(_XMP_IN_GIF)[1:])
    return any(map(_block_has_gps, blocks))


def _block_has_gps(block: bytes) -> bool:
    """Return whether a metadata block names GPS, or has the EXIF entry for it."""
    return b"GPS" in block or b"G\0P\0S" in block or any(_exif_places(block))


def _exif_places(block: bytes) -> Iterator[bool]:
    """Yield whether each GPS entry has a place: a camera without GPS writes only a version."""
    header = _TIFF.search(block)
    start = header.start() if header else 0
    for order, tag in _TAGS.items():
        if found := tag.search(block):
            offset = start + int.from_bytes(found[1], order)
            yield block[offset : offset + 4] != _VERSIONS[order]


def _read(content: IO[bytes], start: int, end: int) -> bytes:
    content.seek(start)
    return content.read(max(0, end - start))
