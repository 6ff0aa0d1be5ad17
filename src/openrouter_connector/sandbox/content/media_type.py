"""Detect the media type of a file from its bytes, as the API does: names are not trusted."""

from __future__ import annotations

import io
import json
import zipfile

OPEN_XML = "application/vnd.openxmlformats-officedocument"
MAGIC = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"ID3": "audio/mpeg",
    b"\xff\xfb": "audio/mpeg",
    b"\xff\xf3": "audio/mpeg",
    b"fLaC": "audio/flac",
    b"OggS": "audio/ogg",
}
RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}
OFFICE = {
    "word/": f"{OPEN_XML}.wordprocessingml.document",
    "xl/": f"{OPEN_XML}.spreadsheetml.sheet",
    "ppt/": f"{OPEN_XML}.presentationml.presentation",
}


def media_type(data: bytes) -> str | None:
    """Return the type of a PDF, an image, an office document, audio or text; else None."""
    for magic, kind in MAGIC.items():
        if data.startswith(magic):
            return kind
    if data.startswith(b"RIFF"):
        return RIFF.get(data[8:12])
    if data.startswith(b"PK\x03\x04"):
        return _office_type(data)
    try:
        text = data.decode()
    except ValueError:
        return None
    # Binary data can be valid UTF-8 by chance, but hardly without a zero byte.
    return None if "\x00" in text else _text_type(text)


def _office_type(data: bytes) -> str | None:
    try:
        # An office document is a zip file; the folders in it tell which kind.
        names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    except zipfile.BadZipFile:
        return None
    return next(
        (kind for start, kind in OFFICE.items() for n in names if n.startswith(start)), None
    )


def _text_type(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    if text.lstrip().startswith(("{", "[")):
        if _is_json(text):
            return "application/json"
        if all(map(_is_json, lines)):
            return "application/x-ndjson"
    commas = {line.count(",") for line in lines}
    if len(lines) > 1 and len(commas) == 1 and commas != {0}:
        return "text/csv"
    marked = any(line.startswith(("# ", "## ", "```", "- ", "* ")) for line in lines)
    return "text/markdown" if marked else "text/plain"


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
