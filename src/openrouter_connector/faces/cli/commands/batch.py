"""`batch`: run an action for each row of a table, or for each of many files."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from contextlib import ExitStack
from itertools import islice
from textwrap import shorten
from typing import TYPE_CHECKING

from ....connections.redact_keys import redact_keys, redact_keys_in
from ....money import format_usd
from .. import help_text, shared_options
from ..connection_args import load_connector, open_session
from ..exit_codes import described_exit_code
from ..rows_args import (
    absolute,
    add_action,
    add_rows,
    read_files,
    refuse_own_input,
    requested_parameters,
    requested_rows,
)
from ..run_async import run_async
from ..terminal import note, print_json, print_text

if TYPE_CHECKING:
    from ....connector import Session
    from ....flows.runs import RowFailure, RowsPreflight, RowsRequest
    from ..rows_run import RowsEnd, Write

_MOST_LISTED = 20  # rows in doubt that are named
_LONGEST_MESSAGE = 300  # characters


def configure(parser: ArgumentParser) -> None:
    """Add the options of `batch`."""
    add_action(parser)
    parser.add_argument("-m", "--model", metavar="MODEL", help="the model; short for -p model=…")
    add_rows(parser, required=True)
    parser.add_argument(
        "--output", metavar="FILE", default="-",
        help="file for the results, a line of JSON each (default: stdout)",
    )  # fmt: skip
    parser.add_argument(
        "--via", choices=("api",), default="",
        help="send all rows in one batch of the API, which answers within a day at about half the "
        "price",
    )  # fmt: skip
    parser.add_argument(
        "--detach", action="store_true",
        help="leave the rows to workers (`worker`), and print the id of the run",
    )  # fmt: skip
    parser.add_argument(
        "--dry-run", action="store_true",
        help="check all rows and estimate the cost; nothing is sent",
    )  # fmt: skip
    shared_options.add_json(
        parser, "also print {run, status, rows, done, failed, doubtful, cost} as the last line"
    )
    shared_options.add_call_options(parser)
    shared_options.add_budget(parser)
    shared_options.add_connector(parser)
    parser.epilog = _EPILOG


def run(args: Namespace) -> int:
    """Perform the rows, and write a line for each. Return the exit code."""
    from ..run_sessions import flow_extra

    connector = load_connector(args)
    parameters = requested_parameters(args, connector.definition)
    with flow_extra():
        from ....flows.runs import RowsRequest
    from ..rows_run import lines_to, open_output, run_rows

    has_file = args.output != "-"
    rows = requested_rows(args)
    refuse_own_input(args.output, read_files(rows, parameters))
    request = RowsRequest(
        action=args.action,
        parameters=parameters,
        source=rows,
        limit=args.limit,
        concurrency=args.concurrency,
        retries=args.retries,
        budget=args.budget,
        via=args.via,
        output=absolute(args.output) if has_file else "",
    )
    session = open_session(args, connector, concurrent=True, files=None)
    if args.dry_run:
        return _print_preflight(run_async(_checked(session, request)), args)
    with ExitStack() as stack:

        def output() -> Write:
            return lines_to(stack.enter_context(open_output(args.output)) if has_file else None)

        end = run_async(run_rows(args, session, request, output))
    return _print_queued(end, args) if args.detach else print_end(end, args)


def print_end(end: RowsEnd, args: Namespace, *, has_json: bool = True) -> int:
    """Print how a run of rows ended, and the way out; return the exit code."""
    if args.json and has_json:
        print_json(end.to_json(), on_one_line=True)
    counts = end.counts
    parts = [
        f"{counts.done:,} of {end.rows:,} {end.unit} done",
        f"{counts.failed:,} failed" if counts.failed else "",
        f"{counts.doubtful:,} in doubt" if counts.doubtful else "",
        format_usd(end.cost),
        f"run {end.run}",
    ]
    note(" · ".join(filter(None, parts)))
    for line in _ways_out(end):
        note(line)
    return described_exit_code(end.error) if end.error else 0


def _ways_out(end: RowsEnd) -> list[str]:
    lines = []
    if end.error and end.error["type"] not in ("IncompleteError", "InDoubtError"):
        lines.append(f"error: {end.error['message']}")
    if end.doubtful:
        more = f" and {len(end.doubtful) - _MOST_LISTED:,} more" * (
            len(end.doubtful) > _MOST_LISTED
        )
        some = islice(end.doubtful.items(), _MOST_LISTED)
        listed = ", ".join(f"{row} ({', '.join(of)})" if of else str(row) for row, of in some)
        likely = end.counts.cost / end.counts.done * end.counts.doubtful if end.counts.done else 0
        about = f", about {format_usd(likely)}" if likely else ""
        lines.append(
            f"rows in doubt: {listed}{more}. They may have been served and charged{about}."
        )
        lines.append("To send them again, which may cost twice: the same command, --retry-doubtful")
    if end.failure:
        lines.append(_failed(end.failure))
    if end.counts.failed:
        lines.append(f"To send the failed {end.unit} again: the same command")
    elif end.error and end.counts.ended < end.rows:
        how = " with a higher --budget" if end.error["type"] == "BudgetError" else ""
        lines.append(f"What is done is kept. To go on: the same command{how}")
    return lines


def _failed(failure: RowFailure) -> str:
    place = f"{failure.row} ({failure.model})" if failure.model else f"{failure.row}"
    message = redact_keys(shorten(failure.message, _LONGEST_MESSAGE, placeholder=" …"))
    others = {0: "", 1: " (1 other failed the same way)"}
    same = others.get(failure.same, f" ({failure.same:,} others failed the same way)")
    return f"row {place} failed: {message}{same}"


async def _checked(session: Session, request: RowsRequest) -> RowsPreflight:
    from ....flows.runs import preflight_rows

    async with session:
        return await preflight_rows(session, request)


def _print_preflight(found: RowsPreflight, args: Namespace) -> int:
    if args.json:
        print_json(redact_keys_in(found.to_json()))
        return 0
    for warning in found.warnings:
        note(redact_keys(f"warning: {warning}"))
    rows = "1 row" if found.rows == 1 else f"{found.rows:,} rows"
    print_text(f"No problems found in {rows}.")
    print_text(found.estimate.sentence() if found.estimate else "The cost is not known in advance.")
    return 0


def _print_queued(end: RowsEnd, args: Namespace) -> int:
    if args.json:
        print_json({"run": end.run, "status": end.status}, on_one_line=True)
    else:
        print_text(end.run)
    note("Queued for a worker. The same command without --detach follows it, and writes its rows.")
    return 0


_EPILOG = f"""\
examples:
  openrouter-connector batch ask 'Translate into French: ${{row.text}}' -m … --over rows.csv \\
      --output french.jsonl
  openrouter-connector batch analyzeImages -m … --over 'photos/*.jpg' -p images='${{file}}' \\
      --output found.jsonl
  cat prompts.txt | openrouter-connector batch ask '${{row.text}}' -m … --over - --format lines

All rows are checked before the first one is sent. A row that fails is a line with its error.
${{row.index}} is the number of the row, from 0.

If the command is interrupted, the same command goes on. It keeps the rows that are done, and sends
failed rows again. A row in doubt may have been served: it is sent again only with --retry-doubtful.

{help_text.ENVIRONMENT}

{help_text.EXIT_CODES}"""
