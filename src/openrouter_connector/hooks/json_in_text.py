"""JSON in what a model said: bare, in a code fence, amid prose, after thinking aloud."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from math import isinf
from typing import NamedTuple

from ..values import Json


class FoundJson(NamedTuple):
    """A value in a text, and how much of the text it takes."""

    value: Json
    length: int


def parse_json_text(text: str) -> Json:
    """Parse a text that is JSON, or JSON in a fence or with words around it; else ValueError."""
    between = (text[text.find(a) : text.rfind(b) + 1] for a, b in ("{}", "[]") if a in text)
    for part in (text, *_fenced(text)[:1], *between):
        with suppress(ValueError, RecursionError):
            return _DECODER.decode(part.strip())
    raise ValueError("there is no JSON")


def find_json_values(text: str) -> list[FoundJson]:
    """List the JSON values that an answer holds, in its order; none of what it only thought.

    A text that is JSON is nothing else. What stands inside of broken JSON is no answer.
    """
    for part in (text, strip_thinking(text)):
        with suppress(ValueError, RecursionError):
            return [FoundJson(_DECODER.decode(part.strip()), len(part))]
    said = strip_thinking(text)
    found = list(_at_brackets(said))
    if not found:
        for part in _fenced(said):  # a bare number or text
            with suppress(ValueError, RecursionError):
                found.append(FoundJson(_DECODER.decode(part.strip()), len(part)))
    return found


def strip_thinking(text: str) -> str:
    """Leave out what a model thought aloud, between `<think>` and `</think>`.

    Some forget to begin it. One that never ends it may have answered inside.
    """
    kept, start, opened, begun = list[str](), 0, False, False
    for tag in _THOUGHT.finditer(text):
        closes = "/" in tag[0]
        if not closes and not opened:
            kept.append(text[start : tag.start()])
            start, opened, begun = tag.start(), True, True
        elif closes and (opened or not begun):
            start, opened, begun = tag.end(), False, True
    return "".join([*kept, text[start:]]).strip()


def _at_brackets(text: str) -> Iterator[FoundJson]:
    """Decode at each bracket, from where the last value ended."""
    at, tries = 0, _MOST_TRIES
    while tries and (begun := _BRACKET.search(text, at)):
        start = begun.start()
        tries -= 1
        try:
            value, at = _DECODER.raw_decode(text, start)
            yield FoundJson(value, at - start)
        except json.JSONDecodeError as error:
            # After a key or an item it is broken JSON, and no bracket of prose.
            broken = text[start + 1 : error.pos].strip()
            at = _end_of(text, start) if broken else start + 1
        except ValueError:  # a number that is too long
            at = _end_of(text, start)
        except RecursionError:
            return


def _end_of(text: str, start: int) -> int:
    """Find where the brackets that open here are closed; the end of the text if they are not."""
    depth = 0
    for token in _TOKEN.finditer(text, start):
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(token[0], 0)
        if depth == 0:
            return token.end()
    return len(text)


def _fenced(text: str) -> list[str]:
    """List what stands in code fences, without the name of the language."""
    return [_LANGUAGE.sub("", part, count=1) for part in text.split("```", 2 * _MOST_FENCES)[1::2]]


def _refused(constant: str) -> Json:
    raise ValueError(f"{constant} is not JSON")


def _number(text: str) -> float:
    number = float(text)
    if isinf(number):
        raise ValueError(f"{text} is too large")
    return number


# Not strict: models write line breaks into texts as they are.
_DECODER = json.JSONDecoder(parse_constant=_refused, parse_float=_number, strict=False)
# What JSON may begin with: most brackets of prose do not.
_BRACKET = re.compile(r'\{(?=\s*["}])|\[(?=\s*["\[{\]\d\-tfn])')
_MOST_TRIES = 500  # each that fails takes as long as it takes to count lines
_MOST_FENCES = 20
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)
_LANGUAGE = re.compile(r"\A[\w-]*[ \t]*\r?\n")
_THOUGHT = re.compile(
    r"</?(?:think|thinking|thought|reasoning)>|\[/?THINK\]|◁/?think▷", re.IGNORECASE
)
