"""`-p name=value`: texts of the command line as values, by the type of their property."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from copy import deepcopy
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import FileError, InputError, Problem
from ...values import FileEntry, Json, JsonObject, is_url
from .terminal import note
from .text_input import read_text

if TYPE_CHECKING:
    from ...definition.model import Property

Steps = tuple[str | int, ...]


def override(properties: Iterable[Property], parameters: Json, pairs: Iterable[str]) -> JsonObject:
    """Put the values of `name=value` texts into a copy of the parameters, by type of property.

    Several values for one list of files are joined. InputError lists all that are no such text.
    """
    result, seen = deepcopy(parameters), set[Steps]()
    problems: list[Problem] = []
    for pair in pairs:
        try:
            _override(tuple(properties), result, pair, seen)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return result  # type: ignore[no-any-return]


def _override(
    properties: Sequence[Property], parameters: JsonObject, pair: str, seen: set[Steps]
) -> None:
    name, equals, text = pair.partition("=")
    if not equals:
        raise InputError([Problem(pair, "has no value; write -p NAME=VALUE")])
    steps = _steps(name)
    prop = _property(properties, steps)
    value = _value(prop, text, name)
    if prop and _holds_files(prop):
        _append(parameters, steps, value if isinstance(value, list) else [value], seen)
    elif isinstance(value, Path) and steps in seen:
        held = _parent(parameters, steps)[steps[-1]]
        _put(parameters, steps, [*(held if isinstance(held, list) else [held]), value])
    elif isinstance(value, Path):
        _put(parameters, steps, value)
        seen.add(steps)
    else:
        _put(parameters, steps, value)


def _steps(name: str) -> Steps:
    """Take `messages[0].content` apart."""
    steps: list[str | int] = []
    for piece in name.split("."):
        match = re.fullmatch(r"([^\[\]]+)((?:\[\d{1,4}\])*)", piece)
        if match is None:
            raise InputError([Problem(name, "is not a name such as model or messages[0].content")])
        steps += [match[1], *map(int, re.findall(r"\d+", match[2]))]
    return tuple(steps)


def _property(properties: Sequence[Property], steps: Steps) -> Property | None:
    """Find the property at a path; None when the definition has none there."""
    found: Property | None = None
    for step in steps:
        if isinstance(step, int):
            # A list of any kind is made of the same kinds.
            found = (found.items or (found if found.any_of else None)) if found else None
        else:
            inside = found.properties if found else properties
            of_any_name = found.additional_properties if found else None
            found = next((prop for prop in inside if prop.name == step), of_any_name)
        if found is None:
            return None
    return found


def _value(prop: Property | None, text: str, name: str) -> Json:
    """Read a text as the type of its property wants it."""
    if prop and (prop.type == "FILE_ENTRY" or _holds_files(prop)):
        return _file(text, name)
    if prop and text.startswith("@") and any(one.type == "FILE_ENTRY" for one in prop.any_of):
        return _file(text, name)
    if prop and prop.control_type == "JSON_SCHEMA_BUILDER" and text.startswith("@"):
        return read_text(text[1:])
    if prop and prop.type == "STRING" and text.startswith("@") and Path(text[1:]).is_file():
        note(f"{name} is read from {text[1:]}")
        return read_text(text[1:])
    if prop and prop.type == "STRING":
        return text
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = text
    return _meant(prop, value, text) if prop else value


def _meant(prop: Property, value: Json, text: str) -> Json:
    """Take a single item for a list of it, and digits for a text where only texts fit."""
    from ...definition.fast_validation import is_valid

    # What looks like a list or an object was meant as one: the form says what is wrong with it.
    if is_valid(prop, value) or text.lstrip()[:1] in ("[", "{"):
        return value
    others = (text, [value], [text])
    return next((other for other in others if is_valid(prop, other)), value)


def _holds_files(prop: Property) -> bool:
    return prop.items is not None and prop.items.type == "FILE_ENTRY"


def _file(text: str, name: str) -> Json:
    if text.startswith("@"):
        path = Path(text[1:]).expanduser()
        if not path.exists() or path.is_dir():
            fault = "is a folder" if path.is_dir() else "does not exist"
            raise FileError(f"{name}: {text[1:]} {fault}", name)
        return path
    if is_url(text):
        return FileEntry.of_url(text).to_json()
    try:
        return json.loads(text)
    except ValueError:
        told = f"needs a file: -p {name}=@path for a local one, or a URL, or a FILE_ENTRY as JSON"
        raise InputError([Problem(name, told)]) from None


def _append(parameters: JsonObject, steps: Steps, files: list[Json], seen: set[Steps]) -> None:
    """Join files given one by one; the first of them replaces what an exported action holds."""
    parent = _parent(parameters, steps)
    held = _inside(parent, steps[-1], [], steps)
    parent[steps[-1]] = [*held, *files] if steps in seen else files
    seen.add(steps)


def _put(parameters: JsonObject, steps: Steps, value: Json) -> None:
    parent = _parent(parameters, steps)
    _inside(parent, steps[-1], value, steps)
    parent[steps[-1]] = value


def _parent(parameters: JsonObject, steps: Steps) -> Json:
    """Give what holds the last step; the objects and lists on the way there are made."""
    target: Json = parameters
    for step, following in pairwise(steps):
        target = _inside(target, step, [] if isinstance(following, int) else {}, steps)
    return target


def _inside(target: Json, step: str | int, empty: Json, steps: Steps) -> Json:
    """Step into an object or list, and begin what is not there yet."""
    if isinstance(step, int) and isinstance(target, list) and step <= len(target):
        if step == len(target):
            target.append(empty)
        return target[step]
    if isinstance(step, str) and isinstance(target, dict):
        if target.get(step) is None:
            target[step] = empty
        return target[step]
    from ...definition.paths import dotted

    told = "does not fit what is there"
    if isinstance(step, int) and isinstance(target, list):
        told = f"comes too early: item {len(target)} is not there yet"
    raise InputError([Problem(dotted(steps), told)])
