"""`run`: run an action or a flow."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from ....errors import ApiError
from ....plain_json import to_plain_result
from ....values import Result
from .. import help_text, shared_options
from ..action_args import requested_flow, requested_step
from ..connection_args import load_connector, open_session
from ..exit_codes import STDOUT_CLOSED, reported_exit_code
from ..flow_args import add_flow_options, refuse_flow_options
from ..interrupted_batch import FinishedRows
from ..perform_action import perform_action
from ..result_output import StreamedAnswer, note_further_files, print_output, print_summary
from ..run_async import run_async
from ..terminal import print_json, redirect_stdout

if TYPE_CHECKING:
    from ....connector import Session
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
    from ....runtime.endpoints import named_server

    step = requested_step(args, connector.definition)
    action = connector.definition.form(step.action).action
    session = open_session(
        args,
        connector,
        server_in_parameters=named_server(action, step.parameters) is not None,
        budget=args.budget,
        concurrent=action.for_each is not None,
    )
    answer = StreamedAnswer()
    with FinishedRows() as rows:
        result = run_async(_perform(session, step, answer, rows, args))
        code = _print(result, session, answer, args)
        if not args.json:
            note_further_files(result, session.files.path_of)
        if rows.exit_code or not args.json:
            print_summary(result.metadata)
    return rows.exit_code or code or reported_exit_code(result.metadata)


async def _perform(
    session: Session, step: ActionStep, answer: StreamedAnswer, rows: FinishedRows, args: Namespace
) -> Result:
    from asyncio import CancelledError

    shown = None if args.json else answer
    try:
        async with session:
            return await perform_action(
                session, step.action, step.parameters, shown, rows, stream=args.stream
            )
    except CancelledError:
        if (result := rows.interrupted_result()) is None:
            raise
        return result
    except ApiError as error:
        if answer.text:
            error.partial = None  # it was printed already
        raise
    finally:
        answer.end()


def _print(result: Result, session: Session, answer: StreamedAnswer, args: Namespace) -> int:
    """Print a result, to stderr if nobody reads stdout: it is paid for. Return the exit code."""
    try:
        _print_result(result, session, answer, args)
    except BrokenPipeError as error:
        redirect_stdout(error)
        _print_result(result, session, answer, args)
        return STDOUT_CLOSED
    return 0


def _print_result(
    result: Result, session: Session, answer: StreamedAnswer, args: Namespace
) -> None:
    if args.json:
        print_json(to_plain_result(result))
    elif not answer.text:
        print_output(result, session.files.path_of)


_EPILOG = f"""\
examples:
  openrouter-connector run ask --sandbox -p model=sandbox/echo -p userPrompt='Hello there'
  openrouter-connector run createSpeech -p model=… -p voice=… -p input='Hello' --output-dir .
  openrouter-connector run createTranscription -p model=… -p file=@speech.mp3 --json
  openrouter-connector run exported-action.json -p temperature=0
  openrouter-connector run flow.json --input text='Hello there' --input photos=@photo.jpg
  openrouter-connector run flow.yaml --only draft --pin outline='{{"title": "Tea"}}'

A flow is a durable run: if it is interrupted, `openrouter-connector runs resume ID` goes on from
there, and nothing that is finished is paid again. Its files stay in the user's folder for files;
--output-dir gets copies of its outputs.

{help_text.ENVIRONMENT}

{help_text.EXIT_CODES}"""
