"""Fill `{{ $parameters.name }}` placeholders; every other character of a prompt stays as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .inputs import MAX_CHARACTERS

# A name may contain anything but braces. So a mistyped name is found, and not sent as text.
_PLACEHOLDER = re.compile(r"\{\{\s*\$parameters\.([^{}\s][^{}]*)\}\}")

TOO_LONG = f"is longer than {MAX_CHARACTERS:,} characters with its inputs; name them less often"


def placeholder_names(text: str) -> list[str]:
    """Return the names that a text uses, each once, in order."""
    return list(dict.fromkeys(_name(found) for found in _PLACEHOLDER.finditer(text)))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Replace each placeholder by its value. Placeholders inside values are not replaced."""
    return _PLACEHOLDER.sub(lambda found: values[_name(found)], text)


def is_too_long(text: str, values: Mapping[str, str]) -> bool:
    """Return whether the filled text would have more than `MAX_CHARACTERS` characters."""
    names = map(_name, _PLACEHOLDER.finditer(text))
    return len(text) + sum(len(values[name]) for name in names) > MAX_CHARACTERS


def _name(found: re.Match[str]) -> str:
    return found[1].rstrip()
