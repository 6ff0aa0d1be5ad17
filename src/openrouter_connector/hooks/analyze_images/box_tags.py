"""Read boxes tagged inside prose, as Qwen-VL and InternVL write: `<ref>cat</ref><box>…</box>`."""

from __future__ import annotations

from re import compile, findall

from ...values import Json
from .lenient_json import ParsedAnswer

# Each tag has two spellings. In quotes it is part of JSON, which `lenient_json` reads.
_TAGGED = compile(
    r"""(?:<(?:ref|\|object_ref_start\|)>([^<]*)<(?:/ref|\|object_ref_end\|)>[\s,:]*)?"""
    r"""((?:(?<!["'])<(?:box|\|box_start\|)>[^<]*<(?:/box|\|box_end\|)>[\s,]*)+)"""
)


def read(text: str) -> ParsedAnswer:
    """Return the tagged boxes with their classes; raise ValueError if there are none."""
    found: list[Json] = []
    end = 0
    for tagged in _TAGGED.finditer(text):
        boxes = [four for inside in findall(r">([^<]*)<", tagged[2]) for four in _boxes(inside)]
        found += [{"class": tagged[1], "boxes": boxes}] if boxes else []
        end = tagged.end()
    if not found:
        raise ValueError("there are no box tags")
    return ParsedAnswer(found, "<" in text[end:])


def _boxes(text: str) -> list[list[str]]:
    numbers = findall(r"-?\d+(?:\.\d+)?", text)
    return [numbers[at : at + 4] for at in range(0, len(numbers) - 3, 4)]
