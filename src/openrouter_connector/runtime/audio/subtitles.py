"""Write segments as subtitles: SubRip (SRT) and WebVTT."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import accumulate, pairwise
from typing import NamedTuple
from unicodedata import east_asian_width

from .timeline import one_line
from .values import Segment

_WIDTH = 42  # columns of a line; a wide character of East Asia takes two
_LINES = 2  # of a cue
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}  # the last one for `-->`, which ends a cue


class _Cue(NamedTuple):
    start: int  # milliseconds
    end: int
    lines: list[str]


def to_srt(segments: Iterable[Segment]) -> str:
    """Return segments as SubRip, in cues of at most two lines of 42 characters."""
    return "".join(
        f"{number}\n{_clock(cue.start, ',')} --> {_clock(cue.end, ',')}\n{_text(cue)}\n\n"
        for number, cue in enumerate(_cues(segments), 1)
    )


def to_vtt(segments: Iterable[Segment]) -> str:
    """Return segments as WebVTT, in cues of at most two lines of 42 characters."""
    return "WEBVTT\n\n" + "".join(
        f"{_clock(cue.start, '.')} --> {_clock(cue.end, '.')}\n{_escape(_text(cue))}\n\n"
        for cue in _cues(segments)
    )


def _cues(segments: Iterable[Segment]) -> Iterator[_Cue]:
    """Cut segments into cues; each gets a share of the time by its number of characters."""
    for segment in segments:
        lines = list(_lines(one_line(segment["text"])))
        groups = [lines[first : first + _LINES] for first in range(0, len(lines), _LINES)]
        letters = [0, *accumulate(sum(map(len, group)) for group in groups)]
        start, end = (max(0, round(segment[edge] * 1000)) for edge in ("start", "end"))
        times = [start + (end - start) * count // letters[-1] for count in letters if letters[-1]]
        for (first, last), group in zip(pairwise(times), groups, strict=True):
            yield _Cue(first, max(last, first + 1), group)  # players drop a cue of no length


def _lines(text: str) -> Iterator[str]:
    line = ""
    for part in (part for word in text.split() for part in _break(word)):
        longer = f"{line} {part}" if line else part
        if _columns(longer) > _WIDTH:
            yield line
            longer = part
        line = longer
    if line:
        yield line


def _break(word: str) -> Iterator[str]:
    """Break a word that is longer than a line, such as a text without spaces."""
    part = ""
    for letter in word:
        if _columns(part + letter) > _WIDTH:
            yield part
            part = ""
        part += letter
    yield part


def _columns(text: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _text(cue: _Cue) -> str:
    return "\n".join(cue.lines)


def _escape(text: str) -> str:
    return "".join(_ESCAPES.get(letter, letter) for letter in text)


def _clock(milliseconds: int, separator: str) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    minutes, hours = seconds // 60, seconds // 3600
    return f"{hours:02}:{minutes % 60:02}:{seconds % 60:02}{separator}{rest:03}"
