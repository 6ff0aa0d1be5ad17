"""A text in breaths: its sentences, and what of a long one can be said before the next breath."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST = 200
"""The most characters that are said in one breath."""
END = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s+[^\sa-z])|[。！？]+[」』”’]*|(?=\n)")
"""Where a sentence ends: not where small letters follow, as behind `e.g.`"""
SPACE = re.compile(r"\s*")


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is said in one breath, and the white space before what comes next."""

    text: str
    joint: str = ""
    last: bool = True
    """Whether the text ends with it."""


def sentences(text: str) -> Iterator[Sentence]:
    """Cut a text, so that all texts and joints one after another are the same text again."""
    start = 0
    while True:
        end = _end(text, start)
        after = _after_space(text, end)
        if after == len(text):
            yield Sentence(text[start:])
            return
        yield Sentence(text[start:end], text[end:after], last=False)
        start = after


def joined(said: list[Sentence]) -> str:
    """Put sentences together that may come from several texts."""
    text = ""
    for place, sentence in enumerate(said, 1):
        joint = sentence.joint or (" " if sentence.last else "")
        text += sentence.text + (joint if place < len(said) else "")
    return text


def _end(text: str, start: int) -> int:
    """Find where a breath ends: after a sentence, else between words, else anywhere."""
    first = _after_space(text, start)
    found = END.search(text, first, first + LONGEST + 1)
    if found is not None:
        return found.end()
    if len(text) - first <= LONGEST:
        return len(text)
    between = max(text.rfind(space, first, first + LONGEST) for space in " \t\u3000")
    return between if between > first else first + LONGEST


def _after_space(text: str, start: int) -> int:
    found = SPACE.match(text, start)
    return found.end() if found else start
