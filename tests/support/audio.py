"""Audio for tests: words, silence and noise, in any format."""

from __future__ import annotations

import asyncio
import gc
import io
import struct
import threading
from collections.abc import AsyncIterator, Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from openrouter_connector.runtime.audio.split import split_at_silences
from openrouter_connector.runtime.audio.values import AudioPart
from openrouter_connector.values import FileEntry, LoadedFile

Samples = NDArray[np.int16]
RATE = 24_000
# Codec, format of FFmpeg, and the rate of each kind of file that the API takes.
KINDS = {
    "wav": ("pcm_s16le", "wav", RATE),
    "flac": ("flac", "flac", RATE),
    "mp3": ("libmp3lame", "mp3", RATE),
    "m4a": ("aac", "ipod", RATE),
    "aac": ("aac", "adts", RATE),
    "ogg": ("libopus", "ogg", 48_000),
    "webm": ("libopus", "webm", 48_000),
}


# Words of 0.4 seconds, close together, and a pause in each 3.5 seconds, half a second long.
PHRASE = (0.4, 0.05) * 6 + (0.3, 0.5)


def word(seconds: float, rate: int = RATE, loud: float = 8000) -> Samples:
    """A hum as loud as a voice."""
    at = np.arange(round(seconds * rate)) / rate
    hum = np.sum([np.sin(2 * np.pi * 150 * part * at) / part for part in (1, 2, 3, 5)], axis=0)
    return np.asarray(loud * hum / 2, np.int16)


def silence(seconds: float, rate: int = RATE) -> Samples:
    """Samples of zero."""
    return np.zeros(round(seconds * rate), np.int16)


def noise(seconds: float, loud: float, rate: int = RATE, seed: int = 1) -> Samples:
    """Noise like that of a room, a fan or a broken radio; `loud` is its standard deviation."""
    drawn = np.random.default_rng(seed).normal(0, loud, round(seconds * rate))
    return drawn.clip(-32768, 32767).astype(np.int16)


def spoken(*lengths: float, rate: int = RATE) -> Samples:
    """Words and pauses in turn, each of these seconds, a word first."""
    made = [(silence if place % 2 else word)(length, rate) for place, length in enumerate(lengths)]
    return np.concatenate(made)


SPEECH = spoken(*PHRASE * 4, 1.0)


def encoded(samples: Samples, kind: str, *, rate: int = RATE, channels: int = 1) -> bytes:
    """Encode samples in this format; several channels are copies of one."""
    codec, form, own = KINDS[kind]
    layout = "mono" if channels == 1 else "stereo"
    target = io.BytesIO()
    with av.open(target, "w", format=form) as container:
        stream: Any = container.add_stream(codec, rate=own if own == 48_000 else rate)
        stream.codec_context.layout = layout
        sound = AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        sound.sample_rate = rate
        wanted = stream.codec_context
        resampler = AudioResampler(wanted.format.name, layout, wanted.rate)
        frames = [*resampler.resample(sound), *resampler.resample(None)]
        for frame in [*filter(None, frames), None]:
            container.mux(stream.encode(frame))
    return target.getvalue()


def wav(
    samples: Samples, rate: int = RATE, promised: int | None = None, channels: int = 1
) -> bytes:
    """Return a WAV file, of one channel or of several with interleaved samples.

    `promised` is the size in its header.
    """
    data = samples.astype("<i2").tobytes()
    size = len(data) if promised is None else promised
    form = struct.pack("<HHIIHH", 1, channels, rate, rate * 2 * channels, 2 * channels, 16)
    riff = struct.pack("<4sI4s4sI", b"RIFF", min(36 + size, 0xFFFFFFFF), b"WAVE", b"fmt ", 16)
    return riff + form + struct.pack("<4sI", b"data", size) + data


def opposed(samples: Samples, rate: int = RATE, channels: int = 2) -> bytes:
    """Return a WAV file whose channels cancel each other out when they are mixed."""
    turns = np.outer(samples, [1, -1] * (channels // 2)).astype(np.int16).reshape(-1)
    return wav(turns, rate, channels=channels)


def decoded(content: bytes) -> tuple[int, Samples]:
    """Read a whole file: samples a second, and the samples of its first channel."""
    with av.open(io.BytesIO(content), "r") as container:
        resampler = AudioResampler("s16p")
        found = [
            one.to_ndarray()[0]
            for frame in container.decode(audio=0)
            for one in resampler.resample(frame)
        ]
        return container.streams.audio[0].rate, np.concatenate(found).astype(np.int16)


def loaded(content: bytes | Iterable[bytes], name: str) -> LoadedFile:
    """Return a file as the store does; an iterable of chunks is iterated for each read."""
    chunks = [content] if isinstance(content, bytes) else content
    extension = name.rpartition(".")[2]
    size = len(content) if isinstance(content, bytes) else sum(map(len, content))

    async def opened() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    return LoadedFile(FileEntry(extension, f"audio/{extension}", name, ""), size, opened)


def content_of(file: LoadedFile) -> bytes:
    """Read all of a file."""

    async def read() -> bytes:
        return b"".join([chunk async for chunk in file.open()])

    return asyncio.run(read())


def parts_of(file: LoadedFile, seconds: float = 10, size: int = 25_000_000) -> list[AudioPart]:
    """Split a file, and keep all parts."""

    async def made() -> list[AudioPart]:
        return [part async for part in split_at_silences(file, seconds=seconds, size=size)]

    return asyncio.run(made())


def contiguous(parts: list[AudioPart]) -> bool:
    """Return whether parts start at 0, and each where the one before it ends."""
    return parts[0].start == 0 and all(one.end == after.start for one, after in pairwise(parts))


def samples_of(parts: list[AudioPart]) -> tuple[int, Samples]:
    """Return the samples of all parts, and their rate, which must be the same."""
    sounds = [decoded(content_of(part.file)) for part in parts]
    (rate,) = {rate for rate, _ in sounds}
    return rate, np.concatenate([samples for _, samples in sounds])


def unnamed_files(folder: Path) -> int:
    """Count the open files in a folder that have no name."""
    found = 0
    for link in Path("/proc/self/fd").iterdir():
        try:
            found += str(link.readlink()).startswith(str(folder))
        except OSError:  # that of the listing itself
            continue
    return found


def wait_for_workers() -> None:
    """Wait for the threads that clean up after a cancelled caller."""
    for thread in threading.enumerate():
        if thread.name.startswith("audio"):
            thread.join()
    gc.collect()
