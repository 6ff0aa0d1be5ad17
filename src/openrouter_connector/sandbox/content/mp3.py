"""Encode speech as MP3, chunk by chunk."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from .speech_synthesis import RATE

if TYPE_CHECKING:
    import av

_BIT_RATE = 48_000  # bits a second
_OPTIONS = {"compression_level": "7"}  # LAME's quality: 0 is the best, 9 the fastest


def mp3(chunks: Iterable[array[int]]) -> Iterator[bytes]:
    """Return the MP3 frames of 16-bit mono samples at `RATE`; ModuleNotFoundError without PyAV."""
    from av import AudioFifo, CodecContext  # loads all of FFmpeg: only when MP3 is requested

    encoder = CodecContext.create("libmp3lame", "w")
    encoder.sample_rate, encoder.layout, encoder.format = RATE, "mono", "s16p"
    encoder.bit_rate, encoder.options = _BIT_RATE, _OPTIONS
    encoder.open()
    return _encode(chunks, encoder, AudioFifo())


def _encode(
    chunks: Iterable[array[int]], encoder: av.AudioCodecContext, buffer: av.AudioFifo
) -> Iterator[bytes]:
    """Yield encoded frames; the encoder accepts only frames of its own size."""
    for samples in chunks:
        buffer.write(_frame(samples))
        for frame in buffer.read_many(encoder.frame_size):
            yield from map(bytes, encoder.encode(frame))
    if rest := buffer.read(0, partial=True):
        yield from map(bytes, encoder.encode(rest))
    # Flush: the encoder holds samples back.
    yield from map(bytes, encoder.encode(None))


def _frame(samples: array[int]) -> av.AudioFrame:
    from av import AudioFrame

    frame = AudioFrame(format="s16p", layout="mono", samples=len(samples))
    frame.sample_rate = RATE
    frame.planes[0].update(samples.tobytes())
    return frame
