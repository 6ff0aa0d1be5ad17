"""Join the results of the parts of audio: text, segments, subtitles, or an error with the rest."""

from __future__ import annotations

from collections.abc import Iterable
from unicodedata import east_asian_width

from ...errors import ConnectorError, FileError, IncompleteError
from ...values import FileEntry, JsonObject, Result
from ..audio.subtitles import to_srt, to_vtt
from ..audio.timeline import merge_segments, merge_words
from ..audio.values import Segment
from ..files.store import FileStore

Interval = tuple[float, float]
"""The start and end of a part, in seconds."""

_WRITERS = {"srt": to_srt, "vtt": to_vtt}


def join_text(texts: Iterable[str]) -> str:
    """Join texts with spaces, except between characters of scripts that are written without."""
    joined = ""
    for text in filter(None, map(str.strip, texts)):
        spaceless = joined and _is_wide(joined[-1]) and _is_wide(text[0])
        joined += text if spaceless or not joined else f" {text}"
    return joined


def join_segments(results: list[Result], intervals: list[Interval]) -> list[Segment]:
    """Return the segments of all parts on one timeline."""
    return merge_segments(
        (start, end, result.output, result.metadata.segments)
        for (start, end), result in zip(intervals, results, strict=True)
    )


def join_words(results: list[Result], intervals: list[Interval]) -> list[JsonObject]:
    """Return the words of all parts on one timeline."""
    return merge_words(
        (start, end, result.metadata.words)
        for (start, end), result in zip(intervals, results, strict=True)
    )


async def store_subtitles(
    formats: list[str], segments: list[Segment], store: FileStore, warnings: list[str]
) -> list[FileEntry]:
    """Store the subtitles. A failure is a warning, so that the text is not lost."""
    entries = []
    for extension in formats:
        content = _WRITERS[extension](segments).encode()
        try:
            name = f"subtitles.{extension}"
            entries.append(await store.put(content, name, extension=extension, rescued=warnings))
        except FileError as error:
            warnings.append(f"{extension} could not be stored: {error.message}")
    return entries


def partial_error(
    outcomes: list[Result | ConnectorError | None], intervals: list[Interval], seconds: float
) -> ConnectorError:
    """Return the error for missing parts; it keeps the text of the others, if there is any."""
    cause = next(outcome for outcome in outcomes if isinstance(outcome, ConnectorError))
    if not any(isinstance(outcome, Result) and outcome.output.strip() for outcome in outcomes):
        return cause
    reached = intervals[-1][1]
    # A second of tolerance, since encoders pad.
    if reached < seconds - 1:  # the parts after this one were never made
        outcomes, intervals = [*outcomes, None], [*intervals, (reached, seconds)]
    texts, missing = [], []
    for (start, end), outcome in zip(intervals, outcomes, strict=True):
        if isinstance(outcome, Result):
            texts.append(outcome.output)
        else:
            missing.append(f"{_clock(start)}–{_clock(end)}")
            texts.append(f"[{missing[-1]} is missing]")
    message = f"{', '.join(missing)} could not be transcribed: {cause.message}"
    return IncompleteError(message, partial=join_text(texts))


def _is_wide(character: str) -> bool:
    return east_asian_width(character) in "WF"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"
