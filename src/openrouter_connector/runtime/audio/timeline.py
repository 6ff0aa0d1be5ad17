"""Merge the segments and the words of the parts of an audio file into one timeline."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ...values import Json, JsonObject
from .values import Segment, TranscribedPart


def merge_segments(parts: Iterable[TranscribedPart]) -> list[Segment]:
    """Return the segments of all parts, in order. A part without segments becomes one segment.

    The times that a model returns count from the start of its part, and are kept within the part.
    Segments without text are left out.
    """
    found = [segment for part in parts for segment in _segments_of(*part)]
    return sorted(found, key=lambda segment: segment["start"])


def merge_words(parts: Iterable[tuple[float, float, Json]]) -> list[JsonObject]:
    """Return the words of all parts, in order: each part is its start, its end and its words.

    Times are as those of segments. A word without a start begins where the word before it ends, and
    one without an end has no length.
    """
    return [word for part in parts for word in _words_of(*part)]


def one_line(text: Json) -> str:
    """Return a text in one line, without control characters; empty for anything but a text."""
    known = text if isinstance(text, str) else ""
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", known).split())


def _segments_of(
    start: float, end: float, text: str, segments: Sequence[JsonObject] | None
) -> Iterator[Segment]:
    # Segments are read as a server sent them: they may be anything.
    listed = segments if isinstance(segments, list) else []
    timed = [item for item in listed if isinstance(item, dict) and one_line(item.get("text"))]
    if not timed and (line := one_line(text)):
        yield {"start": round(start, 3), "end": round(end, 3), "text": line}
    previous = start
    for item in timed:
        first = _time(item.get("start"), start, end, previous)
        previous = max(first, _time(item.get("end"), start, end, end))
        yield {
            "start": round(first, 3),
            "end": round(previous, 3),
            "text": one_line(item.get("text")),
        }


def _words_of(start: float, end: float, words: Json) -> Iterator[JsonObject]:
    previous = start
    for word in words if isinstance(words, list) else ():
        if isinstance(word, dict):
            first = _time(word.get("start"), start, end, previous)
            previous = max(first, _time(word.get("end"), start, end, first))
            yield {**word, "start": round(first, 3), "end": round(previous, 3)}


def _time(value: Json, start: float, end: float, default: float) -> float:
    """Return a time in the file, which a server counts from the start of a part."""
    # Nothing is as long as 30 years; and this leaves out NaN, and whole numbers beyond a float.
    known = isinstance(value, int | float) and abs(value) < 1e9
    return min(max(start, start + value), end) if known else default
