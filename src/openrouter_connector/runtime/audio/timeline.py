"""Merge the segments of the parts of an audio file into one timeline."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from math import isfinite

from ...values import Json, JsonObject
from .values import Segment, TranscribedPart


def merge_segments(parts: Iterable[TranscribedPart]) -> list[Segment]:
    """Return the segments of all parts, in order. A part without segments becomes one segment.

    The times that a model returns count from the start of its part, and are kept within the part.
    Segments without text are left out.
    """
    found = [segment for part in parts for segment in _segments_of(*part)]
    return sorted(found, key=lambda segment: segment["start"])


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
        first = min(max(start, start + _seconds(item.get("start"), previous - start)), end)
        previous = min(max(first, start + _seconds(item.get("end"), end - start)), end)
        yield {
            "start": round(first, 3),
            "end": round(previous, 3),
            "text": one_line(item.get("text")),
        }


def _seconds(value: Json, default: float) -> float:
    known = isinstance(value, int | float) and isfinite(value)
    return float(value) if known else default
