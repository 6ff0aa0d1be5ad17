"""Boxes that are marked in prose, as Qwen-VL and InternVL do: `<ref>cat</ref><box>…</box>`."""

from __future__ import annotations

from re import compile, findall

from ...values import Json
from .lenient_json import ParsedAnswer

# The same marks are written in two ways. In quotes they are a part of JSON, and not read here.
_MARKED = compile(
    r"""(?:<(?:ref|\|object_ref_start\|)>([^<]*)<(?:/ref|\|object_ref_end\|)>[\s,:]*)?"""
    r"""((?:(?<!["'])<(?:box|\|box_start\|)>[^<]*<(?:/box|\|box_end\|)>[\s,]*)+)"""
)


def read(text: str) -> ParsedAnswer:
    """Read the marked boxes with their classes; ValueError if there are none."""
    found: list[Json] = []
    end = 0
    for marked in _MARKED.finditer(text):
        boxes = [four for inside in findall(r">([^<]*)<", marked[2]) for four in _fours(inside)]
        found += [{"class": marked[1], "boxes": boxes}] if boxes else []
        end = marked.end()
    if not found:
        raise ValueError("nothing is marked")
    return ParsedAnswer(found, "<" in text[end:])


def _fours(text: str) -> list[list[str]]:
    numbers = findall(r"-?\d+(?:\.\d+)?", text)
    return [numbers[at : at + 4] for at in range(0, len(numbers) - 3, 4)]
