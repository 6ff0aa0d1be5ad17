"""`worker`: perform queued runs of flows, until Ctrl-C or SIGTERM."""

from __future__ import annotations

import logging
from argparse import ArgumentParser, Namespace
from contextlib import suppress
from typing import TYPE_CHECKING

from ....connections.redact_keys import redact_keys
from .. import help_text, shared_options
from ..connection_args import load_connector
from ..flow_args import add_database
from ..run_async import run_async
from ..terminal import note

if TYPE_CHECKING:
    from ....connector import Connector, Session
    from ....flows.runs import RunRecord, Runs

_LOG = "openrouter_connector.flows.runs"
_HOUR, _DAY = 3600, 86_400  # seconds


def configure(parser: ArgumentParser) -> None:
    """Add the options of `worker`."""
    add_database(parser)
    add = parser.add_argument
    add("--runs", type=shared_options.count, metavar="N",
        help="runs of this worker at the same time (default: 16)")  # fmt: skip
    add("--calls", type=shared_options.count, metavar="N",
        help="paid requests of this worker at the same time (default: 64)")  # fmt: skip
    add("--calls-of-connection", type=shared_options.count, metavar="N",
        help="paid requests of one connection at the same time (default: 64)")  # fmt: skip
    add("--runs-of-all", type=shared_options.count, metavar="N",
        help="runs of all workers of the database together (default: no limit)")  # fmt: skip
    add("--keep", type=shared_options.age, metavar="TIME",
        help="every hour, delete runs that ended longer ago, such as 30d")  # fmt: skip
    shared_options.add_call_options(parser)
    shared_options.add_connector(parser)
    parser.epilog = _EPILOG


def run(args: Namespace) -> int:
    """Perform runs, and print a line to stderr as each begins and ends."""
    connector = load_connector(args)
    _log_lines()
    # Both signals are the ordinary end of a worker.
    with suppress(KeyboardInterrupt):
        run_async(_work(args, connector))
    return 0


async def _work(args: Namespace, connector: Connector) -> None:
    from ..run_sessions import flow_extra, open_runs, reader, session_of_worker

    with flow_extra():
        from ....flows.runs import EngineLimits

    def connect(run: RunRecord) -> Session:
        return session_of_worker(args, connector, run)

    names = ("runs", "calls", "calls_of_connection", "runs_of_all")
    given = {name: getattr(args, name) for name in names}
    limits = EngineLimits(**{name: value for name, value in given.items() if value is not None})
    async with open_runs(args, reader(connector), connect, limits) as runs:
        await runs.work()
        note("Waiting for runs. Press Ctrl-C to stop.")
        try:
            await _keep(runs, args.keep)
        finally:
            note("Stopping: requests under way may end first. Runs go on in another worker.")


async def _keep(runs: Runs, seconds: float | None) -> None:
    """Delete old runs every hour, if a time is given; return never."""
    import asyncio

    while True:
        if seconds is not None and (count := await runs.delete_old(seconds / _DAY)):
            note(f"deleted {count} old {'run' if count == 1 else 'runs'}")
        await asyncio.sleep(_HOUR)


class _Notes(logging.Handler):
    """Prints what the engine logs, one line each."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print a record."""
        note(redact_keys(" ".join(record.getMessage().split())))


def _log_lines() -> None:
    logger = logging.getLogger(_LOG)
    if not any(isinstance(handler, _Notes) for handler in logger.handlers):
        logger.addHandler(_Notes())
    logger.setLevel(logging.INFO)
    logger.propagate = False


_EPILOG = f"""\
examples:
  openrouter-connector run flow.json --input text=Hello --detach
  openrouter-connector worker
  openrouter-connector worker --database postgresql://user@host/name --calls 128

A worker takes runs that were left to it with `run --detach`, and those of processes that died. It
calls each run's saved connection; for runs without one it needs OPENROUTER_API_KEY. On SIGTERM or
Ctrl-C, requests under way get a minute to end, and other workers go on with the runs.

{help_text.EXIT_CODES}"""
