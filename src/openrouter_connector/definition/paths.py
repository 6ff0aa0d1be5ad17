"""Dotted paths into JSON, `choices[0].message.content`, and templates with `{name}`s."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from re import findall, sub

from ..values import Json


def at(value: Json, path: str) -> Json:
    """Return the value at a path, or None if it is missing."""
    for step in _steps(path):
        if isinstance(step, str):
            value = value.get(step) if isinstance(value, dict) else None
        else:
            value = value[step] if isinstance(value, list) and step < len(value) else None
        if value is None:
            return None
    return value


@cache
def _steps(path: str) -> tuple[str | int, ...]:
    """Split a path into keys, and positions in a list."""
    found = findall(r"(\w+)|\[(\d+)\]", path)
    return tuple(name or int(position) for name, position in found)


def dotted(path: Iterable[str | int]) -> str:
    """Return a path as people write it: `messages[0].role`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def placeholders(template: str) -> list[str]:
    """Return the names in braces, in their order: `GET /models/{author}/{slug}`."""
    return findall(_PLACEHOLDER, template)


def fill_template(template: str, value_of: Callable[[str], str]) -> str:
    """Replace every `{name}` by its value."""
    return sub(_PLACEHOLDER, lambda found: value_of(found[1]), template)


_PLACEHOLDER = r"\{(\w+)\}"
