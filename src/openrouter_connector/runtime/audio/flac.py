"""Sound written as FLAC: the same samples, in half the bytes."""

from __future__ import annotations

from contextlib import suppress

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.error import FFmpegError
from av.packet import Packet

from .seekable_file import Spool
from .silence import Samples

_HEADER = 100  # bytes, and some
# Bytes a sample: what cannot be made smaller is kept, with some 10 bytes for each frame.
_WORST = 2.06


class Flac:
    """A file of one channel of 16-bit samples that grows in a spool, and ends with `finish`."""

    def __init__(self, spool: Spool, rate: int) -> None:
        """Begin it; `rate` is samples a second."""
        self.samples = 0
        self._rate = rate
        self._bytes = self._encoded = 0
        options = {"fflags": "+bitexact", "metadata_header_padding": "0"}
        self._container = av.open(spool.file, "w", format="flac", container_options=options)
        self._stream: AudioStream = self._container.add_stream("flac", rate=rate)
        self._stream.codec_context.layout = "mono"
        self._stream.codec_context.format = "s16"

    def write(self, samples: Samples) -> None:
        """Add samples."""
        if len(samples):
            frame = AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
            frame.sample_rate = self._rate
            self._mux(self._stream.encode(frame))
            self.samples += len(samples)

    def room(self, largest: int) -> int:
        """Tell how many samples can surely be added, if the file may have so many bytes."""
        waiting = self.samples - self._encoded
        return int((largest - _HEADER - self._bytes) / _WORST) - waiting

    def finish(self) -> None:
        """Write what is left, and the header that tells how much there is."""
        self._mux(self._stream.encode(None))
        self._container.close()

    def close(self) -> None:
        """Leave it as it is, whatever that may be."""
        with suppress(FFmpegError, OSError):
            self._container.close()

    def _mux(self, packets: list[Packet[AudioStream]]) -> None:
        for packet in packets:
            self._bytes += packet.size
            self._encoded += packet.duration or 0
            self._container.mux(packet)
