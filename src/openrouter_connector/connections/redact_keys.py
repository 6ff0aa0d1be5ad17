"""Keys: found in what is about to be shown or written, and kept out of it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import lru_cache

from ..errors import InputError, Problem
from ..secret import API_KEY_PATTERN, Redactor
from ..secret_spellings import REDACTED
from ..values import Json, JsonObject

_LIKE_A_KEY = re.compile(API_KEY_PATTERN, re.IGNORECASE)


def redact_keys(text: str) -> str:
    """Return a text with every key in it replaced: those of the environment, and what looks so."""
    return _LIKE_A_KEY.sub(REDACTED, _in_use().redact_text(text))


def redact_keys_in(told: JsonObject) -> JsonObject:
    """Return an object with every key in its texts and names replaced."""
    return {redact_keys(name): _hidden(value) for name, value in told.items()}


def refuse_keys(value: Json) -> None:
    """Raise InputError for each place of a JSON value where a key stands."""
    if places := list(_places(value, "")):
        told = "holds an API key, and a key is never exported"
        raise InputError([Problem(place.removeprefix("."), told) for place in places])


def _in_use() -> Redactor:
    """Return what hides the keys of the environment, whichever component's they are."""
    named = (value.strip() for name, value in os.environ.items() if _NAMES_A_KEY.search(name))
    return _hiding(*named)


_NAMES_A_KEY = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD)$")
_hiding = lru_cache(1)(Redactor)


def _hidden(value: Json) -> Json:
    if isinstance(value, dict):
        return redact_keys_in(value)
    if isinstance(value, list):
        return [_hidden(one) for one in value]
    return redact_keys(value) if isinstance(value, str) else value


def _places(value: Json, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            shown = redact_keys(str(key))
            if shown != key:
                yield f"{path}.{shown}"
            yield from _places(item, f"{path}.{shown}")
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _places(item, f"{path}[{position}]")
    elif isinstance(value, str) and redact_keys(value) != value:
        yield path
