"""Remove the metadata segments of a JPEG without decoding its pixels."""

from __future__ import annotations

import re

# Without the codes that occur among the pixels: a zero after 0xFF, restart markers, fill bytes.
_MARKER = re.compile(rb"\xff[\x02-\xcf\xd8-\xfe]")
_METADATA = (0xE1, 0xED)  # APP1: EXIF and XMP; APP13 of Photoshop, which may contain both
_MORE_IMAGES = (0xE2, b"MPF\0")  # the index of images after the end, with metadata of their own
_END = 0xD9


def strip_metadata(jpeg: bytes) -> bytes | None:
    """Return a JPEG without EXIF, XMP and IPTC, and without the bytes after its end.

    None when the JPEG has no end marker.
    """
    cleaned, position = bytearray(jpeg[:2]), 2
    while found := _MARKER.search(jpeg, position):
        cleaned += jpeg[position : found.start()]
        position, kind = found.start(), jpeg[found.start() + 1]
        if kind == _END:
            return bytes(cleaned) + found.group()
        end = position + 2 + int.from_bytes(jpeg[position + 2 : position + 4], "big")
        if kind not in _METADATA and (kind, jpeg[position + 4 : position + 8]) != _MORE_IMAGES:
            cleaned += jpeg[position:end]
        position = end
    return None
