"""`check`: everything that can be told about a call before it is paid for."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from ....errors import InputError
from ....values import Json
from .. import parser as shared
from ..connection_args import completed, folder, has_place, load, session
from ..parameters import requested
from ..terminal import note, print_json, print_text

if TYPE_CHECKING:
    from ....connector import Session
    from ....definition.exchange import ActionStep
    from ....runtime.preflight.check import Check

_LONGEST = 2000  # characters of a text that is shown to a person


def configure(parser: ArgumentParser) -> None:
    """Add the options of `check`."""
    shared.add_parameters(parser)
    shared.add_json(parser, "print {ok, problems, warnings, estimate, call}, or {error}")
    shared.add_calls(parser)
    shared.add_connector(parser)
    parser.epilog = (
        "The model's own limits are looked up in the catalogue where there is a key, --sandbox or\n"
        f"--base-url; without one nothing is asked.\n\n{shared.EXIT_CODES}"
    )


def run(args: Namespace) -> int:
    """Print the call that would be sent; raises what `run` would raise before it pays."""
    from ....runtime.preflight.check import call_json

    connector = load(args)
    step = requested(args, connector.definition)
    if has_place(args, connector):
        check = completed(_checked(session(args, connector), step))
    else:
        check = connector.check(step.action, step.parameters, folder(args.output_dir))
    if args.json and check.ok:
        print_json(check.to_json())
        return 0
    for warning in check.warnings:
        note(f"warning: {warning}")
    if check.estimate:
        note(check.estimate.sentence())
    if check.call is None or not check.ok:
        raise InputError(check.problems)
    call = call_json(check.call)
    note(f"{step.action} can be sent; this is the call:")
    query = "&".join(f"{key}={value}" for key, value in call["query"].items())
    print_text(f"{call['method']} {call['path']}{'?' if query else ''}{query}")
    if call["body"] is not None:
        print_json(_shortened(call["body"]))
    return 0


async def _checked(session: Session, step: ActionStep) -> Check:
    async with session:
        return await session.check(step.action, step.parameters)


def _shortened(value: Json) -> Json:
    if isinstance(value, str) and len(value) > _LONGEST:
        return f"{value[:_LONGEST]}… ({len(value) - _LONGEST} more characters)"
    if isinstance(value, dict):
        return {key: _shortened(item) for key, item in value.items()}
    return [_shortened(item) for item in value] if isinstance(value, list) else value
