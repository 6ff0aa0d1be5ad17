"""Detect the type of a file by its first bytes: signatures, container brands, audio frames.

The results are extensions, as `media_types` spells them.
"""

from __future__ import annotations

from collections.abc import Callable

HEAD_SIZE = 64 * 1024
"""Bytes at the start of a file that are enough to detect its type."""

_STARTS = {
    b"\x89PNG\r\n\x1a\n": "png",
    b"\xff\xd8\xff": "jpg",
    b"GIF87a": "gif",
    b"GIF89a": "gif",
    b"II*\0": "tiff",
    b"MM\0*": "tiff",
    b"II+\0": "tiff",
    b"8BPS\0": "psd",
    b"\0\0\0\x0cJXL \r\n": "jxl",
    b"\xff\x0a": "jxl",
    b"\0\0\0\x0cjP  \r\n": "jp2",
    b"fLaC": "flac",
    b"#!AMR": "amr",
    b"MThd\0": "mid",
    b"\0\0\x01\xba": "mpeg",
    b"\0\0\x01\xb3": "mpeg",
    b"FLV\x01": "flv",
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11": "wmv",
    b"\x1f\x8b\x08": "gz",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!\x1a\x07": "rar",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "doc",
}
_RIFF_FORMS = {  # by the bytes before and after the size in a RIFF, RF64 or FORM file
    (b"RIFF", b"WEBP"): "webp",
    (b"RIFF", b"WAVE"): "wav",
    (b"RF64", b"WAVE"): "wav",
    (b"RIFF", b"AVI "): "avi",
    (b"FORM", b"AIFF"): "aiff",
    (b"FORM", b"AIFC"): "aiff",
}
_BRANDS = {  # of an ISO media file, such as MP4
    b"avif": "avif",
    b"avis": "avif",
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"), "heic"),
    **dict.fromkeys((b"mif1", b"msf1"), "heif"),
    **dict.fromkeys((b"M4A ", b"M4B ", b"M4P ", b"F4A "), "m4a"),
    b"qt  ": "mov",
}
_ZIP_CONTENTS = {  # a path near the start of a ZIP file
    b"word/": "docx",
    b"xl/": "xlsx",
    b"ppt/": "pptx",
    b"mimetypeapplication/epub+zip": "epub",
    b"mimetypeapplication/vnd.oasis.opendocument.text": "odt",
    b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet": "ods",
    b"mimetypeapplication/vnd.oasis.opendocument.presentation": "odp",
}
_PROLOG = {b"<?xml": b"?>", b"<!--": b"-->", b"<!DOCTYPE svg": b">"}
"""What may come before the first element of an SVG, and how each ends."""
_BITMAP_HEADERS = (12, 40, 52, 56, 64, 108, 124)  # bytes
_BITRATES = {  # kbit/s of an MPEG frame by its index: of MPEG 1, and of MPEG 2 and 2.5
    3: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0),
}
_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}


def detect_extension(head: bytes) -> str | None:
    """Return the extension of a file; None for text and for files without a signature."""
    for detect in _DETECTORS:
        if extension := detect(head):
            return extension
    return None


def _svg_or_pdf(head: bytes) -> str | None:
    """Detect the types whose signature is text, after white space or an XML prolog."""
    rest = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if rest.startswith(b"%PDF-"):
        return "pdf"
    while end := next((end for start, end in _PROLOG.items() if rest.startswith(start)), None):
        rest = rest.partition(end)[2].lstrip()
    return "svg" if rest[:4] == b"<svg" and rest[4:5] in b" \t\r\n>/" else None


def _fixed_start(head: bytes) -> str | None:
    return next((kind for start, kind in _STARTS.items() if head.startswith(start)), None)


def _riff(head: bytes) -> str | None:
    return _RIFF_FORMS.get((head[:4], head[8:12]))


def _iso_media(head: bytes) -> str | None:
    """Detect an ISO media file (MP4, HEIC, 3GP) by its brands, the major one first."""
    if head[4:8] != b"ftyp":
        return None
    size = int.from_bytes(head[:4], "big")
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, min(size, 256), 4))]
    if brands[0] in (b"mif1", b"msf1"):  # means any image; a further brand tells which
        return next(
            (_BRANDS[brand] for brand in brands[1:] if _BRANDS.get(brand, "heif") != "heif"), "heif"
        )
    return "3gp" if brands[0][:2] == b"3g" else _BRANDS.get(brands[0], "mp4")


def _ogg(head: bytes) -> str | None:
    if not head.startswith(b"OggS\0"):
        return None
    return "ogv" if b"\x80theora" in head[:512] else "ogg"


def _matroska(head: bytes) -> str | None:
    if not head.startswith(b"\x1a\x45\xdf\xa3"):
        return None
    return "webm" if b"webm" in head[:64] else "mkv"


def _zip(head: bytes) -> str | None:
    if not head.startswith((b"PK\3\4", b"PK\5\6")):
        return None
    return next((kind for name, kind in _ZIP_CONTENTS.items() if name in head), "zip")


def _bitmap(head: bytes) -> str | None:
    known = int.from_bytes(head[14:18], "little") in _BITMAP_HEADERS
    return "bmp" if head.startswith(b"BM") and known and head[6:10] == b"\0\0\0\0" else None


def _id3(head: bytes) -> str | None:
    """Detect an MP3 by its ID3 tag; an AAC file can start with one too."""
    if not head.startswith(b"ID3") or len(head) < 10 or head[3] > 9 or max(head[6:10]) > 127:
        return None
    size = sum(byte << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
    return "aac" if _adts(head[10 + size :]) else "mp3"


def _mp3(head: bytes) -> str | None:
    """Detect two MPEG frames in a row: the two bytes that start one also occur in raw samples."""
    first = _mpeg_frame(head)
    return "mp3" if first and _mpeg_frame(head[first:]) else None


def _mpeg_frame(head: bytes) -> int:
    """Return the length of an MP3 frame in bytes; 0 for an invalid header."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return 0
    version, rate, bits = head[1] >> 3 & 3, head[2] >> 2 & 3, head[2] >> 4
    if version == 1 or rate == 3:
        return 0
    kilobits = _BITRATES[3 if version == 3 else 2][bits]
    samples = 144 if version == 3 else 72
    return samples * kilobits * 1000 // _RATES[version][rate] + (head[2] >> 1 & 1)


def _adts(head: bytes) -> str | None:
    """Detect two AAC frames in a row."""
    first = _adts_frame(head)
    return "aac" if first and _adts_frame(head[first:]) else None


def _adts_frame(head: bytes) -> int:
    if len(head) < 7 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0 or head[2] >> 2 & 15 > 12:
        return 0
    size = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    return size if size > 7 else 0


def _transport_stream(head: bytes) -> str | None:
    return "mpg" if len(head) > 376 and head[0] == head[188] == head[376] == 0x47 else None


_DETECTORS: tuple[Callable[[bytes], str | None], ...] = (
    _svg_or_pdf, _fixed_start, _riff, _iso_media, _ogg, _matroska, _zip, _bitmap, _id3, _mp3, _adts,
    _transport_stream,
)  # fmt: skip
