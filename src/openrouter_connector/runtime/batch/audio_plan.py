"""Decide how audio is sent: unchanged in one call, or split into parts, with times or without."""

from __future__ import annotations

import sys
from dataclasses import replace

from ...definition.model import SplitAudio
from ...errors import FileError, MissingExtraError
from ...values import JsonObject, LoadedFile
from ..audio.probe import probe
from ..audio.values import AudioInfo

SILENT = "the file is silent from start to end, so it is not sent"
UNTIMED_SECONDS = 20.0
"""Seconds of a part when the model returns no times: its place in the file is the only time."""
_PADDING = 0.2  # seconds that encoders add: a minute as an MP3 is still a minute


async def inspect_input(
    word: SplitAudio, loaded: JsonObject
) -> tuple[JsonObject, AudioInfo | None]:
    """Inspect the audio before it is paid for, and return the values with its true type.

    Without the extra `audio`, what fits into one call is sent uninspected, and the info is None.
    FileError when the file is no audio, MissingExtraError when it must be split.
    """
    file: LoadedFile = loaded[word.property]
    try:
        audio = await probe(file, where=word.property)
    except MissingExtraError:
        if wants_times(word, loaded) or file.size > max_bytes(word):
            raise
        if not file.size:
            raise FileError(f"{word.property}: the file is empty", word.property) from None
        return loaded, None
    declared = file.called or file.entry.extension
    if audio.kind == declared:
        return loaded, audio
    warning = f"the file is {audio.kind} and not {declared}; it is sent as {audio.kind}"
    renamed = replace(file, entry=replace(file.entry, extension=audio.kind), called="")
    warnings = (*audio.warnings, warning)
    return {**loaded, word.property: renamed}, replace(audio, warnings=warnings)


def wants_times(word: SplitAudio, loaded: JsonObject) -> bool:
    """Return whether the user requested segments or subtitles."""
    return bool(loaded.get(word.segments or "") or loaded.get(word.subtitles or ""))


def max_bytes(word: SplitAudio) -> int:
    """Return the size of the largest file in one call."""
    return word.max_bytes or sys.maxsize


def must_split(word: SplitAudio, audio: AudioInfo, file: LoadedFile, max_seconds: float) -> bool:
    """Return whether a file is too long or too large for one call."""
    return audio.seconds > max_seconds + _PADDING or file.size > max_bytes(word)


def attempts(max_seconds: float, *, timed: bool) -> list[tuple[bool, float]]:
    """Return what is tried in turn: whether to request times, and the length of a part.

    The second attempt is for a model that returns no times. Its parts are short, so that their
    places in the file are precise enough.
    """
    return [(timed, max_seconds)] + [(False, min(max_seconds, UNTIMED_SECONDS))] * timed
