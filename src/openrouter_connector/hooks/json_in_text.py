"""Find JSON in a model's answer: bare, in a code fence, inside prose, or after its reasoning.

All work is linear in the text or limited: the text comes from outside.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from math import isinf
from typing import NamedTuple

from ..values import Json


class FoundJson(NamedTuple):
    """A JSON value, and the length of its text."""

    value: Json
    length: int


def parse_json_text(text: str) -> Json:
    """Parse JSON that may be in a fence or inside prose; raise ValueError without JSON."""
    between = (text[text.find(a) : text.rfind(b) + 1] for a, b in ("{}", "[]") if a in text)
    for part in (text, *_fenced(text)[:1], *between):
        with suppress(ValueError, RecursionError):
            return _DECODER.decode(part.strip())
    raise ValueError("there is no JSON")


def find_json_values(text: str) -> list[FoundJson]:
    """Return the JSON values of an answer in order, without those in its reasoning.

    If the whole text is JSON, it is the only value. Values inside of broken JSON do not count.
    """
    for part in (text, strip_thinking(text)):
        with suppress(ValueError, RecursionError):
            return [FoundJson(_DECODER.decode(part.strip()), len(part))]
    answer = strip_thinking(text)
    found = list(_at_brackets(answer))
    if not found:
        for part in _fenced(answer):  # a bare number or text
            with suppress(ValueError, RecursionError):
                found.append(FoundJson(_DECODER.decode(part.strip()), len(part)))
    return found


def strip_thinking(text: str) -> str:
    """Return an answer without the reasoning between `<think>` and `</think>`.

    Some models omit the opening tag. One that never closes it may have answered inside.
    """
    outside, start, is_open, was_opened = list[str](), 0, False, False
    for tag in _THOUGHT.finditer(text):
        closes = "/" in tag[0]
        if not closes and not is_open:
            outside.append(text[start : tag.start()])
            start, is_open, was_opened = tag.start(), True, True
        elif closes and (is_open or not was_opened):
            start, is_open, was_opened = tag.end(), False, True
    return "".join([*outside, text[start:]]).strip()


def _at_brackets(text: str) -> Iterator[FoundJson]:
    """Yield the values that begin at brackets, each after the end of the last one."""
    at, tries = 0, _MAX_TRIES
    while tries and (bracket := _BRACKET.search(text, at)):
        start = bracket.start()
        tries -= 1
        try:
            value, at = _DECODER.raw_decode(text, start)
            yield FoundJson(value, at - start)
        except json.JSONDecodeError as error:
            # Text before the error means broken JSON; none means a bracket of prose.
            broken = text[start + 1 : error.pos].strip()
            at = _end_of(text, start) if broken else start + 1
        except ValueError:  # a number with too many digits
            at = _end_of(text, start)
        except RecursionError:  # thousands of open brackets are no answer
            return


def _end_of(text: str, start: int) -> int:
    """Return where the bracket at `start` is closed; the end of the text if it is not."""
    depth = 0
    for token in _TOKEN.finditer(text, start):
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(token[0], 0)
        if depth == 0:
            return token.end()
    return len(text)


def _fenced(text: str) -> list[str]:
    """Return the contents of code fences, without the language names."""
    return [_LANGUAGE.sub("", part, count=1) for part in text.split("```", 2 * _MAX_FENCES)[1::2]]


def _refused(constant: str) -> Json:
    raise ValueError(f"{constant} is not JSON")


def _number(text: str) -> float:
    number = float(text)
    if isinf(number):
        raise ValueError(f"{text} is too large")
    return number


# Not strict: models write raw line breaks inside of strings.
_DECODER = json.JSONDecoder(parse_constant=_refused, parse_float=_number, strict=False)
# Brackets that may begin JSON; most brackets of prose do not match.
_BRACKET = re.compile(r'\{(?=\s*["}])|\[(?=\s*["\[{\]\d\-tfn])')
_MAX_TRIES = 500  # each failure counts the lines before it, so its cost grows with the text
_MAX_FENCES = 20
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)
_LANGUAGE = re.compile(r"\A[\w-]*[ \t]*\r?\n")
_THOUGHT = re.compile(
    r"</?(?:think|thinking|thought|reasoning)>|\[/?THINK\]|◁/?think▷", re.IGNORECASE
)
