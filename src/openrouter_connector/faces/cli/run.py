"""`run`: perform an action."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser, Namespace
from contextlib import aclosing
from typing import TYPE_CHECKING

from ...errors import ApiError
from ...values import Event, Result
from . import parser as shared
from .connection import load, session
from .outcome import Shown, print_output, print_summary
from .parameters import requested
from .terminal import print_json, waiting

if TYPE_CHECKING:
    from ...connector import Session
    from ...workflows.action_json import ActionStep


def configure(parser: ArgumentParser) -> None:
    """Add the options of `run`."""
    shared.add_parameters(parser)
    parser.add_argument("--stream", action="store_true", help="show the answer as it comes")
    shared.add_json(parser, "print {output, metadata} or {error} as one JSON object")
    shared.add_calls(parser)
    shared.add_budget(parser)
    shared.add_connector(parser)
    parser.epilog = _EXAMPLES


def run(args: Namespace) -> int:
    """Perform the action, and print what it gives."""
    connector = load(args)
    step = requested(args, connector.definition)
    opened = session(args, connector, budget=args.budget)
    shown = Shown()
    result = asyncio.run(performed(opened, step, shown, stream=args.stream, silent=args.json))
    if args.json:
        print_json(result.to_json())
        return 0
    if not shown.text:
        print_output(result, opened.files.path_of)
    print_summary(result.metadata)
    return 0


async def performed(
    session: Session, step: ActionStep, shown: Shown, *, stream: bool, silent: bool = False
) -> Result:
    """Perform an action in a session of its own, and show it as it comes unless `silent`."""
    with waiting(f"{step.action} …") as stop_waiting:

        def show(event: Event) -> None:
            if event.type == "delta" and not silent:
                stop_waiting()
                shown.show(event)

        async with session:
            if not stream:
                return await session.perform(step.action, step.parameters)
            return await _streamed(session, step, shown, show)


_EXAMPLES = f"""\
examples:
  openrouter-connector run ask --sandbox -p model=sandbox/echo -p userPrompt='Hello there'
  openrouter-connector run createSpeech -p model=… -p voice=… -p input='Hello' --output-dir .
  openrouter-connector run createTranscription -p model=… -p file=@speech.mp3 --json
  openrouter-connector run exported-action.json -p temperature=0

{shared.ENVIRONMENT}

{shared.EXIT_CODES}"""
