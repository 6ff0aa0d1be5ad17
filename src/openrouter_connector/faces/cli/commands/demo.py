"""`demo`: all four actions, one after the other, in the sandbox or in earnest."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from shutil import which
from textwrap import shorten
from typing import TYPE_CHECKING

from ....errors import CredentialError, InputError, Problem
from ....values import FileEntry, JsonObject, Result
from .. import parser as shared
from ..connection_args import completed, environment, load, open_session
from ..examples import LIVE, SANDBOX
from ..output import Shown, cost, place, print_output, print_summary, seconds
from ..parameter_args import override
from ..prompts import agreed
from ..terminal import harmless, is_terminal, note, page, print_text
from .run import performed

if TYPE_CHECKING:
    from ....connector import Connector, Session

# A picture of the default model costs some four cents, the rest together less than one.
_ESTIMATE = 0.05  # USD
_BUDGET = 0.25  # USD
_NAME = "openrouter-connector"
_PLAY = "The sandbox answers: no model is asked, nothing is paid, the costs are play money."
_NEXT = """\
What to try next:
  openrouter-connector actions                       what there is to run
  openrouter-connector show ask                      all about one of them, with an example
  openrouter-connector check ask --sandbox -p …      what would be sent, before it is paid for
  openrouter-connector run ask --sandbox -p model=sandbox/no-credits -p userPrompt=hi
                                                     what failure looks like
  OPENROUTER_API_KEY=… openrouter-connector demo --live
                                                     the same with real models"""


def configure(parser: ArgumentParser) -> None:
    """Add the options of `demo`."""
    parser.add_argument(
        "--output-dir",
        default="demo-output",
        metavar="DIR",
        help="where files are written (./demo-output)",
    )
    parser.add_argument(
        "--live", action="store_true", help="ask the real API with OPENROUTER_API_KEY; this costs"
    )
    parser.add_argument("--yes", action="store_true", help="with --live: do not ask whether to pay")
    parser.add_argument(
        "-p",
        action="append",
        default=[],
        dest="pairs",
        metavar="ACTION.NAME=VALUE",
        help="another parameter, such as ask.model=openai/gpt-5-mini; may be repeated",
    )
    shared.add_budget(parser, default=_BUDGET)
    parser.set_defaults(connector=None, timeout=None)


def run(args: Namespace) -> int:
    """Perform the four actions, and tell what they gave, cost and prove."""
    connector = load(args)
    steps = _steps(connector, LIVE if args.live else SANDBOX, args.pairs)
    token = environment(connector.definition.component).token if args.live else None
    if args.live and not _may_pay(steps, args, token):
        note("Nothing was sent.")
        return 0
    where = {"token": token} if args.live else {"sandbox": True}
    session = open_session(args, connector, budget=args.budget, **where)
    done = completed(_performed(session, steps, "" if args.live else _PLAY))
    _table(done, session)
    print_text(_proof(steps["createSpeech"]["input"], done["createTranscription"].output))
    print_text(_NEXT.replace(_NAME, _called()))
    return 0


def _called() -> str:
    """Give the command as it must be typed here, where it may not be on the path."""
    given = Path(sys.argv[0])
    if which(_NAME) or given.name != _NAME:
        return _NAME
    return str(given.relative_to(Path.cwd()) if given.is_relative_to(Path.cwd()) else given)


def _steps(
    connector: Connector, examples: dict[str, JsonObject], pairs: list[str]
) -> dict[str, JsonObject]:
    """Give the parameters of each action, with those of `-p ACTION.NAME=VALUE` among them."""
    steps = dict(examples)
    for pair in pairs:
        action, dot, rest = pair.partition(".")
        if not dot or "=" in action:
            raise InputError([Problem(pair, "names no action; write -p ask.model=…")])
        form = connector.definition.form(action)
        steps[action] = override(form.action.properties, steps.get(action, {}), [rest])
    return steps


def _may_pay(steps: dict[str, JsonObject], args: Namespace, token: str | None) -> bool:
    """Say what it may cost, and ask. CredentialError without a key, InputError without a person."""
    if token is None:
        raise CredentialError("demo --live needs a key: set OPENROUTER_API_KEY")
    note("This asks real models, and your key pays:")
    for action, parameters in steps.items():
        note(f"  {action:<20} {parameters['model']}")
    note(
        f"Estimate: ${_ESTIMATE:.2f} with the default models, if prices have not changed; "
        f"nothing more is sent once ${args.budget:.2f} were spent."
    )
    if args.yes:
        return True
    if not is_terminal(sys.stdin):
        raise InputError([Problem("--live", "there is nobody to ask; add --yes to agree")])
    return agreed("Go on?")


async def _performed(
    session: Session, steps: dict[str, JsonObject], heading: str
) -> dict[str, Result]:
    done: dict[str, Result] = {}
    async with session:
        print_text(heading)
        for action, given in steps.items():
            parameters = dict(given)
            if action == "createTranscription":
                parameters.setdefault("file", done["createSpeech"].output)
            print_text(f"\n{action} ({parameters['model']})")
            shown = Shown()
            try:
                streams = action == "ask"
                result = await performed(session, action, parameters, shown, stream=streams)
            finally:
                shown.end()
            if not shown.text:
                print_output(result, session.files.path_of)
            print_summary(result.metadata)
            done[action] = result
    return done


def _table(done: dict[str, Result], session: Session) -> None:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, show_footer=True)
    table.add_column("Action", "all", no_wrap=True)
    table.add_column("Output", ratio=1, overflow="fold")
    table.add_column("Cost", cost(session.budget.spent), justify="right", no_wrap=True)
    total = sum(result.metadata.latency for result in done.values())
    table.add_column("Time", seconds(total), justify="right", no_wrap=True)
    for action, result in done.items():
        known = result.metadata
        table.add_row(action, _output(result, session), cost(known.cost), seconds(known.latency))
    with page() as console:
        console.print(table)


def _output(result: Result, session: Session) -> str:
    if isinstance(result.output, FileEntry):
        file = result.output
        path = place(file, session.files.path_of)
        return f"{file.name} ({file.mime_type})\n{path}"
    return shorten(harmless(str(result.output), sys.stdout), 120, placeholder=" …")


def _proof(spoken: str, heard: str) -> str:
    if heard == spoken:
        return (
            "The transcription is word for word what was spoken: the sound of createSpeech was\n"
            "stored as a file, sent to createTranscription, and understood.\n"
        )
    return f"Spoken:      {spoken}\nTranscribed: {heard}\n"
