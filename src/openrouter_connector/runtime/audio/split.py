"""Split long audio into parts, cut where nobody speaks.

file ──SeekableFile──▶ decode ──▶ samples ──silence──▶ FLAC, one part at a time

The file is read once, and each part is made when it is requested: a slow consumer slows it all.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path, PurePath

from ...values import LoadedFile
from ..optional import extra
from .seekable_file import SeekableFile, as_file_errors
from .values import AudioPart, PartLimits
from .worker import WorkerThread

_MIN_SECONDS, _MIN_BYTES = 1.0, 100_000  # the smallest limits of a part


async def split_at_silences(
    file: LoadedFile,
    *,
    seconds: float,
    size: int,
    where: str = "file",
    folder: Path | None = None,
) -> AsyncGenerator[AudioPart]:
    """Yield parts of at most `seconds` and `size` bytes, as they are made.

    A part ends in the middle of a long silence (0.3 s or more) in the last third of its possible
    length, else at one further back (at most a minute), else at the quietest instant. FileError at
    `where` when the file is no audio or has no samples; damaged packets are skipped. Temporary
    files are created in `folder`, by default the system's.
    """
    if seconds < _MIN_SECONDS or size < _MIN_BYTES:
        raise ValueError(f"a part needs at least {_MIN_SECONDS} seconds and {_MIN_BYTES} bytes")
    with extra("audio", {"av", "numpy"}, "Splitting audio"):
        from .cut import cut
    with as_file_errors(where):
        seekable = await SeekableFile.of(file, folder)
        stem = PurePath(file.entry.name).stem or "audio"
        parts = cut(seekable, stem, PartLimits(seconds, size, folder))
        with WorkerThread(parts.close) as thread:
            while (part := await thread.run(next, parts, False)) is not False:
                if isinstance(part, AudioPart):
                    yield part
