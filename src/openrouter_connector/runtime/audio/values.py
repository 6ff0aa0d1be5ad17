"""The values that the audio modules exchange: a file's properties, its parts, its segments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from ...values import JsonObject, LoadedFile


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """What is known of an audio file: its length, and how it is encoded."""

    seconds: float
    codec: str
    """As FFmpeg names it: `mp3`, `aac`, `pcm_s16le`."""
    rate: int
    """Samples per second."""
    channels: int
    kind: str
    """The extension of such files, whatever the name of this one is: `m4a`."""
    silent: bool
    """Whether all of it is 60 dB below full scale, where nobody speaks."""
    warnings: tuple[str, ...] = ()
    """What the user should know about the file."""


@dataclass(frozen=True, slots=True)
class AudioPart:
    """A part of an audio file, as a FLAC file of its own: from `start` to `end`, in seconds."""

    file: LoadedFile
    """Its bytes are on disk as long as this object exists."""
    start: float
    end: float
    silent: bool
    """Whether all of it is 60 dB below full scale, where nobody speaks."""


@dataclass(frozen=True, slots=True)
class PartLimits:
    """What a part may have at most: seconds, bytes. Temporary files are created in `folder`."""

    seconds: float
    size: int
    folder: Path | None = None


class Segment(TypedDict):
    """What is said from `start` to `end`, in seconds from the start of the file."""

    start: float
    end: float
    text: str


TranscribedPart = tuple[float, float, str, Sequence[JsonObject] | None]
"""A part: its start and end in seconds, its text, and its segments as the model returned them."""
