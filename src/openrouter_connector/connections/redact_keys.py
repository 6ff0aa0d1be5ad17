"""Redact API keys in text that is about to be shown, and refuse them in exports.

It knows the keys in the environment and what looks like a key of our own component. A session's own
token is redacted earlier, by the `Redactor` of its transport.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import lru_cache

from ..errors import InputError, Problem
from ..openrouter.identity import KEY_PATTERN
from ..secret import Redactor
from ..secret_spellings import REDACTED
from ..values import Json, JsonObject

_API_KEY = re.compile(KEY_PATTERN, re.IGNORECASE)


def redact_keys(text: str) -> str:
    """Return a text with every API key in it replaced."""
    return _API_KEY.sub(REDACTED, environment_redactor().redact_text(text))


def redact_keys_in(value: JsonObject) -> JsonObject:
    """Return an object with every API key in its strings and names replaced."""
    return {redact_keys(name): _redact(item) for name, item in value.items()}


def refuse_keys(value: Json) -> None:
    """Raise InputError with each path of a JSON value that contains an API key."""
    if paths := list(_paths_of_keys(value, "")):
        message = "contains an API key, and keys are never exported; remove it"
        raise InputError([Problem(path.removeprefix("."), message) for path in paths])


def environment_redactor() -> Redactor:
    """Return a redactor for the keys in the environment, of whichever component."""
    keys = (value.strip() for name, value in os.environ.items() if _NAMES_A_KEY.search(name))
    return _redactor(*keys)


# By the end of the name: whichever component the variable belongs to.
_NAMES_A_KEY = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD)$")
_redactor = lru_cache(1)(Redactor)  # cached: its patterns take milliseconds to compile


def _redact(value: Json) -> Json:
    if isinstance(value, dict):
        return redact_keys_in(value)
    if isinstance(value, list):
        return [_redact(item) for item in value]
    return redact_keys(value) if isinstance(value, str) else value


def _paths_of_keys(value: Json, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            shown = redact_keys(str(key))
            if shown != key:
                yield f"{path}.{shown}"
            yield from _paths_of_keys(item, f"{path}.{shown}")
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _paths_of_keys(item, f"{path}[{position}]")
    elif isinstance(value, str) and redact_keys(value) != value:
        yield path
