"""`run`: run an action or a flow."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from .. import help_text, shared_options
from ..action_args import requested_flow, requested_step, with_defaults
from ..connection_args import load_connector
from ..flow_args import add_flow_options, refuse_flow_options
from ..run_action import run_action

if TYPE_CHECKING:
    from ....connector import Connector
    from ....definition.exchange import ActionStep


def configure(parser: ArgumentParser) -> None:
    """Add the options of `run`."""
    shared_options.add_action_and_parameters(parser, or_flow=True)
    parser.add_argument(
        "--stream",
        action="store_true",
        help="print the answer as it arrives; of a flow those of all steps, to stderr, or with "
        "--json its events as JSON lines",
    )
    shared_options.add_json(
        parser,
        "print {output, metadata}, of a flow {run, outputs, cost}, or {error} as one JSON object",
    )
    shared_options.add_call_options(parser)
    shared_options.add_output(parser)
    shared_options.add_quiet(parser)
    shared_options.add_budget(parser)
    shared_options.add_connector(parser)
    add_flow_options(parser)
    parser.epilog = _EPILOG


def run(args: Namespace) -> int:
    """Run the action or the flow, and print its output."""
    connector = load_connector(args)
    if flow := requested_flow(args, connector.definition):
        from ..flow_run import run_flow

        return run_flow(args, connector, flow)
    refuse_flow_options(args)
    return run_action(args, connector, _step(args, connector))


def _step(args: Namespace, connector: Connector) -> ActionStep:
    definition = connector.definition
    return with_defaults(args, requested_step(args, definition), definition.component)


_EPILOG = f"""\
examples:
  openrouter-connector run ask --sandbox -p model=sandbox/echo -p userPrompt='Hello there'
  openrouter-connector run createSpeech -p model=… -p voice=… -p input=Hello --output hello.mp3
  openrouter-connector run createTranscription -p model=… -p file=@speech.mp3 --json
  openrouter-connector run exported-action.json -p temperature=0
  openrouter-connector run flow.json --input text='Hello there' --input photos=@photo.jpg
  openrouter-connector run flow.yaml --only draft --pin outline='{{"title": "Tea"}}'

A flow is a durable run: if it is interrupted, `openrouter-connector runs resume ID` goes on from
there, and nothing that is finished is paid again. Its files stay in the user's folder for files;
--output gets copies of its outputs.

{help_text.ENVIRONMENT}

{help_text.EXIT_CODES}"""
