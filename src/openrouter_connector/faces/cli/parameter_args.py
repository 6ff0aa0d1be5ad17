"""`-p NAME=VALUE`: parse the text of a parameter by the type of its property.

-p temperature=0.2                 0.2, because the property is a number
-p userPrompt=0.2                  "0.2", because the property is a text
-p messages[0].content=Hello       {"messages": [{"content": "Hello"}]}
-p attachments=@photo.jpg          a local file
"""

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
from .file_or_stdin import read_text
from .terminal import note

if TYPE_CHECKING:
    from ...definition.model import Property

Steps = tuple[str | int, ...]
"""A path inside the parameters: `messages[0].content` is `("messages", 0, "content")`."""


def set_pairs(
    properties: Iterable[Property],
    parameters: Json,
    pairs: Iterable[str],
    *,
    with_expressions: bool = False,
) -> JsonObject:
    """Return a copy of the parameters with the values of `NAME=VALUE` pairs.

    Repeated pairs for one list of files add to it. InputError lists all invalid pairs. Where rows
    fill `with_expressions`, a pill alone such as `${row.size}` may stand for any value.
    """
    result, set_before = deepcopy(parameters), set[Steps]()
    problems: list[Problem] = []
    for pair in pairs:
        try:
            _set_pair(tuple(properties), result, pair, set_before, with_expressions)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return result  # type: ignore[no-any-return]


def _set_pair(
    properties: Sequence[Property],
    parameters: JsonObject,
    pair: str,
    set_before: set[Steps],
    with_expressions: bool,
) -> None:
    name, equals, text = pair.partition("=")
    if not equals:
        raise InputError([Problem(pair, "has no value; write -p NAME=VALUE")])
    steps = steps_of(name)
    prop = property_at(properties, steps)
    value = parsed(prop, text, name, with_expressions=with_expressions)
    if prop and holds_files(prop):
        _append(parameters, steps, value if isinstance(value, list) else [value], set_before)
    elif isinstance(value, Path) and steps in set_before:
        # The property accepts a file or a list of files, so a second file makes a list.
        first = _parent(parameters, steps)[steps[-1]]
        put(parameters, steps, [*(first if isinstance(first, list) else [first]), value])
    elif isinstance(value, Path):
        put(parameters, steps, value)
        set_before.add(steps)
    else:
        put(parameters, steps, value)


def steps_of(name: str) -> Steps:
    """Parse a name such as `messages[0].content`."""
    steps: list[str | int] = []
    for part in name.split("."):
        match = re.fullmatch(r"([^\[\]]+)((?:\[\d{1,4}\])*)", part)
        if match is None:
            raise InputError(
                [Problem(name, "is not a valid name; examples: model, messages[0].content")]
            )
        steps += [match[1], *map(int, re.findall(r"\d+", match[2]))]
    return tuple(steps)


def property_at(properties: Sequence[Property], steps: Steps) -> Property | None:
    """Return the property at a path; None if the definition has none there."""
    prop: Property | None = None
    for step in steps:
        if isinstance(step, int):
            # A property that accepts anything also accepts a list of anything.
            prop = (prop.items or (prop if prop.any_of else None)) if prop else None
        else:
            inside = prop.properties if prop else properties
            additional = prop.additional_properties if prop else None
            prop = next((inner for inner in inside if inner.name == step), additional)
        if prop is None:
            return None
    return prop


def parsed(prop: Property | None, text: str, name: str, *, with_expressions: bool = False) -> Json:
    """Parse a text by the type of its property."""
    if prop is None:
        return json_or_text(text)  # the form reports the unknown name
    if with_expressions and is_expression(text):
        return text
    if _is_file(prop, text):
        return file_value(text, name, f"-p {name}")
    if prop.control_type == "JSON_SCHEMA_BUILDER" and text.startswith("@"):
        return read_text(text[1:])
    if prop.type == "STRING":
        return text_value(text, name)
    return _coerced(prop, json_or_text(text), text)


def is_expression(text: str) -> bool:
    """Return whether a text is one expression, whose value keeps its type."""
    return text.startswith("=") or (text.startswith("${") and text.endswith("}"))


def _is_file(prop: Property, text: str) -> bool:
    if prop.type == "FILE_ENTRY" or holds_files(prop):
        return True
    return text.startswith("@") and any(inner.type == "FILE_ENTRY" for inner in prop.any_of)


def text_value(text: str, name: str) -> str:
    """Return a text, or the content of the file that `@PATH` names."""
    if not text.startswith("@"):
        return text
    if not Path(text[1:]).is_file():
        # A prompt may begin with @ ("@home …"), so a path that does not exist is no error.
        if text[1:] and not any(map(str.isspace, text)):
            note(f"{name}: there is no file {text[1:]}, so {text} is sent as text")
        return text
    note(f"{name}: reading {text[1:]}")
    return read_text(text[1:])


def json_or_text(text: str) -> Json:
    """Parse a text as JSON; return it unchanged if it is not JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _coerced(prop: Property, value: Json, text: str) -> Json:
    """Wrap a single item if only a list is valid; keep digits as text if only text is valid."""
    from ...definition.fast_validation import is_valid

    # A text that looks like a list or an object is not reinterpreted: the form reports its fault.
    if is_valid(prop, value) or text.lstrip()[:1] in ("[", "{"):
        return value
    candidates = (text, [value], [text])
    return next((candidate for candidate in candidates if is_valid(prop, candidate)), value)


def holds_files(prop: Property) -> bool:
    """Return whether a property is a list of files."""
    return prop.items is not None and prop.items.type == "FILE_ENTRY"


def file_value(text: str, name: str, written: str) -> Json:
    """Return the file that `@PATH`, a URL or JSON names; `written` is how its option begins.

    Raise FileError for a file that does not exist, InputError for anything else.
    """
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
        message = f"requires a file: {written}=@PATH, {name}=URL or a FILE_ENTRY as JSON"
        raise InputError([Problem(name, message)]) from None


def _append(
    parameters: JsonObject, steps: Steps, files: list[Json], set_before: set[Steps]
) -> None:
    """Add files to a list; the first pair replaces the files of an exported action."""
    parent = _parent(parameters, steps)
    present = _enter(parent, steps[-1], [], steps)
    parent[steps[-1]] = [*present, *files] if steps in set_before else files
    set_before.add(steps)


def put(parameters: JsonObject, steps: Steps, value: Json) -> None:
    """Set a value at a path. InputError if it conflicts with another value."""
    parent = _parent(parameters, steps)
    _enter(parent, steps[-1], value, steps)
    parent[steps[-1]] = value


def _parent(parameters: JsonObject, steps: Steps) -> Json:
    """Return the object or list that holds the last step, and create those above it."""
    target: Json = parameters
    for step, following in pairwise(steps):
        target = _enter(target, step, [] if isinstance(following, int) else {}, steps)
    return target


def _enter(target: Json, step: str | int, empty: Json, steps: Steps) -> Json:
    """Return the value at a step of an object or list; a missing one becomes `empty`."""
    if isinstance(step, int) and isinstance(target, list) and step <= len(target):
        if step == len(target):
            target.append(empty)
        return target[step]
    if isinstance(step, str) and isinstance(target, dict):
        if target.get(step) is None:
            target[step] = empty
        return target[step]
    from ...definition.paths import dotted

    message = "conflicts with a value that was set before"
    if isinstance(step, int) and isinstance(target, list):
        message = f"is out of order: set item {len(target)} first"
    raise InputError([Problem(dotted(steps), message)])
