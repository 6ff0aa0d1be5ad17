"""What is heard in an audio file: how long it is, and the sentences that a sandbox spoke."""

from __future__ import annotations

import io
import wave
from dataclasses import dataclass, field

from . import embedded_text
from .embedded_text import Heard
from .speech_synthesis import RATE

RATES = {
    0x00: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0),
    0x08: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0),
}
"""Kilobits a second of mp3: of the newer and lower MPEG-2, and of MPEG-1."""


@dataclass(frozen=True, slots=True)
class Audio:
    """The length in seconds, as far as it can be told, and what was said."""

    seconds: float | None
    heard: list[Heard] = field(default_factory=list)


def listen(data: bytes, form: str) -> Audio:
    """Listen to a file; without PyAV nothing is heard in a FLAC, and only lengths of few kinds."""
    if data.startswith(b"RIFF"):
        return _wav(data)
    if data.startswith(b"fLaC"):
        return _flac(data)
    if data.startswith(b"ID3") or form == "mp3":
        return Audio(_mp3_seconds(data), embedded_text.from_id3(data))
    if form.startswith("pcm"):
        return Audio(len(data) / 2 / RATE, list(embedded_text.from_samples(data, RATE)))
    return Audio(_seconds(data))


def _wav(data: bytes) -> Audio:
    """Listen to a WAV, also to one whose header was written before its length was known."""
    try:
        with wave.open(io.BytesIO(data)) as audio:
            channels, width, rate = audio.getnchannels(), audio.getsampwidth(), audio.getframerate()
        samples = data[data.index(b"data", 12) + 8 :]
        seconds = len(samples) / (channels * width * rate)
    except (wave.Error, EOFError, ValueError, ZeroDivisionError):
        return Audio(None)
    if width != 2:
        return Audio(seconds)
    return Audio(seconds, list(embedded_text.from_samples(samples, rate, channels)))


def _flac(data: bytes) -> Audio:
    """Decode a FLAC, which keeps every bit; the length is in its head."""
    rate = int.from_bytes(data[18:21]) >> 4
    count = int.from_bytes(data[21:26]) & 0xFFFFFFFFF
    seconds = count / rate if rate and count else None
    try:
        import av
        from av.error import FFmpegError
    except ImportError:
        return Audio(seconds)
    pcm, channels = bytearray(), 1
    try:
        with av.open(io.BytesIO(data), "r", format="flac") as container:
            for frame in container.decode(audio=0):
                if frame.format.name != "s16":
                    return Audio(seconds)
                channels = frame.layout.nb_channels
                pcm += bytes(frame.planes[0])[: frame.samples * channels * 2]
    except FFmpegError:
        pass  # what came before a damaged place was heard
    if not rate:
        return Audio(seconds)
    known = len(pcm) / 2 / channels / rate
    return Audio(seconds or known, list(embedded_text.from_samples(bytes(pcm), rate, channels)))


def _mp3_seconds(data: bytes) -> float | None:
    """Divide the size by the bit rate of the first frame, which is right at a constant rate."""
    start = data.find(b"\xff", embedded_text.id3_size(data))
    if start == -1 or start + 3 > len(data) or data[start + 1] & 0xF0 != 0xF0:
        return None
    rate = RATES[data[start + 1] & 0x08][data[start + 2] >> 4]
    return (len(data) - start) * 8 / (rate * 1000) if rate else None


def _seconds(data: bytes) -> float | None:
    """Give the length that the head of another kind of file tells, to one who can read it."""
    try:
        import av
        from av.error import FFmpegError
    except ImportError:
        return None
    try:
        options = {"format_whitelist": CONTAINERS}
        with av.open(io.BytesIO(data), "r", options=options) as container:
            return container.duration / 1_000_000 if container.duration else None
    except (FFmpegError, ValueError):
        return None


CONTAINERS = "mov,mp4,m4a,ogg,matroska,webm,aac"
"""What is opened: FFmpeg also knows playlists, which would make it read other files."""
