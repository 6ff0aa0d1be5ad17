"""A text that travels inside its own audio, so that any sandbox can give it back.

In mp3 it is a frame of the ID3 tag, which players pass over; in PCM it is in the lowest bit of
the first samples, which nobody hears and a WAV header leaves alone.
"""

from __future__ import annotations

import struct
import zlib
from array import array

MAGIC = b"ORSB"
HEADER = struct.Struct(">4sII")
NAME = b"openrouter-connector sandbox speech"


def into_samples(samples: array[int], text: str) -> array[int]:
    """Write the text into the lowest bits of 16-bit samples, and lengthen them if need be."""
    data = text.encode()
    payload = HEADER.pack(MAGIC, len(data), zlib.crc32(data)) + data
    samples.extend([0] * (len(payload) * 8 - len(samples)))
    for place, bit in enumerate(f"{int.from_bytes(payload):0{len(payload) * 8}b}"):
        samples[place] = samples[place] & ~1 | (bit == "1")
    return samples


def from_samples(pcm: bytes) -> str | None:
    """Read the text out of 16-bit little-endian samples; None when there is none."""
    head = _bytes_at(pcm, 0, HEADER.size)
    if len(head) < HEADER.size:
        return None
    magic, length, checksum = HEADER.unpack(head)
    if magic != MAGIC or len(pcm) < (HEADER.size + length) * 16:
        return None
    data = _bytes_at(pcm, HEADER.size, length)
    return data.decode() if zlib.crc32(data) == checksum else None


def id3_tag(text: str) -> bytes:
    """Give an ID3v2.4 tag with the text in a frame of the user's own."""
    content = b"\x03" + NAME + b"\x00" + text.encode()
    frame = b"TXXX" + _syncsafe(len(content)) + b"\x00\x00" + content
    return b"ID3\x04\x00\x00" + _syncsafe(len(frame)) + frame


def from_id3(data: bytes) -> str | None:
    """Read the text out of the tag at the head of an mp3; None when it is not ours."""
    start = data.find(b"TXXX", 0, 4096)
    if not data.startswith(b"ID3") or start == -1:
        return None
    size = _from_syncsafe(data[start + 4 : start + 8])
    content = data[start + 10 : start + 10 + size]
    name, _, text = content[1:].partition(b"\x00")
    return text.decode() if name == NAME else None


def id3_size(data: bytes) -> int:
    """Give the number of bytes that the tag at the head takes; 0 without one."""
    return 10 + _from_syncsafe(data[6:10]) if data.startswith(b"ID3") else 0


def _bytes_at(pcm: bytes, first: int, count: int) -> bytes:
    """Gather bytes from the lowest bits: the low byte of each sample comes first."""
    low = pcm[first * 16 : (first + count) * 16 : 2]
    bits = "".join(str(byte & 1) for byte in low)
    return int(bits or "0", 2).to_bytes(len(low) // 8)[:count] if len(low) >= 8 else b""


def _syncsafe(size: int) -> bytes:
    return bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))


def _from_syncsafe(data: bytes) -> int:
    return sum(byte << shift for byte, shift in zip(data, (21, 14, 7, 0), strict=True))
