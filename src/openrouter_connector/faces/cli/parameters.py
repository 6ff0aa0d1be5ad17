"""What was asked for: an action by name or from a file, with `--params` and `-p` over it."""

from __future__ import annotations

import json
from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import FileError, InputError, Problem
from ...values import Json, JsonObject
from .parameter_args import override
from .text_input import read_text

if TYPE_CHECKING:
    from ...definition.exchange import ActionStep
    from ...definition.load import Definition


def requested(args: Namespace, definition: Definition) -> ActionStep:
    """Give the action that was asked for, with all its parameters; a local file is a `Path`.

    InputError or FileError when the action, its file or a parameter cannot be understood.
    """
    step = _step(args.action, definition)
    properties = definition.form(step.action).action.properties
    parameters = {**step.parameters, **_given(args.params)}
    return replace(step, parameters=override(properties, parameters, args.pairs))


def _step(word: str, definition: Definition) -> ActionStep:
    from ...definition.exchange import ActionStep, read_action

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
