"""Split a text into sentences, and a long sentence into parts short enough for one breath."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_LENGTH = 200
"""The most characters of one sentence, or of one part of a long sentence."""
END = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s+[^\sa-z])|[。！？]+[」』”’]*|(?=\n)")
"""The end of a sentence; not where a lower-case letter follows, as after `e.g.`"""
SPACE = re.compile(r"\s*")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, and the white space between it and the next one."""

    text: str
    gap: str = ""
    last: bool = True
    """Whether it is the last sentence of its text."""


def split_sentences(text: str) -> Iterator[Sentence]:
    """Yield the sentences of a text; their texts and gaps, joined, are the same text again."""
    start = 0
    while True:
        end = _find_end(text, start)
        after = _after_space(text, end)
        if after == len(text):
            yield Sentence(text[start:])
            return
        yield Sentence(text[start:end], text[end:after], last=False)
        start = after


def join_sentences(sentences: list[Sentence]) -> str:
    """Join sentences, which may come from several texts."""
    text = ""
    for number, sentence in enumerate(sentences, 1):
        gap = sentence.gap or (" " if sentence.last else "")
        text += sentence.text + (gap if number < len(sentences) else "")
    return text


def _find_end(text: str, start: int) -> int:
    """Return where to cut: after a sentence, else between words, else anywhere."""
    first = _after_space(text, start)
    found = END.search(text, first, first + MAX_LENGTH + 1)
    if found is not None:
        return found.end()
    if len(text) - first <= MAX_LENGTH:
        return len(text)
    between = max(text.rfind(space, first, first + MAX_LENGTH) for space in " \t\u3000")
    return between if between > first else first + MAX_LENGTH


def _after_space(text: str, start: int) -> int:
    found = SPACE.match(text, start)
    return found.end() if found else start
