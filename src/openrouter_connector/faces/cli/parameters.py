"""`-p name=value`, `--params` and exported actions, as the parameters of an action."""

from __future__ import annotations

import json
import re
import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import FileError, InputError, Problem
from ...values import Json, JsonObject

if TYPE_CHECKING:
    from ...definition.load import Definition
    from ...definition.model import Property
    from ...runtime.files import FileStore
    from ...workflows.action_json import ActionStep

Steps = tuple[str | int, ...]


def requested(args: Namespace, definition: Definition) -> ActionStep:
    """Give the action that was asked for, with all its parameters; a local file is a `Path`.

    InputError or FileError when the action, its file or a parameter cannot be understood.
    """
    step = _step(args.action, definition)
    properties = definition.form(step.action).action.properties
    parameters = {**step.parameters, **_given(args.params)}
    return replace(step, parameters=override(properties, parameters, args.pairs))


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


async def stored(value: Json, store: FileStore) -> Json:
    """Put each local file into the store, and its FILE_ENTRY in its place."""
    if isinstance(value, Path):
        return (await store.put(value, value.name)).to_json()
    if isinstance(value, dict):
        return {key: await stored(item, store) for key, item in value.items()}
    if isinstance(value, list):
        return [await stored(item, store) for item in value]
    return value


def check_names(properties: Sequence[Property], parameters: JsonObject) -> None:
    """Raise InputError for names that the action does not have."""
    if problems := list(_unknown(properties, parameters, "")):
        raise InputError(problems)


def read_text(source: str) -> str:
    """Read a text file, or stdin for `-`; FileError when that cannot be done."""
    try:
        if source == "-":
            return sys.stdin.read() if sys.stdin else ""
        return Path(source).expanduser().read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FileError(f"{source} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise FileError(f"{source} is not UTF-8 text") from error


def _step(word: str, definition: Definition) -> ActionStep:
    from ...workflows.action_json import ActionStep, read_action

    component = definition.component
    if word not in component.actions and _names_file(word):
        return read_action(_json(read_text(word), word), component)
    action = definition.form(word).action
    return ActionStep(component.type_of(action.name), {}, label=action.title, name=action.name)


def _names_file(word: str) -> bool:
    return word == "-" or word.endswith(".json") or Path(word).name != word or Path(word).is_file()


def _given(params: str | None) -> JsonObject:
    if params is None:
        return {}
    try:
        text = params if params.lstrip().startswith(("{", "[")) else read_text(params)
    except FileError as error:
        raise InputError([Problem("--params", error.message)]) from error
    value = _json(text, "--params")
    if not isinstance(value, dict):
        raise InputError([Problem("--params", "must be a JSON object of names and values")])
    return value


def _json(text: str, source: str) -> Json:
    try:
        return json.loads(text)
    except ValueError as error:
        raise InputError([Problem(source, f"is not JSON: {error}")]) from error
    except RecursionError as error:
        raise InputError([Problem(source, "is nested too deeply")]) from error


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
            found = found.items if found else None
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
    if prop and prop.control_type == "JSON_SCHEMA_BUILDER" and text.startswith("@"):
        return read_text(text[1:])
    if prop and prop.type == "STRING":
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _holds_files(prop: Property) -> bool:
    return prop.items is not None and prop.items.type == "FILE_ENTRY"


def _file(text: str, name: str) -> Json:
    if text.startswith("@"):
        path = Path(text[1:]).expanduser()
        if not path.exists() or path.is_dir():
            fault = "is a folder" if path.is_dir() else "does not exist"
            raise FileError(f"{name}: {text[1:]} {fault}", name)
        return path
    if text.startswith(("http://", "https://")):
        last = text.split("?")[0].rsplit("/", 1)[-1]
        return {"extension": "", "mimeType": "", "name": last, "url": text}
    try:
        return json.loads(text)
    except ValueError:
        told = f"wants a file: -p {name}=@path for a local one, or a URL, or a FILE_ENTRY as JSON"
        raise InputError([Problem(name, told)]) from None


def _append(parameters: JsonObject, steps: Steps, files: list[Json], seen: set[Steps]) -> None:
    """Join files given one by one; the first of them replaces what an exported action holds."""
    if steps not in seen:
        _put(parameters, steps, [])
    seen.add(steps)
    target: Json = parameters
    for step in steps:
        target = target[step]
    target.extend(files)


def _put(parameters: JsonObject, steps: Steps, value: Json) -> None:
    target: Json = parameters
    for step, following in pairwise(steps):
        target = _inside(target, step, [] if isinstance(following, int) else {}, steps)
    _inside(target, steps[-1], value, steps)
    target[steps[-1]] = value


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
    from ...definition.problems import dotted

    known = isinstance(target, list) and isinstance(step, int)
    told = (
        f"comes too early: item {len(target)} is not there yet"
        if known
        else "does not fit what is there"
    )
    raise InputError([Problem(dotted(steps), told)])


def _unknown(properties: Sequence[Property], value: Json, prefix: str) -> Iterator[Problem]:
    from ...definition.problems import closest

    if not isinstance(value, dict) or not properties:
        return
    known = {prop.name or "": prop for prop in properties}
    for name, inner in value.items():
        path = f"{prefix}{name}"
        if name not in known:
            yield Problem(path, f"there is no such property{closest(name, known)}")
        else:
            yield from _unknown(known[name].properties, inner, f"{path}.")
            items = known[name].items
            for i, item in enumerate(inner if items and isinstance(inner, list) else ()):
                yield from _unknown(items.properties if items else (), item, f"{path}[{i}].")
