"""The work of cutting: samples go in, and FLAC files come out, a part after the other."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...values import FileEntry, LoadedFile
from .decode import blocks, nothing, opened
from .flac import Flac
from .seekable_file import Spool
from .silence import SILENT, Samples, loudest, pause, quietest
from .split import Part

_LOOKS_BACK = 60.0  # seconds in which a pause is looked for, or a third of a part if that is less
_NEAR, _FAR = 1 / 3, 0.9  # of a part: where a pause is looked for first, and then


@dataclass(frozen=True, slots=True)
class PartLimits:
    """What a part may have at most: seconds, bytes. Temporary files lie in `folder`."""

    longest: float
    largest: int
    folder: Path | None = None


def parts(spool: Spool, name: str, limits: PartLimits) -> Generator[Part | None]:
    """Give the parts of a file; None when there is more to do before the next one.

    FileError when it is no sound, or has no samples.
    """
    making: _Making | None = None
    number = 1
    try:
        with opened(spool) as source:
            for samples, rate in blocks(source):
                making = making or _Making(limits, rate)
                while len(samples) > (room := making.room()):
                    making.add(samples[:room])
                    samples, rest = samples[room:], making.cut()
                    yield making.part(f"{name}-{number}")
                    making, number = _Making(limits, rate, making.end), number + 1
                    making.add(rest)
                making.add(samples)
                yield None
            if making is None:
                raise nothing()
            if making.length:
                yield making.part(f"{name}-{number}")
    finally:
        if making:
            making.close()


class _Making:
    """A part that is being written, but for its last stretch, which it may be cut in."""

    def __init__(self, limits: PartLimits, rate: int, start: int = 0) -> None:
        self._limits, self._rate, self._start = limits, rate, start
        self._spool = Spool(limits.folder)
        self._flac = Flac(self._spool, rate)
        self._held: deque[Samples] = deque()
        self._waiting = 0  # samples that are held
        self._loudest = 0.0

    @property
    def length(self) -> int:
        return self._flac.samples + self._waiting

    @property
    def end(self) -> int:
        return self._start + self.length

    def room(self) -> int:
        """Tell how many samples can be added."""
        by_time = int(self._limits.longest * self._rate) - self.length
        by_size = self._flac.room(self._limits.largest) - self._waiting
        return max(0, min(by_time, by_size))

    def add(self, samples: Samples) -> None:
        self._held.append(samples)
        self._waiting += len(samples)
        needed = min(_LOOKS_BACK, self._limits.longest * _FAR) * self._rate
        while self._waiting - len(self._held[0]) >= needed:
            self._write(self._held.popleft())

    def cut(self) -> Samples:
        """End the part where it is quiet, and give what belongs to the next one.

        A pause near the end makes fewer parts; one further back is better than none.
        """
        held = np.concatenate(self._held)
        for share in (_NEAR, _FAR):
            first = max(0, len(held) - int(self.length * share))
            if (found := pause(held[first:], self._rate)) is not None:
                break
        else:
            first = max(0, len(held) - int(self.length * _NEAR))
            found = quietest(held[first:], self._rate)
        place = first + found
        self._held = deque([held[:place]])
        self._waiting = place
        return held[place:]

    def part(self, name: str) -> Part:
        while self._held:
            self._write(self._held.popleft())
        self._flac.finish()
        entry = FileEntry("flac", "audio/flac", f"{name}.flac", "")
        file = LoadedFile(entry, self._spool.size(), self._spool.chunks)
        start, end = self._start / self._rate, self.end / self._rate
        return Part(file, start, end, self._loudest <= SILENT)

    def close(self) -> None:
        self._flac.close()

    def _write(self, samples: Samples) -> None:
        self._waiting -= len(samples)
        self._loudest = max(self._loudest, loudest(samples, self._rate))
        self._flac.write(samples)
