"""Dotted paths into JSON, `choices[0].message.content`, and the `{name}`s of a template."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from re import findall, sub

from ..values import Json


def at(value: Json, path: str) -> Json:
    """Follow a path; what is not there is None."""
    for step in steps(path):
        if isinstance(step, str):
            value = value.get(step) if isinstance(value, dict) else None
        else:
            value = value[step] if isinstance(value, list) and step < len(value) else None
        if value is None:
            return None
    return value


@cache
def steps(path: str) -> tuple[str | int, ...]:
    """Give the steps of a path: names, and positions in a list."""
    found = findall(r"(\w+)|\[(\d+)\]", path)
    return tuple(name or int(position) for name, position in found)


def placeholders(template: str) -> list[str]:
    """Give the names that stand in braces, in their order: `GET /models/{author}/{slug}`."""
    return findall(_PLACEHOLDER, template)


def filled(template: str, value_of: Callable[[str], str]) -> str:
    """Put a value in the place of every `{name}`."""
    return sub(_PLACEHOLDER, lambda found: value_of(found[1]), template)


_PLACEHOLDER = r"\{(\w+)\}"
