"""Find out what an audio file is, before anything is paid for."""

from __future__ import annotations

from asyncio import to_thread

from ...values import LoadedFile
from ..optional import extra
from .seekable_file import SeekableFile, as_file_errors
from .values import AudioInfo


async def probe(file: LoadedFile, *, where: str = "file") -> AudioInfo:
    """Inspect an audio file. Its length is counted, since the header may be wrong.

    FileError at `where` when the file is no audio, of an unknown format, empty or damaged.
    """
    with extra("audio", {"av", "numpy"}, "Inspecting audio"):
        from .inspect import inspect
    with as_file_errors(where):
        return await to_thread(inspect, await SeekableFile.of(file))
