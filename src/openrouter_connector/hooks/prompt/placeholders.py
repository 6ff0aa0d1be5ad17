"""`{{ $parameters.name }}` and nothing else: any other character arrives unchanged."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .inputs import MAX_CHARACTERS

# A name may hold anything but braces: who writes this much of it means an input.
_PLACEHOLDER = re.compile(r"\{\{\s*\$parameters\.([^{}\s][^{}]*)\}\}")

TOO_LONG = f"is longer than {MAX_CHARACTERS:,} characters with its inputs; name them less often"


def placeholder_names(text: str) -> list[str]:
    """List the names that a text uses, each once, in their order."""
    return list(dict.fromkeys(_name(found) for found in _PLACEHOLDER.finditer(text)))


def fill(text: str, said: Mapping[str, str]) -> str:
    """Put what is said of each name in the place of its placeholders, once: not inside values."""
    return _PLACEHOLDER.sub(lambda found: said[_name(found)], text)


def is_too_long(text: str, said: Mapping[str, str]) -> bool:
    """Tell whether the filled text would have more than `MAX_CHARACTERS` characters."""
    names = map(_name, _PLACEHOLDER.finditer(text))
    return len(text) + sum(len(said[name]) for name in names) > MAX_CHARACTERS


def _name(found: re.Match[str]) -> str:
    return found[1].rstrip()
