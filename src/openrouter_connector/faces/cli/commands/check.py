"""`check`: validate a call and estimate its cost, without sending it."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from ....errors import InputError
from ....values import Call, Json
from .. import help_text, shared_options
from ..action_args import requested_step
from ..connection_args import has_destination, load_connector, open_session, output_folder
from ..run_async import run_async
from ..terminal import note, print_json, print_text

if TYPE_CHECKING:
    from ....connector import Connector, Session
    from ....definition.exchange import ActionStep
    from ....runtime.preflight.check import Check

_LONGEST_TEXT = 2000  # characters that are printed of a text in the call


def configure(parser: ArgumentParser) -> None:
    """Add the options of `check`."""
    shared_options.add_action_and_parameters(parser)
    shared_options.add_json(
        parser, "print {ok, problems, warnings, estimate, call} or {error} as JSON"
    )
    shared_options.add_call_options(parser)
    shared_options.add_connector(parser)
    parser.epilog = (
        "With a key, --sandbox or --base-url, the limits and prices of the model are looked up\n"
        f"in the catalogue. Otherwise nothing is sent.\n\n{help_text.EXIT_CODES}"
    )


def run(args: Namespace) -> int:
    """Print the call that `run` would send. Raise the errors that `run` would raise before it."""
    connector = load_connector(args)
    step = requested_step(args, connector.definition)
    check = _checked(args, connector, step)
    if args.json and check.ok:
        print_json(check.to_json())
        return 0
    for warning in check.warnings:
        note(f"warning: {warning}")
    if check.estimate:
        note(check.estimate.sentence())
    if not check.ok:
        raise InputError(check.problems)
    if check.call is None:  # for an empty list, of whose items each would be a call
        note(f"No problems found. {step.action} would send no request.")
    else:
        _print_call(step.action, check.call)
    return 0


def _checked(args: Namespace, connector: Connector, step: ActionStep) -> Check:
    if has_destination(args, connector):
        return run_async(_checked_online(open_session(args, connector), step))
    return connector.check(step.action, step.parameters, output_folder(args.output_dir))


async def _checked_online(session: Session, step: ActionStep) -> Check:
    async with session:
        return await session.check(step.action, step.parameters)


def _print_call(action: str, checked: Call) -> None:
    from ....runtime.preflight.check import call_json

    call = call_json(checked)
    note(f"No problems found. {action} would send this request:")
    query = "&".join(f"{key}={value}" for key, value in call["query"].items())
    print_text(f"{call['method']} {call['path']}{'?' if query else ''}{query}")
    if call["body"] is not None:
        print_json(_shortened(call["body"]))


def _shortened(value: Json) -> Json:
    if isinstance(value, str) and len(value) > _LONGEST_TEXT:
        return f"{value[:_LONGEST_TEXT]}… ({len(value) - _LONGEST_TEXT} more characters)"
    if isinstance(value, dict):
        return {key: _shortened(item) for key, item in value.items()}
    return [_shortened(item) for item in value] if isinstance(value, list) else value
