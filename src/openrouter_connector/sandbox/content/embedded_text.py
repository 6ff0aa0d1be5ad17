"""A text that travels inside its own audio, so that any sandbox can give it back.

In samples each sentence is in the lowest bits of its own first samples, which nobody hears, and
which WAV and FLAC keep: a part of the audio gives back the sentences that are whole in it. In mp3
the whole text is a frame of the ID3 tag, which players pass over.
"""

from __future__ import annotations

import json
import struct
import zlib
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .sentences import Sentence, sentences

MAGIC = b"ORSB"
HEADER = struct.Struct(">4sIIIBI")
CRC = struct.Struct(">I")
NAME = b"openrouter-connector sandbox speech"
TIMES = NAME + b" times"
LOW_BITS = bytes(b"01"[byte & 1] for byte in range(256))
Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Heard:
    """A sentence, and when it was said: in seconds from the beginning."""

    sentence: Sentence
    start: float
    end: float


def into_samples(samples: array[int], sentence: Sentence, voiced: int) -> None:
    """Write a sentence into the lowest bits of its own 16-bit samples; lengthen them if need be.

    `voiced` is how many of them are heard, without the pause behind them.
    """
    payload = _packed(sentence, voiced)
    samples.extend([0] * (len(payload) * 8 - len(samples)))
    for place, bit in enumerate(_bits(payload)):
        samples[place] = samples[place] & ~1 | (bit == "1")


def from_samples(pcm: bytes, rate: int, channels: int = 1) -> Iterator[Heard]:
    """Read the sentences that are whole in 16-bit little-endian samples of the first channel."""
    low = pcm[:: 2 * channels].translate(LOW_BITS)
    magic = _bits(MAGIC).encode()
    at = low.find(magic)
    while at != -1:
        if (found := _unpacked(low, at)) is not None:
            sentence, voiced = found
            yield Heard(sentence, at / rate, (at + voiced) / rate)
        at = low.find(magic, at + len(magic))


def id3_tag(text: str, spans: Sequence[Span]) -> bytes:
    """Give an ID3v2.4 tag with the text and the spans of its sentences in frames of our own."""
    times = json.dumps([[round(start, 3), round(end, 3)] for start, end in spans]).encode()
    frames = _frame(NAME, text.encode()) + _frame(TIMES, times)
    return b"ID3\x04\x00\x00" + _syncsafe(len(frames)) + frames


def from_id3(data: bytes) -> list[Heard]:
    """Read the sentences out of the tag at the head of an mp3; none when it is not ours."""
    text, times = (_framed(data, name) for name in (NAME, TIMES))
    if text is None or times is None:
        return []
    pairs = zip(sentences(text.decode()), json.loads(times), strict=True)
    return [Heard(sentence, *span) for sentence, span in pairs]


def id3_size(data: bytes) -> int:
    """Give the number of bytes that the tag at the head takes; 0 without one."""
    return 10 + _from_syncsafe(data[6:10]) if data.startswith(b"ID3") else 0


def _packed(sentence: Sentence, voiced: int) -> bytes:
    text, joint = sentence.text.encode(), sentence.joint.encode()
    head = HEADER.pack(MAGIC, len(text), len(joint), voiced, sentence.last, 0)[: -CRC.size]
    return head + CRC.pack(zlib.crc32(head + text + joint)) + text + joint


def _unpacked(low: bytes, at: int) -> tuple[Sentence, int] | None:
    """Read a sentence at its magic; None when it is damaged, or cut off before its end."""
    head = _bytes_at(low, at, HEADER.size)
    if len(head) < HEADER.size:
        return None
    _, size, joint, voiced, last, checksum = HEADER.unpack(head)
    if at + max(voiced, (HEADER.size + size + joint) * 8) > len(low):
        return None
    data = _bytes_at(low, at + HEADER.size * 8, size + joint)
    if zlib.crc32(head[: -CRC.size] + data) != checksum:
        return None
    return Sentence(data[:size].decode(), data[size:].decode(), bool(last)), voiced


def _bits(data: bytes) -> str:
    return f"{int.from_bytes(data):0{len(data) * 8}b}"


def _bytes_at(low: bytes, first: int, count: int) -> bytes:
    bits = low[first : first + count * 8]
    return int(bits or b"0", 2).to_bytes(len(bits) // 8) if len(bits) == count * 8 else b""


def _frame(name: bytes, value: bytes) -> bytes:
    content = b"\x03" + name + b"\x00" + value
    return b"TXXX" + _syncsafe(len(content)) + b"\x00\x00" + content


def _framed(data: bytes, name: bytes) -> bytes | None:
    """Give the value of a frame of ours in the tag at the head."""
    tag = data[: id3_size(data)]
    before = b"\x03" + name + b"\x00"
    at = tag.find(before)
    if at < 10:
        return None
    size = _from_syncsafe(tag[at - 6 : at - 2])
    return tag[at + len(before) : at + size]


def _syncsafe(size: int) -> bytes:
    return bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))


def _from_syncsafe(data: bytes) -> int:
    return sum(byte << shift for byte, shift in zip(data, (21, 14, 7, 0), strict=True))
