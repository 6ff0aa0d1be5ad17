"""Run one action, print its output, and write what `--output` names."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from ...errors import ApiError, FileError
from ...plain_json import to_plain_result
from ...values import FileEntry, Result
from .connection_args import open_session
from .error_output import print_error
from .exit_codes import STDOUT_CLOSED, reported_exit_code
from .interrupted_batch import FinishedRows
from .output_target import OutputTarget, output_target, print_bytes, written
from .perform_action import perform_action
from .result_output import StreamedAnswer, note_further_files, print_output, print_summary
from .run_async import run_async
from .terminal import print_json, print_text, redirect_stdout

if TYPE_CHECKING:
    from ...connector import Connector, Session
    from ...definition.exchange import ActionStep
    from ...runtime.files.store import FileStore


def run_action(args: Namespace, connector: Connector, step: ActionStep) -> int:
    """Run an action with its parameters, and return the exit code."""
    from ...runtime.endpoints import named_server

    action = connector.definition.form(step.action).action
    target = output_target(args)
    session = open_session(
        args,
        connector,
        server_in_parameters=named_server(action, step.parameters) is not None,
        budget=args.budget,
        concurrent=action.for_each is not None,
        files=target.folder,
    )
    answer = StreamedAnswer()
    with FinishedRows() as rows:
        result = run_async(_performed(session, step, answer, rows, args, target))
        code = _print(result, session.files, answer, args, target)
        if rows.exit_code or not args.json:
            print_summary(result.metadata)
    return rows.exit_code or code or reported_exit_code(result.metadata)


async def _performed(
    session: Session,
    step: ActionStep,
    answer: StreamedAnswer,
    rows: FinishedRows,
    args: Namespace,
    target: OutputTarget,
) -> Result:
    from asyncio import CancelledError

    # What goes into a file is written when it is complete.
    shown = None if args.json or target.file else answer
    try:
        async with session:
            return await perform_action(
                session,
                step.action,
                step.parameters,
                shown,
                rows,
                stream=args.stream,
                as_lines=args.json and args.stream,
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


def _print(
    result: Result,
    files: FileStore,
    answer: StreamedAnswer,
    args: Namespace,
    target: OutputTarget,
) -> int:
    """Print a result, to stderr if nobody reads stdout: it is paid for. Return the exit code."""
    try:
        return _print_result(result, files, answer, args, target)
    except BrokenPipeError as error:
        redirect_stdout(error)
        _print_result(result, files, answer, args, OutputTarget())
        return STDOUT_CLOSED


def _print_result(
    result: Result,
    files: FileStore,
    answer: StreamedAnswer,
    args: Namespace,
    target: OutputTarget,
) -> int:
    if target.file:
        return _write(result, files, args, target)
    if args.json:
        print_json(to_plain_result(result), on_one_line=args.stream)
        return 0
    if target.to_stdout and isinstance(result.output, FileEntry):
        print_bytes(result.output)
    elif not answer.text:
        print_output(result, files.path_of)
    note_further_files(result, files.path_of)
    return 0


def _write(result: Result, files: FileStore, args: Namespace, target: OutputTarget) -> int:
    """Write a result to a file, and print the paths; if that fails, print the result itself."""
    from .terminal import note

    try:
        paths = written(target, result.output, result.metadata.files)
    except FileError as error:
        code = print_error(error, as_json=False)
        _print_result(result, files, StreamedAnswer(), args, OutputTarget())
        return code
    if args.json:
        print_json(to_plain_result(result), on_one_line=args.stream)
    for path in paths:
        (note if args.json else print_text)(str(path))
    return 0
