"""An action as a command: `ask "Why is the sky blue?"`."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from dataclasses import replace

from ....errors import InputError, Problem
from .. import help_text
from ..action_args import requested_step, with_defaults
from ..action_command import ActionCommand
from ..connection_args import load_connector
from ..flag_values import flag_values
from ..run_action import run_action


def run(args: Namespace, command: ActionCommand) -> int:
    """Run the action, and print its output. InputError names the flag that is missing."""
    args.action = command.action
    connector = load_connector(args)
    definition = connector.definition
    step = requested_step(args, definition)
    action = definition.form(step.action).action
    parameters = flag_values(args, command, action, step.parameters)
    if command.server and args.base_url and parameters.get(command.server) is None:
        # Of such an action this is what the option means; the key of a connection is not sent.
        parameters[command.server], args.base_url = args.base_url, None
    step = with_defaults(args, replace(step, parameters=parameters), definition.component)
    try:
        return run_action(args, connector, step)
    except InputError as error:
        raise InputError([*_with_flags(error, command, args)]) from error


def _with_flags(error: InputError, command: ActionCommand, args: Namespace) -> Iterator[Problem]:
    """Yield the problems; those of missing parameters say how to give them."""
    program = f"{help_text.program()} {command.name}"
    flags = {flag.path: flag.option for flag in command.flags}
    for problem in error.problems:
        if not problem.message.startswith("is missing"):
            yield problem
        elif command.main and problem.path == command.main.path:
            yield Problem(problem.path, f"{problem.message}; write it after `{program}`")
        elif problem.path == "model":
            setting = f"{help_text.program()} config set {command.name}.model MODEL"
            # The sandbox has models of its own, and reads no defaults.
            rest = "" if args.sandbox else f", or set a default: {setting}"
            yield Problem("model", f"{problem.message}; add -m MODEL{rest}")
        elif problem.path in flags:
            yield Problem(problem.path, f"{problem.message}; add {flags[problem.path]}")
        else:
            yield problem
