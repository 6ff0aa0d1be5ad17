"""A JPEG by the segments it is made of, some of which are left out; its pixels are not touched."""

from __future__ import annotations

import re

# Not the bytes that stand within the pixels: a zero behind 0xFF, a restart, a filling.
_MARKER = re.compile(rb"\xff[\x02-\xcf\xd8-\xfe]")
_TOLD = (0xE1, 0xED)  # EXIF and XMP; what Photoshop adds, which may hold them as well
_FURTHER_PICTURES = (0xE2, b"MPF\0")  # which lie behind the end, and say for themselves where
_END = 0xD9


def without_told(jpeg: bytes) -> bytes | None:
    """Leave out what is told of a picture (EXIF, XMP, IPTC), and what lies behind its end.

    None when the picture has no end.
    """
    kept, at = bytearray(jpeg[:2]), 2
    while found := _MARKER.search(jpeg, at):
        kept += jpeg[at : found.start()]
        at, kind = found.start(), jpeg[found.start() + 1]
        if kind == _END:
            return bytes(kept) + found.group()
        end = at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if kind not in _TOLD and (kind, jpeg[at + 4 : at + 8]) != _FURTHER_PICTURES:
            kept += jpeg[at:end]
        at = end
    return None
