"""The parameters of an action as a Python caller writes them, made plain JSON."""

from __future__ import annotations

from pathlib import Path

from .errors import InputError
from .values import FileEntry, Json, OwnFile


def plain_parameters(value: Json) -> Json:
    """Return the parameters as plain JSON, with a FILE_ENTRY for each `Path` and `FileEntry`.

    InputError for parameters that are nested too deeply.
    """
    try:
        return _exchanged(value)
    except RecursionError:
        raise InputError("the parameters are nested too deeply") from None


def _exchanged(value: Json) -> Json:
    if isinstance(value, Path):
        value = FileEntry("", "", value.name, OwnFile(value.absolute()))
    if isinstance(value, FileEntry):
        return value.to_json()
    if isinstance(value, dict):
        return {key: _exchanged(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_exchanged(item) for item in value]
    return value
