"""`run`: perform an action."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from contextlib import aclosing
from typing import TYPE_CHECKING

from ....errors import ApiError
from ....plain_json import to_plain_result
from ....values import JsonObject, Result
from .. import parser as shared
from ..connection_args import completed, load, session
from ..errors import reported_code
from ..interrupt import Kept
from ..output import Shown, print_output, print_summary
from ..parameters import requested
from ..terminal import divert, note, print_json, waiting

if TYPE_CHECKING:
    from ....connector import Session
    from ....definition.exchange import ActionStep


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
    from ....runtime.endpoints import named_server

    action = connector.definition.form(step.action).action
    elsewhere = named_server(action, step.parameters) is not None
    several = action.for_each is not None
    opened = session(args, connector, elsewhere=elsewhere, budget=args.budget, concurrent=several)
    shown = Shown()
    with Kept() as kept:
        result = completed(_once(opened, step, shown, kept, args))
        code = 0
        try:
            _print(result, opened, shown, args)
        except BrokenPipeError as error:  # nobody reads it, and it was paid for
            divert(error)
            code = 141
            _print(result, opened, shown, args)
        if kept.code or not args.json:
            print_summary(result.metadata)
    return kept.code or code or reported_code(result.metadata)


def _print(result: Result, session: Session, shown: Shown, args: Namespace) -> None:
    if args.json:
        print_json(to_plain_result(result))
    elif not shown.text:
        print_output(result, session.files.path_of)


async def performed(
    session: Session,
    action: str,
    parameters: JsonObject,
    shown: Shown | None = None,
    kept: Kept | None = None,
    *,
    stream: bool,
) -> Result:
    """Perform an action in an open session, with a spinner.

    `shown` takes what is streamed, and `kept` the rows of a list as they come.
    A long job is told by its name as soon as it has one, so that it can be taken up again.
    """
    poll = session.definition.form(action).action.poll
    with waiting(f"{action} …") as wait:
        result, job = None, ""
        async with aclosing(session.events(action, parameters, stream=stream)) as events:
            async for event in events:
                if event.type == "delta" and shown:
                    wait.stop()
                    shown.show(event)
                if kept:
                    kept.keep(event)
                if event.total:
                    wait.show(event.done, event.total, event.unit)
                if event.job and event.job != job:
                    job = event.job
                    again = (
                        f"; -p {poll.resume}={job} takes it up again"
                        if poll and poll.resume
                        else ""
                    )
                    note(f"job {job} is {event.text}{again}")
                result = event.result
    assert result is not None  # noqa: S101 - a run ends with its result or an error
    return result


async def _once(
    session: Session, step: ActionStep, shown: Shown, kept: Kept, args: Namespace
) -> Result:
    from asyncio import CancelledError

    try:
        async with session:
            return await performed(
                session,
                step.action,
                step.parameters,
                None if args.json else shown,
                kept,
                stream=args.stream,
            )
    except CancelledError:
        if (result := kept.interrupted()) is None:
            raise
        return result
    except ApiError as error:
        if shown.text:
            error.partial = None  # it stands on the screen already
        raise
    finally:
        shown.end()


_EXAMPLES = f"""\
examples:
  openrouter-connector run ask --sandbox -p model=sandbox/echo -p userPrompt='Hello there'
  openrouter-connector run createSpeech -p model=… -p voice=… -p input='Hello' --output-dir .
  openrouter-connector run createTranscription -p model=… -p file=@speech.mp3 --json
  openrouter-connector run exported-action.json -p temperature=0

{shared.ENVIRONMENT}

{shared.EXIT_CODES}"""
