"""Open audio files, and decode them to the samples of one channel, as far as they can be read.

FFmpeg may open our formats only. It supports playlists too, and a playlist would make it read other
files and connect to other hosts.
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
from .seekable_file import SeekableFile
from .silence import SILENT, Samples, loudness

FORMATS = "wav, mp3, flac, m4a, ogg, webm or aac"
_DEMUXERS = "wav,mp3,flac,mov,mp4,m4a,ogg,matroska,webm,aac"
_SIGNATURES = (b"RIFF", b"RF64", b"fLaC", b"OggS", b"\x1a\x45\xdf\xa3", b"ID3")
_MAX_RATE = 24_000  # samples per second; audio of a lower rate is not resampled
_SPEECH_RATE = 16_000  # what transcription models work with
_BATCH = 32_768  # samples that are collected before they are converted
_JITTER, _LONGEST_GAP = 0.1, 3600.0  # seconds; what is longer is a broken timestamp


@dataclass(frozen=True, slots=True)
class Source:
    """An open file, and its first audio stream."""

    container: InputContainer
    stream: AudioStream

    def packets(self) -> Iterator[Packet[AudioStream]]:
        """Yield the encoded packets, to the end or to the first one that cannot be read."""
        try:
            yield from self.container.demux(self.stream)
        except FFmpegError:
            return

    def frames(self) -> Iterator[AudioFrame]:
        """Yield the decoded frames; damaged packets are skipped."""
        for packet in self.packets():
            yield from decode_packet(packet)


class Block(NamedTuple):
    """Consecutive samples, and their number per second."""

    samples: Samples
    rate: int


class GapFinder:
    """Finds the gaps in the timestamps: where a recording was paused, or packets were lost."""

    def __init__(self) -> None:
        """Expect the first packet at any time."""
        self._expected: float | None = None

    def before(self, start: float | None, length: float) -> float:
        """Return the seconds of the gap before a packet that lasts `length` seconds."""
        if start is None:
            return 0.0
        late = start - self._expected if self._expected is not None else 0.0
        self._expected = start + length
        return late if _JITTER < late < _LONGEST_GAP else 0.0


@contextmanager
def open_audio(file: SeekableFile) -> Iterator[Source]:
    """Open a file. FileError when it is no audio in a known format, or cannot be read."""
    if not file.size():
        raise FileError("the file is empty")
    head = file.read(0, 12)
    # FFmpeg starts to read where the file stands.
    file.file.seek(0)
    try:
        container = av.open(
            file.file, "r", options={"format_whitelist": _DEMUXERS}, metadata_errors="replace"
        )
    except FFmpegError as error:
        raise _unreadable(head) from error
    with container, translate_errors():
        streams = container.streams.audio
        if not streams:
            raise FileError("the file contains no audio")
        # A codec that this build of FFmpeg does not know has no context.
        if not streams[0].codec_context:
            raise FileError("the codec of the audio in the file is unknown")
        yield Source(container, streams[0])


@contextmanager
def translate_errors() -> Iterator[None]:
    """Turn errors of FFmpeg into OSError, when our files fail, or else into FileError."""
    try:
        yield
    except PyAVCallbackError as error:
        raise OSError(error.errno, "the disk is full, or access is denied") from error
    except FFmpegError as error:
        # Some errors of FFmpeg are OSErrors too: the disk is full, or the file is gone.
        if isinstance(error, OSError):
            raise
        raise FileError(f"the audio cannot be converted: {error.strerror or error}") from error


def read_samples(source: Source) -> Iterator[Block]:
    """Yield all samples of a file as one channel.

    A single channel of at most 24 kHz keeps its rate, and its samples if they have 16 bits.
    Everything else is resampled to 16 kHz. Several channels are mixed; where they cancel each other
    out, the loudest one is used. Gaps in the timestamps become silence.
    """
    gaps, mono, rate = GapFinder(), None, 0
    for frame in source.frames():
        rate = rate or _rate(frame)
        gap = gaps.before(frame.time, frame.samples / frame.sample_rate)
        if mono and (gap or not mono.accepts(frame)):
            yield from mono.flush()
            mono = None
        yield from _silence(gap, rate)
        mono = mono or _MonoConverter(frame, rate)
        yield from mono.add(frame)
    if mono:
        yield from mono.flush()


def decode_packet(packet: Packet[AudioStream]) -> list[AudioFrame]:
    """Return the frames of a packet; none for a damaged packet."""
    try:
        return packet.decode()
    except FFmpegError:
        return []


class _MonoConverter:
    """Converts frames of one format to one channel of 16-bit samples, many frames at a time."""

    def __init__(self, frame: AudioFrame, rate: int) -> None:
        self._format = _format_of(frame)
        self._rate = rate
        self._waiting = AudioFifo()
        # Mixing and resampling are two steps: the mix is judged before it is used.
        self._mixer = AudioResampler("s16", "mono", frame.sample_rate)
        self._packer = AudioResampler("s16", frame.layout, frame.sample_rate)
        self._resampler = AudioResampler("s16", "mono", rate)

    def accepts(self, frame: AudioFrame) -> bool:
        return _format_of(frame) == self._format

    def add(self, frame: AudioFrame) -> Iterator[Block]:
        frame.pts = None  # gaps are filled already, so the samples alone make the time
        self._waiting.write(frame)
        if self._waiting.samples >= _BATCH:
            yield from self._convert(self._waiting.read())

    def flush(self) -> Iterator[Block]:
        yield from self._convert(self._waiting.read())
        yield from self._convert(None)

    def _convert(self, frame: AudioFrame | None) -> Iterator[Block]:
        for resampled in self._resampler.resample(self._mix(frame) if frame else None):
            yield Block(_samples_of(resampled), self._rate)

    def _mix(self, frame: AudioFrame) -> AudioFrame:
        """Mix the channels; return the loudest one where the mix is silent."""
        if frame.layout.nb_channels == 1:
            return frame
        rate, (mixed,) = frame.sample_rate, self._mixer.resample(frame)
        # As in `add`: the samples alone make the time.
        mixed.pts = None
        if loudness(_samples_of(mixed), rate) > SILENT:
            return mixed
        (packed,) = self._packer.resample(frame)
        channels = _samples_of(packed).reshape(-1, packed.layout.nb_channels).T
        loudest = max(channels, key=lambda channel: loudness(channel, rate))
        alone = AudioFrame.from_ndarray(np.array([loudest]), format="s16", layout="mono")
        alone.sample_rate = rate
        return alone


def _samples_of(frame: AudioFrame) -> Samples:
    """Return the samples of a 16-bit frame; those of several channels are interleaved."""
    return frame.to_ndarray().reshape(-1).astype(np.int16)


def _format_of(frame: AudioFrame) -> tuple[str, str, int]:
    return frame.format.name, frame.layout.name, frame.sample_rate


def _rate(frame: AudioFrame) -> int:
    keep = frame.layout.nb_channels == 1 and frame.sample_rate <= _MAX_RATE
    return frame.sample_rate if keep else _SPEECH_RATE


def _silence(seconds: float, rate: int) -> Iterator[Block]:
    left = round(seconds * rate)
    while left > 0:
        size = min(left, _BATCH)
        left -= size
        yield Block(np.zeros(size, np.int16), rate)


def no_audio() -> FileError:
    """Return the error for a file without a single frame that can be decoded."""
    return FileError("no audio can be read from the file: it is empty, damaged or protected")


def _unreadable(head: bytes) -> FileError:
    if head.startswith(_SIGNATURES) or head[4:8] == b"ftyp":
        return FileError("the file cannot be read: it is damaged or cut off")
    return FileError(f"the file is not audio in a supported format; use {FORMATS}")
