"""What a sound file is, before anything is paid for."""

from __future__ import annotations

from asyncio import to_thread
from dataclasses import dataclass

from ...values import LoadedFile
from ..optional import extra
from .seekable_file import Spool, told


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """What is known of a sound file: how long it plays, and how it is encoded."""

    seconds: float
    codec: str
    """As FFmpeg calls it: `mp3`, `aac`, `pcm_s16le`."""
    rate: int
    """Samples a second."""
    channels: int
    kind: str
    """The extension of such files, whatever this one is called: `m4a`."""
    silent: bool
    """Whether all of it is 60 dB below full scale, where nobody speaks."""
    warnings: tuple[str, ...] = ()
    """What the user should know of it."""


async def probe(file: LoadedFile, *, where: str = "file") -> AudioInfo:
    """Look at a sound. The seconds are counted, whatever its header says of them.

    FileError at `where` when it is no sound, of an unknown format, empty or damaged beyond use.
    """
    with extra("audio", {"av", "numpy"}, "Looking at a sound"):
        from .inspect import look
    with told(where):
        return await to_thread(look, await Spool.of(file))
