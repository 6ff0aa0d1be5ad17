"""Describe a file that is no supported image: what it is instead."""

from __future__ import annotations

from codecs import getincrementaldecoder

_SUPPORTED = "JPEG, PNG, WebP and GIF are supported"
_STARTS = {
    b"%PDF": "a PDF",
    b"II*\0": "a TIFF image",
    b"MM\0*": "a TIFF image",
    b"BM": "a BMP image",
    b"8BPS": "a Photoshop file",
    b"\0\0\1\0": "an icon (ICO)",
    b"\xff\x0a": "a JPEG XL image",
    b"\0\0\0\x0cJXL ": "a JPEG XL image",
    b"\0\0\0\x0cjP  ": "a JPEG 2000 image",
    b"PK\x03\x04": "a ZIP file",
    b"\x1f\x8b": "a gzip file",
}
_BRANDS = {  # of an ISO media file, which starts with a box named ftyp
    b"heic": "a HEIC image",
    b"heix": "a HEIC image",
    b"mif1": "a HEIF image",
    b"msf1": "a HEIF image",
    b"avif": "an AVIF image",
    b"avis": "an AVIF image",
    b"qt  ": "a video",
}
_TEXTS = {
    "<!doctype html": "an HTML page",
    "<html": "an HTML page",
    "<svg": "an SVG drawing",
    "{": "JSON",
    "[": "JSON",
}


class UnsupportedImage(Exception):
    """An image that cannot be sent. The message continues a sentence that starts with its name."""


def describe_unsupported(head: bytes) -> str:
    """Return what a file is, by its first bytes, and what is supported instead."""
    return f"is {_name(head)}; {_SUPPORTED}"


def _name(head: bytes) -> str:
    if not head:
        return "empty"
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "a video")
    for start, name in _STARTS.items():
        if head.startswith(start):
            return name
    return _text_name(head) or f"not an image (it starts with the bytes {head[:8].hex(' ')})"


def _text_name(head: bytes) -> str | None:
    lower = head.decode("latin-1").lstrip("\xef\xbb\xbf \t\r\n").lower()
    for start, name in _TEXTS.items():
        if lower.startswith(start):
            return name
    if lower.startswith("<?xml"):
        return "an SVG drawing" if "<svg" in lower else "XML"
    try:
        text = getincrementaldecoder("utf-8")().decode(head)  # the last character may be cut
    except UnicodeDecodeError:
        return None
    # Not the text itself: it may be private, and errors are logged.
    return None if "\0" in text else "text"
