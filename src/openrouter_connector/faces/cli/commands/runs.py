"""`runs`: list, show, watch, cancel, resume, run again and delete runs of flows; their costs."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from ....connections.redact_keys import redact_keys_in
from ....errors import InputError
from .. import help_text, shared_options
from ..connection_args import load_connector
from ..flow_args import add_database
from ..questions import confirm
from ..run_async import run_async
from ..terminal import is_terminal, note, print_json, print_text

if TYPE_CHECKING:
    from ....flows.runs import Run, RunRecord, Runs

T = TypeVar("T")

_STATUSES = ("queued", "running", "succeeded", "failed", "in doubt", "cancelled", "interrupted")
_DAY = 86_400  # seconds


def configure(parser: ArgumentParser) -> None:
    """Add the subcommands of `runs`."""
    parser.epilog = _EPILOG
    parser.set_defaults(run_subcommand=partial(_help, parser))
    subcommands = parser.add_subparsers(metavar="SUBCOMMAND", title="subcommands")
    for name, (function, summary, options) in _SUBCOMMANDS.items():
        subcommand = subcommands.add_parser(
            name, help=summary, description=help_text.sentence(summary)
        )
        subcommand.set_defaults(run_subcommand=function)
        options(subcommand)
        add_database(subcommand)
        shared_options.add_connector(subcommand)
        subcommand.epilog = _EPILOG


def run(args: Namespace) -> int:
    """Run a subcommand. Raise InputError for an unknown run."""
    function: Callable[[Namespace], int] = args.run_subcommand
    return function(args)


def _help(parser: ArgumentParser, _: Namespace) -> int:
    print_text(parser.format_help(), end="")
    return 0


def _list(args: Namespace) -> int:
    found = _read(args, lambda runs: runs.list(args.limit, args.status))
    if args.json:
        print_json([redact_keys_in(run.to_json()) for run in found])
    elif not found:
        note(f"No runs{f' are {args.status}' if args.status else ' yet'}.")
    else:
        from ..run_pages import print_runs

        print_runs(found)
    return 0


def _show(args: Namespace) -> int:
    from ....runtime.files.store import FileStore
    from ..run_pages import print_run

    found = _read(args, lambda runs: runs.details(args.run))
    if args.json:
        print_json(redact_keys_in(found))
    else:
        print_run(found, FileStore().path_of, args)
    return 0


def _watch(args: Namespace) -> int:
    from ..flow_run import watch

    return watch(args, load_connector(args))


def _cancel(args: Namespace) -> int:
    from ..flow_output import way_out

    async def cancel(runs: Runs) -> Run:
        return await runs.cancel(args.run)

    record = _read(args, cancel).record
    if args.json:
        print_json({"run": record.id, "status": record.status})
    elif record.status == "cancelled":
        note(f"The run {record.id} is cancelled. {way_out(record.id, args)}")
    else:
        note(f"The run {record.id} has ended before: {record.status}.")
    return 0


def _resume(args: Namespace) -> int:
    from ..flow_run import take_up

    async def resume(runs: Runs, run: str) -> Run:
        retry = args.retry_doubtful
        return await runs.resume(run, retry_doubtful=retry, budget=args.budget)

    return take_up(args, load_connector(args), resume, check=_refuse_succeeded)


def _refuse_succeeded(record: RunRecord) -> None:
    from ....flows.runs.recovery import refuse_succeeded

    refuse_succeeded(record)


def _rerun(args: Namespace) -> int:
    from ..flow_run import take_up

    async def rerun(runs: Runs, run: str) -> Run:
        return await runs.rerun(run, args.start)

    return take_up(args, load_connector(args), rerun)


def _costs(args: Namespace) -> int:
    by = [name.strip() for name in args.by.split(",")]
    rows = _read(args, lambda runs: runs.costs(by, args.since))
    if args.json:
        print_json([redact_keys_in(row) for row in rows])
    elif not rows:
        note("Nothing was spent.")
    else:
        from ..run_pages import print_costs

        print_costs(rows, by)
    return 0


def _delete(args: Namespace) -> int:
    if (args.run is None) == (args.older_than is None):
        raise InputError("name the run to delete, or all of a time with --older-than")
    if args.older_than is not None:
        return _delete_old(args, args.older_than / _DAY)
    record = _read(args, lambda runs: runs.get(args.run)).record
    if not _is_confirmed(args, f"the run {record.id} ({record.label}) and its outputs"):
        return 0
    _read(args, lambda runs: runs.delete(record.id))
    if args.json:
        print_json({"deleted": record.id})
    else:
        note(f"Deleted the run {record.id}. What it cost is still counted.")
    return 0


def _delete_old(args: Namespace, days: float) -> int:
    if not _is_confirmed(args, f"all runs that ended more than {days:g} days ago"):
        return 0
    count = _read(args, lambda runs: runs.delete_old(days))
    if args.json:
        print_json({"deleted": count})
    else:
        note(f"Deleted {count} {'run' if count == 1 else 'runs'}. Their costs are still counted.")
    return 0


def _is_confirmed(args: Namespace, what: str) -> bool:
    asks = not args.yes and is_terminal(sys.stdin) and is_terminal(sys.stderr)
    if not asks or confirm(f"Delete {what}?"):
        return True
    note("Nothing was deleted.")
    return False


def _read(args: Namespace, ask: Callable[[Runs], Awaitable[T]]) -> T:
    """Ask the database of runs something; no run is performed."""
    from ..run_sessions import open_runs, reader

    session = reader(load_connector(args))

    async def asked() -> T:
        async with open_runs(args, session, lambda _: session) as runs:
            return await ask(runs)

    return run_async(asked())


def _moment(text: str) -> float:
    """Return the moment that `7d` or a date names, in seconds since 1970."""
    from datetime import datetime
    from time import time

    with suppress(ArgumentTypeError):
        return time() - shared_options.age(text)
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError):
        message = f"{text!r} is no time; write 12h, 7d, 4w or a date such as 2026-05-31"
        raise ArgumentTypeError(message) from None


def _add_list(parser: ArgumentParser) -> None:
    parser.add_argument("--status", choices=_STATUSES, help="only runs with this status")
    parser.add_argument(
        "--limit", type=shared_options.count, default=50, metavar="N",
        help="how many, the newest first (default: 50)",
    )  # fmt: skip
    shared_options.add_json(parser, "print the list as JSON")


def _add_run(parser: ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="id of the run, or the beginning of it")


def _add_run_and_json(parser: ArgumentParser) -> None:
    _add_run(parser)
    shared_options.add_json(parser, "print the result as JSON")


def _add_delete(parser: ArgumentParser) -> None:
    parser.add_argument(
        "run", metavar="RUN", nargs="?", help="id of the run, or the beginning of it"
    )
    parser.add_argument(
        "--older-than", type=shared_options.age, metavar="TIME",
        help="delete all runs that ended longer ago, such as 30d, 12h or 4w",
    )  # fmt: skip
    shared_options.add_json(parser, "print {deleted} as JSON")
    parser.add_argument("--yes", action="store_true", help="skip the confirmation")


def _add_watch(parser: ArgumentParser) -> None:
    _add_run(parser)
    parser.add_argument(
        "--stream",
        action="store_true",
        help="print the answers of the steps as they arrive, to stderr; with --json the events "
        "as JSON lines",
    )
    shared_options.add_json(parser, "print {run, outputs, cost} or {error} as one JSON object")
    shared_options.add_output(parser)


def _add_live(parser: ArgumentParser) -> None:
    _add_run(parser)
    parser.add_argument(
        "--stream", action="store_true", help="with --json, print its events as JSON lines"
    )
    shared_options.add_json(parser, "print {run, outputs, cost} or {error} as one JSON object")
    shared_options.add_call_options(parser)
    shared_options.add_output(parser)


def _add_resume(parser: ArgumentParser) -> None:
    _add_live(parser)
    parser.add_argument(
        "--retry-doubtful",
        action="store_true",
        help="send requests again that may have been served before; they may cost twice",
    )
    shared_options.add_budget(parser)


def _add_rerun(parser: ArgumentParser) -> None:
    _add_live(parser)
    parser.add_argument(
        "--from", dest="start", required=True, metavar="STEP",
        help="the first step to run again; the results of those before it are kept",
    )  # fmt: skip


def _add_costs(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--by", default="day", metavar="NAMES",
        help="groups: day, model, action or flow, several with commas (default: day)",
    )  # fmt: skip
    parser.add_argument(
        "--since", type=_moment, default=0.0, metavar="TIME",
        help="only from then on: 12h, 7d, 4w, or a date such as 2026-05-31",
    )  # fmt: skip
    shared_options.add_json(parser, "print the groups as JSON")


_SUBCOMMANDS: dict[
    str, tuple[Callable[[Namespace], int], str, Callable[[ArgumentParser], None]]
] = {
    "list": (_list, "list the runs, the newest first", _add_list),
    "show": (_show, "show a run: its steps, costs, outputs, errors and doubts", _add_run_and_json),
    "watch": (_watch, "follow a run until its end, wherever it is performed", _add_watch),
    "cancel": (_cancel, "stop a run; what it finished is kept", _add_run_and_json),
    "resume": (_resume, "go on with a run that was interrupted, cancelled or failed", _add_resume),
    "rerun": (_rerun, "run a flow again from one of its steps", _add_rerun),
    "costs": (_costs, "sum up what was spent, without the sandbox", _add_costs),
    "delete": (_delete, "delete a run that has ended, or all old ones", _add_delete),
}

_EPILOG = f"""\
examples:
  openrouter-connector runs list --status failed
  openrouter-connector runs show k3f
  openrouter-connector runs resume k3f
  openrouter-connector runs costs --by model --since 7d

`resume` and `rerun` use the saved connection of the run, unless options name another server; a
run of the sandbox gets a new sandbox. A run is interrupted when its process died.

{help_text.EXIT_CODES}"""
