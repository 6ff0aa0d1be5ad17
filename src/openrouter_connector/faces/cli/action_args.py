"""`ACTION`, `--params` and `-p`: the action that a command line requests, with its parameters."""

from __future__ import annotations

import json
import re
from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import FileError, InputError, Problem
from ...values import Json, JsonObject
from .action_command import use_action_name
from .file_or_stdin import read_text
from .parameter_args import set_pairs

if TYPE_CHECKING:
    from ...definition.exchange import ActionStep
    from ...definition.load import Definition
    from ...definition.model import Component
    from ...flows.formats.flow import Flow

_TASKS = re.compile(r"^tasks\s*:|[\"']tasks[\"']\s*:", re.MULTILINE)
_EXAMPLE = '{"model": "sandbox/echo"}'


def requested_flow(args: Namespace, definition: Definition) -> Flow | None:
    """Return the flow that a file holds; None for an action. Raise InputError or FileError.

    The text of stdin is kept for `requested_step`, since it can be read only once.
    """
    use_action_name(args, definition.component)
    if args.action in definition.component.actions or not _is_file(args.action):
        return None
    args.text = read_text(args.action)
    if not _TASKS.search(args.text):  # an action is read without the parser of YAML
        return None
    from ...flows.formats.flow import Flow

    flow = Flow.from_text(args.text)
    if args.pairs or args.params is not None:
        raise InputError(
            "a flow takes no parameters here: each of its steps has its own; "
            "`run` takes its inputs with --input NAME=VALUE"
        )
    return flow


def requested_step(args: Namespace, definition: Definition) -> ActionStep:
    """Return the requested action with all its parameters; a local file is a `Path`.

    Raise InputError or FileError if the action, its file or a parameter is invalid.
    """
    use_action_name(args, definition.component)
    step = _step(args, definition)
    properties = definition.form(step.action).action.properties
    parameters = {**step.parameters, **read_object(args.params, "--params")}
    return replace(step, parameters=set_pairs(properties, parameters, args.pairs))


def with_defaults(args: Namespace, step: ActionStep, component: Component) -> ActionStep:
    """Return an action with the defaults of `config`, which fill what is missing.

    The sandbox has models of its own: there its own fill it. What says all that it
    needs, such as an exported action, is left as it is.
    """
    if args.action not in component.actions:
        return step
    if args.sandbox:
        from .examples import sandbox_defaults

        defaults = sandbox_defaults(step.action)
    else:
        from .command_defaults import CommandDefaults

        defaults = CommandDefaults(component.name).of(step.action)
    given = {name for name, value in step.parameters.items() if value is not None}
    missing = {name: value for name, value in defaults.items() if name not in given}
    return replace(step, parameters={**missing, **step.parameters})


def _step(args: Namespace, definition: Definition) -> ActionStep:
    from ...definition.exchange import ActionStep, read_action

    component, source = definition.component, args.action
    if source not in component.actions and _is_file(source):
        text = getattr(args, "text", None)
        return read_action(_json(read_text(source) if text is None else text, source), component)
    action = definition.form(source).action
    return ActionStep(component.type_of(action.name), {}, label=action.title, name=action.name)


def _is_file(source: str) -> bool:
    path = Path(source)
    is_named_so = source.endswith((".json", ".yaml", ".yml"))
    return source == "-" or is_named_so or path.name != source or path.is_file()


def read_object(given: str | None, option: str, example: str = _EXAMPLE) -> JsonObject:
    """Return the JSON object that an option gives as text, as a file or as `-`.

    An absent option is an empty object. InputError for anything else.
    """
    if given is None:
        return {}
    try:
        text = given if given.lstrip().startswith(("{", "[")) else read_text(given)
    except FileError as error:
        raise InputError([Problem(option, error.message)]) from error
    value = _json(text, option)
    if not isinstance(value, dict):
        raise InputError([Problem(option, f"must be a JSON object, such as {example}")])
    return value


def _json(text: str, source: str) -> Json:
    try:
        return json.loads(text)
    except ValueError as error:
        raise InputError([Problem(source, f"is not JSON: {error}")]) from error
    except RecursionError as error:
        raise InputError([Problem(source, "is nested too deeply")]) from error
