"""Pre-flight of audio that may be split: what will happen to it, and how much of it is billed."""

from __future__ import annotations

from decimal import Decimal
from math import ceil

from ...definition.model import SplitAudio
from ...values import JsonObject
from ..audio.values import AudioInfo
from ..batch.audio_plan import SILENT, attempts, must_split, wants_times
from .interval import NOTHING, Interval

_CONVERTED = "the file is too large for one call, so it is sent as FLAC with one channel"


def audio_warnings(audio: AudioInfo, word: SplitAudio, loaded: JsonObject) -> list[str]:
    """Return what the user should know: defects of the audio, and how many parts it makes."""
    warnings, max_seconds = [*audio.warnings], float(loaded[word.max_seconds])
    if audio.silent:
        warnings.append(SILENT)
    elif must_split(word, audio, loaded[word.property], max_seconds):
        parts = ceil(audio.seconds / max_seconds)
        split = f"{audio.seconds:,.0f} seconds are sent in {parts:,} parts or more"
        warnings.append(f"{split if parts > 1 else _CONVERTED}; silent parts are not sent")
    return warnings


def billed_seconds(audio: AudioInfo, word: SplitAudio, loaded: JsonObject) -> Interval:
    """Return how many seconds will be sent: fewer than all if parts may be silent."""
    if audio.silent:
        return NOTHING
    seconds = Interval.of(Decimal(str(audio.seconds)))
    timed = wants_times(word, loaded)
    *_, (_, shortest) = attempts(float(loaded[word.max_seconds]), timed=timed)
    may_split = must_split(word, audio, loaded[word.property], shortest)
    return NOTHING | seconds if may_split else seconds
