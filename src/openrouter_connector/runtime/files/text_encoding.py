"""Detect the encoding of a text, and whether bytes are text at all."""

from __future__ import annotations

import codecs
from re import compile

ENCODING_NAMES = {
    "utf-16": "UTF-16",
    "utf-32": "UTF-32",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "cp1252": "Windows-1252",
}
"""How messages call the encodings other than UTF-8."""

# Control characters that no text contains. ESC is not among them: logs use it for colours.
_BINARY = compile("[\0-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark is the start of this one
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def is_plain_text(content: bytes, *, cut: bool = False) -> bool:
    """Return whether bytes are plain text. With `cut` they may end inside a character."""
    decoder = codecs.getincrementaldecoder(detect_encoding(content))()
    try:
        text = decoder.decode(content, final=not cut)
    except UnicodeDecodeError:
        return False
    return bool(text) and not _BINARY.search(text)


def detect_encoding(content: bytes) -> str:
    """Return the encoding of a text; UTF-8 when no other one is certain."""
    for mark, marked in _BYTE_ORDER_MARKS.items():
        if content.startswith(mark):
            return marked
    if encoding := _utf16_without_mark(content):
        return encoding
    try:
        codecs.getincrementaldecoder("utf-8")().decode(content)
    except UnicodeDecodeError:
        return "cp1252" if _is_western(content) else "utf-8"
    return "utf-8"


def _utf16_without_mark(content: bytes) -> str | None:
    """Return the kind of UTF-16, in which one byte of most characters is zero; else None."""
    low, high = content[:4096:2].count(0), content[1:4096:2].count(0)
    pairs = min(len(content), 4096) // 2
    if pairs < 2 or max(low, high) < pairs * 0.6 or min(low, high) > pairs * 0.05:
        return None
    return "utf-16-be" if low > high else "utf-16-le"


def _is_western(content: bytes) -> bool:
    """Return whether bytes are Latin letters, with not too many accents and signs among them.

    Almost any bytes decode as Windows-1252, so a share of ASCII letters is required.
    """
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError:
        return False
    accented = len(content.translate(None, bytes(range(128))))
    return not _BINARY.search(text) and accented <= 2 + (len(content) - accented) * 0.5
