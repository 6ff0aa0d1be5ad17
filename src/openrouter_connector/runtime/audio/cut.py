"""Cut decoded audio at its pauses, and write each part as a FLAC file."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator

import numpy as np

from ...values import FileEntry, LoadedFile
from .decode import no_audio, open_audio, read_samples
from .flac import FlacWriter
from .seekable_file import SeekableFile
from .silence import SILENT, Samples, find_pause, find_quietest, loudness
from .values import AudioPart, PartLimits

_SEARCHED = 60.0  # seconds before the end of a part in which a pause is searched
_NEAR, _FAR = 1 / 3, 0.9  # share of a part, from its end, that is searched first and then


def cut(file: SeekableFile, name: str, limits: PartLimits) -> Generator[AudioPart | None]:
    """Yield the parts of a file. Yields None while a part needs more samples.

    FileError when the file is no audio, or has no samples.
    """
    writer: _PartWriter | None = None
    number = 1
    try:
        with open_audio(file) as source:
            for samples, rate in read_samples(source):
                writer = writer or _PartWriter(limits, rate)
                while len(samples) > (room := writer.room()):
                    writer.add(samples[:room])
                    samples, rest = samples[room:], writer.cut()
                    yield writer.part(f"{name}-{number}")
                    writer, number = _PartWriter(limits, rate, writer.end), number + 1
                    writer.add(rest)
                writer.add(samples)
                yield None  # lets the caller stop in time
            if writer is None:
                raise no_audio()
            if writer.length:
                yield writer.part(f"{name}-{number}")
    finally:
        if writer:
            writer.close()


class _PartWriter:
    """Writes a part, and holds back its last samples, among which it may be cut."""

    def __init__(self, limits: PartLimits, rate: int, start: int = 0) -> None:
        self._limits, self._rate, self._start = limits, rate, start
        self._file = SeekableFile(limits.folder)
        self._flac = FlacWriter(self._file, rate)
        self._buffer: deque[Samples] = deque()
        self._buffered_count = 0  # samples
        self._loudest = 0.0

    @property
    def length(self) -> int:
        return self._flac.samples + self._buffered_count

    @property
    def end(self) -> int:
        return self._start + self.length

    def room(self) -> int:
        """Return how many samples can be added."""
        by_time = int(self._limits.seconds * self._rate) - self.length
        by_size = self._flac.room(self._limits.size) - self._buffered_count
        return max(0, min(by_time, by_size))

    def add(self, samples: Samples) -> None:
        self._buffer.append(samples)
        self._buffered_count += len(samples)
        needed = min(_SEARCHED, self._limits.seconds * _FAR) * self._rate
        # Only the samples in which a cut may fall stay in memory, however long the part is.
        while self._buffered_count - len(self._buffer[0]) >= needed:
            self._write(self._buffer.popleft())

    def cut(self) -> Samples:
        """End the part at a pause, and return the samples of the next one.

        A pause near the end makes fewer parts; one further back is better than none.
        """
        buffered = np.concatenate(self._buffer)
        for share in (_NEAR, _FAR):
            first = max(0, len(buffered) - int(self.length * share))
            if (found := find_pause(buffered[first:], self._rate)) is not None:
                break
        else:
            first = max(0, len(buffered) - int(self.length * _NEAR))
            found = find_quietest(buffered[first:], self._rate)
        end = first + found
        self._buffer = deque([buffered[:end]])
        self._buffered_count = end
        return buffered[end:]

    def part(self, name: str) -> AudioPart:
        while self._buffer:
            self._write(self._buffer.popleft())
        self._flac.finish()
        entry = FileEntry("flac", "audio/flac", f"{name}.flac", "")
        file = LoadedFile(entry, self._file.size(), self._file.chunks)
        start, end = self._start / self._rate, self.end / self._rate
        return AudioPart(file, start, end, self._loudest <= SILENT)

    def close(self) -> None:
        self._flac.close()

    def _write(self, samples: Samples) -> None:
        self._buffered_count -= len(samples)
        # Measured while writing, since the samples are gone afterwards.
        self._loudest = max(self._loudest, loudness(samples, self._rate))
        self._flac.write(samples)
