"""The header of a WAV file, and the format of raw samples that a server sends without one."""

from __future__ import annotations

import struct
from email.message import Message
from re import fullmatch

from ...definition.model import Pcm
from ...values import Json


def wav_header(pcm: Pcm, size: int) -> bytes:
    """Return the 44 bytes that turn `size` bytes of samples into a WAV file (RIFF, format 1)."""
    frame = pcm.channels * pcm.width
    form = struct.pack("<HHIIHH", 1, pcm.channels, pcm.rate, pcm.rate * frame, frame, pcm.width * 8)
    return (
        struct.pack("<4sI4s4sI", b"RIFF", 36 + size, b"WAVE", b"fmt ", len(form))
        + form
        + struct.pack("<4sI", b"data", size)
    )


def pcm_format(content_type: str, default: Pcm | None) -> Pcm | None:
    """Return the format of raw samples: `default`, overridden by `audio/L16;rate=24000`.

    RFC 2586 puts the high byte of L16 first, but the servers that send speech as L16 put the low
    byte first. So the byte order stays that of a WAV file.
    """
    if default is None:
        return None
    header = Message()
    header["Content-Type"] = content_type
    bits = fullmatch(r"l(8|16|24|32)", header.get_content_subtype())
    rate, channels = (_count(header.get_param(name)) for name in ("rate", "channels"))
    found = {"rate": rate, "channels": channels, "width": int(bits[1]) // 8 if bits else None}
    return default.model_copy(update={key: value for key, value in found.items() if value})


def _count(value: Json) -> int | None:
    """Parse a parameter of a MIME type; None for a number that does not fit a WAV header."""
    text = value if isinstance(value, str) else ""
    return int(text) if fullmatch(r"[1-9]\d{0,5}", text) else None
