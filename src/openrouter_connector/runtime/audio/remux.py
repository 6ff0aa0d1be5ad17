"""The work of joining: the packets of several files, renumbered, in one."""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple

import av
from av.audio.stream import AudioStream
from av.error import FFmpegError

from ...errors import FileError
from .decode import Source, in_our_words, opened
from .seekable_file import Spool


class _Kind(NamedTuple):
    """What sounds must have in common to play one after another."""

    codec: str
    rate: int
    channels: int
    setup: bytes
    """What a decoder is told beforehand."""

    def __str__(self) -> str:
        plural = "s" if self.channels != 1 else ""
        return f"{self.codec}, {self.rate} Hz, {self.channels} channel{plural}"


class Remux:
    """A file that grows in a spool by the sound of others, and ends with `finish`."""

    def __init__(self, spool: Spool, form: str, codec: str) -> None:
        """Begin it, in a format of FFmpeg for codecs whose name begins so."""
        # The same sound makes the same file; and an MP3 has no tag, which only had our name in it.
        options = {"fflags": "+bitexact", "id3v2_version": "0"}
        self._spool = spool  # it must not go before this does
        self._container = av.open(spool.file, "w", format=form, container_options=options)
        self._codec = codec
        self._stream: AudioStream | None = None
        self._kind: _Kind | None = None
        self._count = self._end = 0

    def add(self, spool: Spool) -> None:
        """Add a file. FileError when it is no sound, or of another kind than the first."""
        self._count += 1
        try:
            with opened(spool) as source:
                self._copy(source, self._fitting(source))
        except FileError as error:
            raise FileError(f"part {self._count}: {error.message}") from error

    def finish(self) -> None:
        """Write what comes last: the header, which tells how much there is."""
        with in_our_words():
            self._container.close()

    def close(self) -> None:
        """Leave it as it is, whatever that may be."""
        with suppress(FFmpegError, OSError):
            self._container.close()

    def _fitting(self, source: Source) -> AudioStream:
        """Give what a sound goes into: it is made for the first, and the others must be alike."""
        kind = _kind(source)
        if not kind.codec.startswith(self._codec):
            raise FileError(f"{kind.codec} is not what such a file may hold")
        if self._stream is None or self._kind is None:
            self._stream = self._container.add_stream_from_template(source.stream)
            self._kind = kind
        if kind != self._kind:
            raise FileError(f"{kind} cannot follow {self._kind}")
        return self._stream

    def _copy(self, source: Source, to: AudioStream) -> None:
        start = self._end
        for packet in source.packets():
            if packet.size:
                packet.pts = packet.dts = self._end
                packet.stream = to
                self._end += packet.duration or 0
                self._container.mux(packet)
        if self._end == start:
            raise FileError("there is no sound in the file")


def _kind(source: Source) -> _Kind:
    context = source.stream.codec_context
    setup = bytes(context.extradata or b"")
    return _Kind(context.codec.canonical_name, context.rate, context.layout.nb_channels, setup)
