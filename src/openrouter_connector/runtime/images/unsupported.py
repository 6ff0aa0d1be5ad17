"""Why a file cannot be shown to a model, and what it is instead of a picture."""

from __future__ import annotations

from codecs import getincrementaldecoder

_TAKEN = "JPEG, PNG, WebP and GIF are taken"
_STARTS = {
    b"%PDF": "a PDF",
    b"II*\0": "a TIFF picture",
    b"MM\0*": "a TIFF picture",
    b"BM": "a BMP picture",
    b"8BPS": "a Photoshop file",
    b"\0\0\1\0": "an icon (ICO)",
    b"\xff\x0a": "a JPEG XL picture",
    b"\0\0\0\x0cJXL ": "a JPEG XL picture",
    b"\0\0\0\x0cjP  ": "a JPEG 2000 picture",
    b"PK\x03\x04": "a ZIP file",
    b"\x1f\x8b": "a gzip file",
}
_BRANDS = {  # of the files that begin with a box called ftyp
    b"heic": "a HEIC picture",
    b"heix": "a HEIC picture",
    b"mif1": "a HEIF picture",
    b"msf1": "a HEIF picture",
    b"avif": "an AVIF picture",
    b"avis": "an AVIF picture",
    b"qt  ": "a film",
}
_TEXTS = {
    "<!doctype html": "an HTML page",
    "<html": "an HTML page",
    "<svg": "an SVG drawing",
    "{": "JSON",
    "[": "JSON",
}


class UnfitError(Exception):
    """What is wrong with a picture, in words that follow its name."""


def refusal(head: bytes) -> str:
    """Say what a file is by its first bytes, when it is no picture that is taken."""
    return f"is {_named(head)}; {_TAKEN}"


def _named(head: bytes) -> str:
    if not head:
        return "empty"
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "a film")
    for start, name in _STARTS.items():
        if head.startswith(start):
            return name
    return _named_text(head) or f"no picture (it starts with the bytes {head[:8].hex(' ')})"


def _named_text(head: bytes) -> str | None:
    lower = head.decode("latin-1").lstrip("\xef\xbb\xbf \t\r\n").lower()
    for start, name in _TEXTS.items():
        if lower.startswith(start):
            return name
    if lower.startswith("<?xml"):
        return "an SVG drawing" if "<svg" in lower else "XML"
    try:
        text = getincrementaldecoder("utf-8")().decode(head)  # the last letter may be cut
    except UnicodeDecodeError:
        return None
    return f"text ({' '.join(text.split())[:40]!r})" if "\0" not in text else None
