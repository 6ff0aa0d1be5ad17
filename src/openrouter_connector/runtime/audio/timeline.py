"""What was said in the parts of a sound, on one timeline, and as subtitles."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from math import isfinite
from typing import NamedTuple, TypedDict
from unicodedata import east_asian_width

from ...values import Json, JsonObject

Heard = tuple[float, float, str, Sequence[JsonObject] | None]
"""A part: its start and end in seconds, its text, and the segments in it that a model timed."""

_WIDTH = 42  # columns of a line; a wide character of East Asia takes two
_LINES = 2  # of a cue
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}  # the last for `-->`, which ends a cue


class Segment(TypedDict):
    """What was said from `start` to `end`, in seconds from the beginning of the file."""

    start: float
    end: float
    text: str


class _Cue(NamedTuple):
    start: int  # milliseconds
    end: int
    lines: list[str]


def merged(parts: Iterable[Heard]) -> list[Segment]:
    """Give the segments of all parts, in order; a part without any of its own is one.

    The seconds of a model count from the start of its part, and are kept within it. Segments
    without a text are left out.
    """
    found = [one for part in parts for one in _within(*part)]
    return sorted(found, key=lambda one: one["start"])


def srt(segments: Iterable[Segment]) -> str:
    """Give segments as SubRip: two lines of 42 characters at a time, longer ones one by one."""
    return "".join(
        f"{number}\n{_clock(cue.start, ',')} --> {_clock(cue.end, ',')}\n{_text(cue)}\n\n"
        for number, cue in enumerate(_cues(segments), 1)
    )


def vtt(segments: Iterable[Segment]) -> str:
    """Give segments as WebVTT, cut like those of `srt`."""
    return "WEBVTT\n\n" + "".join(
        f"{_clock(cue.start, '.')} --> {_clock(cue.end, '.')}\n{_escaped(_text(cue))}\n\n"
        for cue in _cues(segments)
    )


def _within(
    start: float, end: float, text: str, segments: Sequence[JsonObject] | None
) -> Iterator[Segment]:
    told = segments if isinstance(segments, list) else []  # as a server sent it
    timed = [one for one in told if isinstance(one, dict) and _tamed(one.get("text"))]
    if not timed and (said := _tamed(text)):
        yield {"start": round(start, 3), "end": round(end, 3), "text": said}
    latest = start
    for one in timed:
        first = min(max(start, start + _seconds(one.get("start"), latest - start)), end)
        latest = min(max(first, start + _seconds(one.get("end"), end - start)), end)
        yield {
            "start": round(first, 3),
            "end": round(latest, 3),
            "text": _tamed(one.get("text")),
        }


def _seconds(told: Json, otherwise: float) -> float:
    known = isinstance(told, int | float) and isfinite(told)
    return float(told) if known else otherwise


def _tamed(text: Json) -> str:
    """Put a text into one line, without control characters."""
    known = text if isinstance(text, str) else ""
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", known).split())


def _cues(segments: Iterable[Segment]) -> Iterator[_Cue]:
    """Cut segments to what can be read at once, each with time by its number of characters."""
    for segment in segments:
        lines = list(_lines(_tamed(segment["text"])))
        shown = [lines[at : at + _LINES] for at in range(0, len(lines), _LINES)]
        letters = [0, *accumulate(sum(map(len, some)) for some in shown)]
        start, end = (max(0, round(segment[edge] * 1000)) for edge in ("start", "end"))
        times = [start + (end - start) * count // letters[-1] for count in letters if letters[-1]]
        for (first, last), some in zip(pairwise(times), shown, strict=True):
            yield _Cue(first, max(last, first + 1), some)  # a cue that takes no time is none


def _lines(text: str) -> Iterator[str]:
    line = ""
    for piece in (piece for word in text.split() for piece in _broken(word)):
        longer = f"{line} {piece}" if line else piece
        if _columns(longer) > _WIDTH:
            yield line
            longer = piece
        line = longer
    if line:
        yield line


def _broken(word: str) -> Iterator[str]:
    """Break a word only where it is longer than a line, as a text without spaces is."""
    piece = ""
    for letter in word:
        if _columns(piece + letter) > _WIDTH:
            yield piece
            piece = ""
        piece += letter
    yield piece


def _columns(text: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _text(cue: _Cue) -> str:
    return "\n".join(cue.lines)


def _escaped(text: str) -> str:
    return "".join(_ESCAPES.get(letter, letter) for letter in text)


def _clock(milliseconds: int, point: str) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    minutes, hours = seconds // 60, seconds // 3600
    return f"{hours:02}:{minutes % 60:02}:{seconds % 60:02}{point}{rest:03}"
