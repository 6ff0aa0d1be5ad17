"""Inspect an audio file: its duration, and the sentences that a sandbox embedded in it."""

from __future__ import annotations

import io
import wave
from dataclasses import dataclass, field

from . import embedded_text
from .embedded_text import SpokenSentence
from .speech_synthesis import RATE

MP3_BIT_RATES = {
    0x00: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0),
    0x08: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0),
}
"""Bit rates of mp3 in kilobits per second, by the version bit: of MPEG-2, and of MPEG-1."""


@dataclass(frozen=True, slots=True)
class InspectedAudio:
    """The duration in seconds, or None if unknown, and the embedded sentences."""

    seconds: float | None
    sentences: list[SpokenSentence] = field(default_factory=list)


def inspect_audio(data: bytes, audio_format: str) -> InspectedAudio:
    """Inspect a file; without PyAV, a FLAC has no sentences and few formats a duration."""
    if data.startswith(b"RIFF"):
        return _inspect_wav(data)
    if data.startswith(b"fLaC"):
        return _inspect_flac(data)
    if data.startswith(b"ID3") or audio_format == "mp3":
        return InspectedAudio(_mp3_duration(data), embedded_text.read_from_id3(data))
    if audio_format.startswith("pcm"):
        return InspectedAudio(
            len(data) / 2 / RATE, list(embedded_text.read_from_samples(data, RATE))
        )
    return InspectedAudio(_duration(data))


def _inspect_wav(data: bytes) -> InspectedAudio:
    """Inspect a WAV, by its data and not by the sizes in its header.

    A streamed WAV has a header from before its length was known.
    """
    try:
        with wave.open(io.BytesIO(data)) as audio:
            channels, width, rate = audio.getnchannels(), audio.getsampwidth(), audio.getframerate()
        samples = data[data.index(b"data", 12) + 8 :]
        seconds = len(samples) / (channels * width * rate)
    except (wave.Error, EOFError, ValueError, ZeroDivisionError):
        return InspectedAudio(None)
    # Only 16-bit audio can carry sentences.
    if width != 2:
        return InspectedAudio(seconds)
    return InspectedAudio(seconds, list(embedded_text.read_from_samples(samples, rate, channels)))


def _inspect_flac(data: bytes) -> InspectedAudio:
    """Decode a FLAC, which keeps every bit; the duration is in its header."""
    rate = int.from_bytes(data[18:21]) >> 4
    count = int.from_bytes(data[21:26]) & 0xFFFFFFFFF
    seconds = count / rate if rate and count else None
    try:
        import av
        from av.error import FFmpegError
    except ImportError:
        return InspectedAudio(seconds)
    pcm, channels = bytearray(), 1
    try:
        with av.open(io.BytesIO(data), "r", format="flac") as container:
            for frame in container.decode(audio=0):
                # Only 16-bit audio can carry sentences.
                if frame.format.name != "s16":
                    return InspectedAudio(seconds)
                channels = frame.layout.nb_channels
                pcm += bytes(frame.planes[0])[: frame.samples * channels * 2]
    except FFmpegError:
        pass  # keep what was decoded before the damage
    if not rate:
        return InspectedAudio(seconds)
    decoded = len(pcm) / 2 / channels / rate
    return InspectedAudio(
        seconds or decoded, list(embedded_text.read_from_samples(bytes(pcm), rate, channels))
    )


def _mp3_duration(data: bytes) -> float | None:
    """Return the size divided by the bit rate of the first frame: right at a constant rate."""
    start = data.find(b"\xff", embedded_text.id3_size(data))
    if start == -1 or start + 3 > len(data) or data[start + 1] & 0xF0 != 0xF0:
        return None
    rate = MP3_BIT_RATES[data[start + 1] & 0x08][data[start + 2] >> 4]
    return (len(data) - start) * 8 / (rate * 1000) if rate else None


def _duration(data: bytes) -> float | None:
    """Return the duration from the header of another format, read with PyAV."""
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
"""The formats that may be opened: a playlist would make FFmpeg read other files and URLs."""
