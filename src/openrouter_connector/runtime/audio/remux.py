"""Copy the packets of several audio files into one, with new timestamps."""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple

import av
from av.audio.stream import AudioStream
from av.error import FFmpegError

from ...errors import FileError
from .decode import Source, open_audio, translate_errors
from .seekable_file import SeekableFile


class _StreamFormat(NamedTuple):
    """What audio streams must have in common to be joined."""

    codec: str
    rate: int
    channels: int
    setup: bytes
    """The configuration that a decoder needs before the first packet."""

    def __str__(self) -> str:
        plural = "s" if self.channels != 1 else ""
        return f"{self.codec}, {self.rate} Hz, {self.channels} channel{plural}"


class Remux:
    """Appends the audio of files to one file, until `finish`."""

    def __init__(self, file: SeekableFile, form: str, codec: str) -> None:
        """Start the file, in a format of FFmpeg, for codecs whose name starts with `codec`."""
        # No tag and no version of the encoder: so the same audio makes the same file and hash.
        options = {"fflags": "+bitexact", "id3v2_version": "0"}
        self._file = file  # keeps it open
        self._container = av.open(file.file, "w", format=form, container_options=options)
        self._codec = codec
        self._stream: AudioStream | None = None
        self._format: _StreamFormat | None = None
        self._count = self._end = 0

    def add(self, file: SeekableFile) -> None:
        """Append a file. FileError when it is no audio, or has another format than the first."""
        self._count += 1
        try:
            with open_audio(file) as source:
                self._copy(source, self._stream_for(source))
        except FileError as error:
            raise FileError(f"part {self._count}: {error.message}") from error

    def finish(self) -> None:
        """Write the rest, and the header with the length."""
        with translate_errors():
            self._container.close()

    def close(self) -> None:
        """Stop writing, and leave the file as it is."""
        with suppress(FFmpegError, OSError):
            self._container.close()

    def _stream_for(self, source: Source) -> AudioStream:
        """Return the output stream. The first file sets its format; the others must match."""
        found = _format_of(source)
        if not found.codec.startswith(self._codec):
            raise FileError(f"the codec {found.codec} cannot be stored in such a file")
        if self._stream is None or self._format is None:
            self._stream = self._container.add_stream_from_template(source.stream)
            self._format = found
        if found != self._format:
            raise FileError(f"its format ({found}) differs from the first part ({self._format})")
        return self._stream

    def _copy(self, source: Source, to: AudioStream) -> None:
        start = self._end
        for packet in source.packets():
            # The last packet of a stream is empty, and flushes the decoder.
            if packet.size:
                # Each file starts at zero: without new timestamps they would overlap.
                packet.pts = packet.dts = self._end
                packet.stream = to
                self._end += packet.duration or 0
                self._container.mux(packet)
        if self._end == start:
            raise FileError("the file contains no audio")


def _format_of(source: Source) -> _StreamFormat:
    context = source.stream.codec_context
    setup = bytes(context.extradata or b"")
    return _StreamFormat(
        context.codec.canonical_name, context.rate, context.layout.nb_channels, setup
    )
