"""A long sound in parts, cut where nobody speaks.

file ──spool──▶ decode ──▶ samples ──silence──▶ FLAC, a part at a time

It is read once, and a part is made when it is asked for: a slow consumer slows all of it down.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path, PurePath

from ...values import LoadedFile
from ..optional import extra
from .seekable_file import Spool, told
from .worker import Thread

_SHORTEST = 1.0  # seconds that a part may be asked to have at most
_SMALLEST = 100_000  # bytes


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a sound, as a FLAC file of its own: from `start` to `end`, in seconds."""

    file: LoadedFile
    """Its bytes lie on the disk as long as this is held."""
    start: float
    end: float
    silent: bool
    """Whether all of it is 60 dB below full scale, where nobody speaks."""


async def split(
    file: LoadedFile,
    *,
    longest: float,
    largest: int,
    where: str = "file",
    folder: Path | None = None,
) -> AsyncGenerator[Part]:
    """Give a sound in parts of at most `longest` seconds and `largest` bytes, as they are made.

    A part ends in the middle of a long silence (0.3 s or more) in the last third of what it may
    have, else of one further back, at most a minute; without any at the quietest instant. FileError
    at `where` when the file is no sound or has no samples; what is damaged in it is passed over.
    Temporary files lie in `folder`, else in the system's.
    """
    if longest < _SHORTEST or largest < _SMALLEST:
        raise ValueError(f"a part takes at least {_SHORTEST} seconds and {_SMALLEST} bytes")
    with extra("audio", {"av", "numpy"}, "Splitting a sound"):
        from .cut import PartLimits, parts
    with told(where):
        spool = await Spool.of(file, folder)
        stem = PurePath(file.entry.name).stem or "sound"
        making = parts(spool, stem, PartLimits(longest, largest, folder))
        with Thread(making.close) as thread:
            while (step := await thread.do(next, making, False)) is not False:
                if isinstance(step, Part):
                    yield step
