"""Sound files opened, and decoded to samples of one channel, as far as they can be read.

Only what FFmpeg takes for one of our formats is opened: it knows playlists too, and those would
make it read other files and speak to other hosts.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

import av
import numpy as np
from av.audio.fifo import AudioFifo
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError, PyAVCallbackError
from av.packet import Packet

from ...errors import FileError
from .seekable_file import Spool
from .silence import SILENT, Samples, loudest

KNOWN = "wav, mp3, flac, m4a, ogg, webm or aac"
_DEMUXERS = "wav,mp3,flac,mov,mp4,m4a,ogg,matroska,webm,aac"
_BEGINNINGS = (b"RIFF", b"RF64", b"fLaC", b"OggS", b"\x1a\x45\xdf\xa3", b"ID3")
_HIGHEST = 24_000  # samples a second that are kept as they are
_USUAL = 16_000  # what models that listen work with
_AT_ONCE = 32_768  # samples that are decoded before anything else is done with them
_JITTER, _LONGEST_GAP = 0.1, 3600.0  # seconds


@dataclass(frozen=True, slots=True)
class Source:
    """An open file, and the first sound in it."""

    container: InputContainer
    stream: AudioStream

    def packets(self) -> Iterator[Packet[AudioStream]]:
        """Give what is encoded, to the end or to where nothing more can be read."""
        try:
            yield from self.container.demux(self.stream)
        except FFmpegError:
            return

    def frames(self) -> Iterator[AudioFrame]:
        """Give what can be decoded; what is damaged is passed over."""
        for packet in self.packets():
            yield from decoded(packet)


class Block(NamedTuple):
    """Some samples, one after another, and how many there are in a second."""

    samples: Samples
    rate: int


class Clock:
    """Notices where time passes without sound: a recording that paused, or lost packets."""

    def __init__(self) -> None:
        """Start with the first sound, whenever that is."""
        self._due: float | None = None

    def gap(self, start: float | None, length: float) -> float:
        """Give the seconds between what came last and this sound, which lasts `length`."""
        if start is None:
            return 0.0
        late = start - self._due if self._due is not None else 0.0
        self._due = start + length
        return late if _JITTER < late < _LONGEST_GAP else 0.0


@contextmanager
def opened(spool: Spool) -> Iterator[Source]:
    """Open a file. FileError when it is no sound of a known format, or cannot be read."""
    if not spool.size():
        raise FileError("the file is empty")
    head = spool.read(0, 12)
    spool.file.seek(0)
    try:
        container = av.open(
            spool.file, "r", options={"format_whitelist": _DEMUXERS}, metadata_errors="replace"
        )
    except FFmpegError as error:
        raise _unreadable(head) from error
    with container, in_our_words():
        streams = container.streams.audio
        if not streams:
            raise FileError("there is no sound in the file")
        if not streams[0].codec_context:
            raise FileError("the sound in the file is encoded in a way that is not known")
        yield Source(container, streams[0])


@contextmanager
def in_our_words() -> Iterator[None]:
    """Say what FFmpeg could not do: OSError when it is our files, else FileError."""
    try:
        yield
    except PyAVCallbackError as error:
        raise OSError(error.errno, "no room, or no access") from error
    except FFmpegError as error:
        if isinstance(error, OSError):
            raise
        raise FileError(f"the sound cannot be converted: {error.strerror or error}") from error


def blocks(source: Source) -> Iterator[Block]:
    """Give all samples of a file, as one channel.

    A single channel of at most 24 kHz keeps its rate, and its samples if they have 16 bits. All
    else becomes 16 kHz. Several channels are mixed, but where they cancel each other out the
    loudest is taken. Where a file leaves time out there is silence.
    """
    clock, mono, rate = Clock(), None, 0
    for frame in source.frames():
        rate = rate or _rate(frame)
        gap = clock.gap(frame.time, frame.samples / frame.sample_rate)
        if mono and (gap or not mono.fits(frame)):
            yield from mono.rest()
            mono = None
        yield from _silence(gap, rate)
        mono = mono or _Mono(frame, rate)
        yield from mono.add(frame)
    if mono:
        yield from mono.rest()


def decoded(packet: Packet[AudioStream]) -> list[AudioFrame]:
    """Decode a packet; one that is damaged gives nothing."""
    try:
        return packet.decode()
    except FFmpegError:
        return []


class _Mono:
    """Makes one channel of 16-bit samples out of frames of one kind, many at a time."""

    def __init__(self, frame: AudioFrame, rate: int) -> None:
        self._kind = _kind(frame)
        self._rate = rate
        self._waiting = AudioFifo()
        self._mixer = AudioResampler("s16", "mono", frame.sample_rate)
        self._packer = AudioResampler("s16", frame.layout, frame.sample_rate)
        self._resampler = AudioResampler("s16", "mono", rate)

    def fits(self, frame: AudioFrame) -> bool:
        return _kind(frame) == self._kind

    def add(self, frame: AudioFrame) -> Iterator[Block]:
        frame.pts = None  # the samples are counted
        self._waiting.write(frame)
        if self._waiting.samples >= _AT_ONCE:
            yield from self._converted(self._waiting.read())

    def rest(self) -> Iterator[Block]:
        yield from self._converted(self._waiting.read())
        yield from self._converted(None)

    def _converted(self, frame: AudioFrame | None) -> Iterator[Block]:
        for one in self._resampler.resample(self._mixed(frame) if frame else None):
            yield Block(_samples(one), self._rate)

    def _mixed(self, frame: AudioFrame) -> AudioFrame:
        """Mix the channels; where nothing is heard of them together, take the loudest."""
        if frame.layout.nb_channels == 1:
            return frame
        rate, (mixed,) = frame.sample_rate, self._mixer.resample(frame)
        mixed.pts = None
        if loudest(_samples(mixed), rate) > SILENT:
            return mixed
        (packed,) = self._packer.resample(frame)
        channels = _samples(packed).reshape(-1, packed.layout.nb_channels).T
        chosen = max(channels, key=lambda channel: loudest(channel, rate))
        alone = AudioFrame.from_ndarray(np.array([chosen]), format="s16", layout="mono")
        alone.sample_rate = rate
        return alone


def _samples(frame: AudioFrame) -> Samples:
    """Give those of a frame of 16 bits; several channels take turns."""
    return frame.to_ndarray().reshape(-1).astype(np.int16)


def _kind(frame: AudioFrame) -> tuple[str, str, int]:
    return frame.format.name, frame.layout.name, frame.sample_rate


def _rate(frame: AudioFrame) -> int:
    plain = frame.layout.nb_channels == 1 and frame.sample_rate <= _HIGHEST
    return frame.sample_rate if plain else _USUAL


def _silence(seconds: float, rate: int) -> Iterator[Block]:
    left = round(seconds * rate)
    while left > 0:
        size = min(left, _AT_ONCE)
        left -= size
        yield Block(np.zeros(size, np.int16), rate)


def nothing() -> FileError:
    """Say that a file holds nothing to hear."""
    return FileError("no sound can be read from the file: it is empty, damaged or protected")


def _unreadable(head: bytes) -> FileError:
    if head.startswith(_BEGINNINGS) or head[4:8] == b"ftyp":
        return FileError("the file is damaged or cut off, and cannot be read")
    return FileError(f"the file is no sound that can be read; give {KNOWN}")
