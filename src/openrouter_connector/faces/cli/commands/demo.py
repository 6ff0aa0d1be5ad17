"""`demo`: run four actions in the sandbox, or with real models."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from shutil import which
from textwrap import shorten
from typing import TYPE_CHECKING

from ....errors import CredentialError, InputError, Problem
from ....values import FileEntry, JsonObject, Result
from .. import shared_options
from ..connection_args import environment, load_connector, output_folder, session_to
from ..examples import LIVE, SANDBOX
from ..parameter_args import set_pairs
from ..perform_action import perform_action
from ..questions import confirm
from ..result_output import (
    StreamedAnswer,
    cost,
    duration,
    file_location,
    print_output,
    print_summary,
)
from ..run_async import run_async
from ..terminal import is_terminal, note, page, print_text, without_controls

if TYPE_CHECKING:
    from ....connector import Connector, Session

# One image of the default model costs about four cents, everything else less than one.
_ESTIMATE = 0.05  # USD
_BUDGET = 0.25  # USD
_NAME = "openrouter-connector"
_SANDBOX_HEADING = "Offline sandbox: no real models, no charges; the costs below are made up."
_NEXT_STEPS = """\
What to try next:
  openrouter-connector actions                       list all actions
  openrouter-connector show ask                      parameters and an example of an action
  openrouter-connector check ask --sandbox -p …      validate a call before it is sent
  openrouter-connector run ask --sandbox -p model=sandbox/no-credits -p userPrompt=hi
                                                     see what an error looks like
  OPENROUTER_API_KEY=… openrouter-connector demo --live
                                                     run this demo with real models"""


def configure(parser: ArgumentParser) -> None:
    """Add the options of `demo`."""
    parser.add_argument(
        "--output",
        default="demo-output",
        metavar="DIR",
        help="folder for the files (default: ./demo-output)",
    )
    parser.add_argument(
        "--live", action="store_true", help="use real models; OPENROUTER_API_KEY pays for them"
    )
    parser.add_argument("--yes", action="store_true", help="with --live: skip the confirmation")
    parser.add_argument(
        "-p",
        action="append",
        default=[],
        dest="pairs",
        metavar="ACTION.NAME=VALUE",
        help="parameter of an action, such as ask.model=openai/gpt-5-mini; repeatable",
    )
    shared_options.add_budget(parser, default=_BUDGET)
    parser.set_defaults(connector=None, timeout=None)


def run(args: Namespace) -> int:
    """Run the four actions, and print their outputs and costs."""
    connector = load_connector(args)
    steps = _steps(connector, LIVE if args.live else SANDBOX, args.pairs)
    token = environment(connector.definition.component).token if args.live else None
    if args.live and not _may_pay(steps, args, token):
        note("Nothing was sent.")
        return 0
    server = {"token": token} if args.live else {"sandbox": True}
    session = session_to(
        args, connector, budget=args.budget, files=output_folder(args.output), **server
    )
    results = run_async(_perform(session, steps, "" if args.live else _SANDBOX_HEADING))
    _print_table(results, session)
    print_text(_comparison(steps["createSpeech"]["input"], results["createTranscription"].output))
    print_text(_NEXT_STEPS.replace(_NAME, _command_name()))
    return 0


def _command_name() -> str:
    """Return the command as the person must type it: `make demo` leaves it off the PATH."""
    program = Path(sys.argv[0])
    if which(_NAME) or program.name != _NAME:
        return _NAME
    here = Path.cwd()
    return str(program.relative_to(here) if program.is_relative_to(here) else program)


def _steps(
    connector: Connector, examples: dict[str, JsonObject], pairs: list[str]
) -> dict[str, JsonObject]:
    """Return the parameters of each action, with those of `-p ACTION.NAME=VALUE`."""
    steps = dict(examples)
    for pair in pairs:
        action, dot, rest = pair.partition(".")
        if not dot or "=" in action:
            raise InputError([Problem(pair, "has no action name; write -p ask.model=…")])
        form = connector.definition.form(action)
        steps[action] = set_pairs(form.action.properties, steps.get(action, {}), [rest])
    return steps


def _may_pay(steps: dict[str, JsonObject], args: Namespace, token: str | None) -> bool:
    """Print an estimate, and ask for confirmation.

    Raise CredentialError without a key, InputError without a terminal.
    """
    if token is None:
        raise CredentialError("demo --live requires an API key: set OPENROUTER_API_KEY")
    note("This demo calls real models, and your API key pays for them:")
    for action, parameters in steps.items():
        note(f"  {action:<20} {parameters['model']}")
    note(
        f"Estimate: ${_ESTIMATE:.2f} with the default models at the prices of this release. "
        f"The demo stops once ${args.budget:.2f} is spent."
    )
    if args.yes:
        return True
    if not is_terminal(sys.stdin):
        raise InputError([Problem("--live", "requires a terminal, or --yes to confirm the cost")])
    return confirm("Continue?")


async def _perform(
    session: Session, steps: dict[str, JsonObject], heading: str
) -> dict[str, Result]:
    results: dict[str, Result] = {}
    async with session:
        print_text(heading)
        for action, step in steps.items():
            parameters = dict(step)
            if action == "createTranscription":
                parameters.setdefault("file", results["createSpeech"].output)
            print_text(f"\n{action} ({parameters['model']})")
            answer = StreamedAnswer()
            try:
                stream = action == "ask"
                result = await perform_action(session, action, parameters, answer, stream=stream)
            finally:
                answer.end()
            if not answer.text:
                print_output(result, session.files.path_of)
            print_summary(result.metadata)
            results[action] = result
    return results


def _print_table(results: dict[str, Result], session: Session) -> None:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, show_footer=True)
    table.add_column("Action", "Total", no_wrap=True)
    table.add_column("Output", ratio=1, overflow="fold")
    table.add_column("Cost", cost(session.budget.spent), justify="right", no_wrap=True)
    total = sum(result.metadata.latency for result in results.values())
    table.add_column("Time", duration(total), justify="right", no_wrap=True)
    for action, result in results.items():
        price, time = cost(result.metadata.cost), duration(result.metadata.latency)
        table.add_row(action, _output(result, session), price, time)
    with page() as console:
        console.print(table)


def _output(result: Result, session: Session) -> str:
    if isinstance(result.output, FileEntry):
        file = result.output
        path = file_location(file, session.files.path_of)
        return f"{file.name} ({file.mime_type})\n{path}"
    return shorten(without_controls(str(result.output), sys.stdout), 120, placeholder=" …")


def _comparison(spoken: str, transcribed: str) -> str:
    if transcribed == spoken:
        return (
            "The transcription matches the spoken text word for word: createSpeech saved an audio\n"
            "file, and createTranscription read it.\n"
        )
    return f"Spoken:      {spoken}\nTranscribed: {transcribed}\n"
