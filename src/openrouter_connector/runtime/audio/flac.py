"""Write audio as FLAC: the same samples in half the bytes."""

from __future__ import annotations

from contextlib import suppress

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.error import FFmpegError
from av.packet import Packet

from .seekable_file import SeekableFile
from .silence import Samples

_HEADER = 100  # bytes, rounded up
# Bytes per sample at worst: FLAC stores samples that it cannot compress, and some 10 bytes a frame.
_WORST = 2.06


class FlacWriter:
    """Writes one channel of 16-bit samples to a file, until `finish`."""

    def __init__(self, file: SeekableFile, rate: int) -> None:
        """Start the file; `rate` is samples per second."""
        self.samples = 0
        self._rate = rate
        self._bytes = self._encoded = 0
        options = {"fflags": "+bitexact", "metadata_header_padding": "0"}
        self._container = av.open(file.file, "w", format="flac", container_options=options)
        self._stream: AudioStream = self._container.add_stream("flac", rate=rate)
        self._stream.codec_context.layout = "mono"
        self._stream.codec_context.format = "s16"

    def write(self, samples: Samples) -> None:
        """Append samples."""
        if len(samples):
            frame = AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
            frame.sample_rate = self._rate
            self._mux(self._stream.encode(frame))
            self.samples += len(samples)

    def room(self, largest: int) -> int:
        """Return how many samples can surely be appended to a file of at most `largest` bytes."""
        pending = self.samples - self._encoded
        return int((largest - _HEADER - self._bytes) / _WORST) - pending

    def finish(self) -> None:
        """Write the last samples, and the header with their number."""
        self._mux(self._stream.encode(None))
        self._container.close()

    def close(self) -> None:
        """Stop writing, and leave the file as it is."""
        with suppress(FFmpegError, OSError):
            self._container.close()

    def _mux(self, packets: list[Packet[AudioStream]]) -> None:
        for packet in packets:
            self._bytes += packet.size
            self._encoded += packet.duration or 0
            self._container.mux(packet)
