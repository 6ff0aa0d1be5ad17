"""Embed a text in its own audio, so that any sandbox can transcribe it.

In PCM, each sentence is in the lowest bits of its own first samples, which are inaudible; WAV and
FLAC keep them, so a part of the audio still has every sentence that is complete in it. In mp3 the
whole text is a frame of the ID3 tag, which players skip.
"""

from __future__ import annotations

import json
import struct
import zlib
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .sentences import Sentence, split_sentences

MAGIC = b"ORSB"
HEADER = struct.Struct(">4sIIIBI")
CRC = struct.Struct(">I")
FRAME_NAME = b"openrouter-connector sandbox speech"
TIMES_NAME = FRAME_NAME + b" times"
LOW_BITS = bytes(b"01"[byte & 1] for byte in range(256))
Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class SpokenSentence:
    """A sentence with its start and its end, in seconds."""

    sentence: Sentence
    start: float
    end: float


def write_to_samples(samples: array[int], sentence: Sentence, voiced: int) -> None:
    """Write a sentence into the lowest bits of its own 16-bit samples, extended if too few.

    `voiced` is the number of samples without the pause after the sentence.
    """
    payload = _pack(sentence, voiced)
    samples.extend([0] * (len(payload) * 8 - len(samples)))
    for index, bit in enumerate(_bits(payload)):
        samples[index] = samples[index] & ~1 | (bit == "1")


def read_from_samples(pcm: bytes, rate: int, channels: int = 1) -> Iterator[SpokenSentence]:
    """Yield the complete sentences in 16-bit little-endian samples of the first channel."""
    # Slicing and `translate` run in C; a Python loop over millions of samples would be slow.
    low = pcm[:: 2 * channels].translate(LOW_BITS)
    magic = _bits(MAGIC).encode()
    at = low.find(magic)
    while at != -1:
        if (found := _unpack(low, at)) is not None:
            sentence, voiced = found
            yield SpokenSentence(sentence, at / rate, (at + voiced) / rate)
        at = low.find(magic, at + len(magic))


def make_id3_tag(text: str, spans: Sequence[Span]) -> bytes:
    """Return an ID3v2.4 tag with the text, and the time spans of its sentences, in own frames."""
    times = json.dumps([[round(start, 3), round(end, 3)] for start, end in spans]).encode()
    frames = _frame(FRAME_NAME, text.encode()) + _frame(TIMES_NAME, times)
    return b"ID3\x04\x00\x00" + _syncsafe(len(frames)) + frames


def read_from_id3(data: bytes) -> list[SpokenSentence]:
    """Return the sentences in the tag of an mp3; none if it is not a sandbox's."""
    text, times = (_read_frame(data, name) for name in (FRAME_NAME, TIMES_NAME))
    if text is None or times is None:
        return []
    pairs = zip(split_sentences(text.decode()), json.loads(times), strict=True)
    return [SpokenSentence(sentence, *span) for sentence, span in pairs]


def id3_size(data: bytes) -> int:
    """Return the size of the tag in bytes; 0 without one."""
    return 10 + _from_syncsafe(data[6:10]) if data.startswith(b"ID3") else 0


def _pack(sentence: Sentence, voiced: int) -> bytes:
    text, gap = sentence.text.encode(), sentence.gap.encode()
    head = HEADER.pack(MAGIC, len(text), len(gap), voiced, sentence.last, 0)[: -CRC.size]
    return head + CRC.pack(zlib.crc32(head + text + gap)) + text + gap


def _unpack(low: bytes, at: int) -> tuple[Sentence, int] | None:
    """Return the sentence at this position, or None if it is damaged or cut off."""
    head = _bytes_at(low, at, HEADER.size)
    if len(head) < HEADER.size:
        return None
    _, size, gap, voiced, last, checksum = HEADER.unpack(head)
    if at + max(voiced, (HEADER.size + size + gap) * 8) > len(low):
        return None
    data = _bytes_at(low, at + HEADER.size * 8, size + gap)
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


def _read_frame(data: bytes, name: bytes) -> bytes | None:
    """Return the value of one of our frames in the tag, or None."""
    tag = data[: id3_size(data)]
    prefix = b"\x03" + name + b"\x00"
    at = tag.find(prefix)
    if at < 10:
        return None
    size = _from_syncsafe(tag[at - 6 : at - 2])
    return tag[at + len(prefix) : at + size]


def _syncsafe(size: int) -> bytes:
    return bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))


def _from_syncsafe(data: bytes) -> int:
    return sum(byte << shift for byte, shift in zip(data, (21, 14, 7, 0), strict=True))
