"""Keys: found in what is about to be shown or written, and kept out of it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from ..errors import InputError, Problem
from ..secret import LIKE_A_KEY, is_secret
from ..values import Json


def hidden(text: str) -> str:
    """Give a text with every key in it replaced: the one in use, and all that look like one."""
    return _keys().sub("[token]", text)


def refuse(value: Json) -> None:
    """Raise InputError for each place of a JSON value where a key stands."""
    if places := list(_places(value, "")):
        told = "holds an API key, and a key is never exported"
        raise InputError([Problem(place.removeprefix("."), told) for place in places])


def _keys() -> re.Pattern[str]:
    token = os.environ.get("OPENROUTER_API_KEY", "").strip()
    known = [re.escape(token)] if is_secret(token) else []
    return re.compile("|".join([*known, LIKE_A_KEY]))


def _places(value: Json, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            shown = hidden(str(key))
            if shown != key:
                yield f"{path}.{shown}"
            yield from _places(item, f"{path}.{shown}")
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _places(item, f"{path}[{position}]")
    elif isinstance(value, str) and hidden(value) != value:
        yield path
