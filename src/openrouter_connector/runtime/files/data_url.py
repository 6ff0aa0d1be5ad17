"""Decode `data:` URLs (RFC 2397), and the base64 in them as people and programs really write it."""

from __future__ import annotations

from binascii import Error as Base64Error
from urllib.parse import unquote_to_bytes

from pybase64 import b64decode

from ...errors import FileError

_SPACE = b" \t\r\n\f\v"
_URL_SAFE = bytes.maketrans(b"-_", b"+/")


def decode_data_url(url: str) -> bytes:
    """Return the bytes of a `data:` URL. Raises FileError."""
    head, comma, data = url.partition(",")
    try:
        if not comma:
            raise ValueError(url)
        raw = unquote_to_bytes(data)
        return decode_base64(raw) if _is_base64(head) else raw
    except (ValueError, Base64Error) as error:
        raise FileError("the data: URL is invalid") from error


def decode_base64(text: bytes) -> bytes:
    """Decode base64 of either alphabet, with or without line breaks and padding.

    Raises ValueError.
    """
    # Browsers write the standard alphabet, tokens and some SDKs the one for URLs.
    digits = text.translate(_URL_SAFE, _SPACE).rstrip(b"=")
    return b64decode(digits + b"=" * (-len(digits) % 4), validate=True)


def _is_base64(head: str) -> bool:
    return head.rpartition(";")[2].strip().lower() == "base64"
