"""Run an action for many rows, show how far it is, and write each result in its place.

The results are written from the database of runs, in the order of the rows. So the same command
writes them again, whatever happened to the file.
"""

from __future__ import annotations

from argparse import Namespace
from asyncio import FIRST_COMPLETED, CancelledError, create_task, sleep, wait
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from ...connections.redact_keys import redact_keys_in
from ...errors import ConnectorError, FileError, InputError, Problem
from ...plain_json import to_json_text
from ...values import JsonObject
from .rows_progress import rows_progress
from .run_sessions import flow_extra, open_runs
from .terminal import note, print_text

if TYPE_CHECKING:
    from ...connector import Session
    from ...flows.runs import RowCounts, RowFailure, RowsRequest, Run, Runs, StartedRows

Write = Callable[[JsonObject], None]
_LOOK = 6.0  # seconds between two looks whether the process of a run lives


@dataclass(frozen=True, slots=True)
class RowsEnd:
    """How a run of rows ended."""

    run: str
    status: str
    rows: int
    counts: RowCounts
    cost: float
    error: JsonObject | None = None
    doubtful: Mapping[int, Sequence[str]] = field(default_factory=dict)
    """The numbers of the rows in doubt; of a comparison with the models of each one."""
    failure: RowFailure | None = None
    """The first row that failed."""
    unit: str = "rows"
    """What is counted: rows, or the answers of a comparison."""

    def to_json(self) -> JsonObject:
        """Return `{run, status, rows, done, failed, doubtful, cost}`, and perhaps `error`."""
        counts = self.counts
        known = {
            "run": self.run, "status": self.status, "rows": self.rows, "done": counts.done,
            "failed": counts.failed, "doubtful": list(self.doubtful), "cost": self.cost,
        }  # fmt: skip
        return known | ({"error": self.error} if self.error else {})


def lines_to(file: TextIO | None) -> Write:
    """Return what writes a result as a line of JSON, to a file or to stdout."""

    def write(result: JsonObject) -> None:
        text = to_json_text(redact_keys_in(result))
        if file is None:
            print_text(text)
            return
        try:
            file.write(text + "\n")
            file.flush()
        except OSError as error:
            raise FileError(f"{file.name} cannot be written: {error.strerror}") from error

    return write


def open_output(path: str) -> TextIO:
    """Open the file of the results, and empty it. FileError if it cannot be written."""
    try:
        return Path(path).expanduser().open("w", encoding="utf-8")
    except OSError as error:
        raise FileError(f"{path} cannot be written: {error.strerror}") from error


def check_output(path: str) -> None:
    """Raise FileError if the file of the results cannot be written. What it holds is kept."""
    try:
        if path:
            Path(path).expanduser().open("a").close()
    except OSError as error:
        raise FileError(f"{path} cannot be written: {error.strerror}") from error


async def run_rows(
    args: Namespace, session: Session, request: RowsRequest, output: Callable[[], Write]
) -> RowsEnd:
    """Start a run of rows, or go on with that of the same command, until its end.

    `output` is called once rows are sure to be written, and returns what takes each result.
    """
    with flow_extra():
        from ...flows.runs import EngineLimits
    limits = EngineLimits(calls=args.concurrency, calls_of_connection=args.concurrency)
    async with session, open_runs(args, session, limits=limits) as runs:
        started = await runs.start_rows(
            request,
            queued=getattr(args, "detach", False),
            restart=args.restart,
            retry_doubtful=args.retry_doubtful,
            may_begin=lambda: _prepare_output(request.output, args),
        )
        run = await runs.get(started.run.id)
        _say_how(started, run.rows_plan.unit)
        if not getattr(args, "detach", False):
            await _follow(runs, run, started, output())
        return await _end_of(runs, run.id)


def _prepare_output(output: str, args: Namespace) -> None:
    """Create the file of the results before anything is paid.

    FileError if it cannot be written, InputError for one that this command did not write: it may
    hold answers that are paid for.
    """
    path = Path(output)
    if not output:
        return
    check_output(output)
    if not args.restart and path.is_file() and path.stat().st_size:
        message = f"{path.name} exists, and no recorded run of this command wrote it"
        ways = "name another file, or remove it, or overwrite it with --restart"
        raise InputError([Problem("--output", f"{message}; {ways}")])
    open_output(output).close()


def _say_how(started: StartedRows, unit: str) -> None:
    if started.is_new:
        return
    before, run = started.before, started.run
    ended = f"{before.done:,} {unit} are done"
    if before.failed:
        ended += f", {before.failed:,} failed"
    if before.doubtful:
        ended += f", {before.doubtful:,} are in doubt"
    if not started.goes_on:
        note(
            f"This command ran before ({run.id}): {ended}. Nothing is sent; --restart begins anew."
        )
    else:
        note(f"Going on with the run {run.id}: {ended}.")


async def _follow(runs: Runs, run: Run, started: StartedRows, write: Write) -> None:
    """Write the results in their order until the run has ended; Ctrl-C cancels it."""
    if started.goes_on and not started.is_here:
        note(f"The run {run.id} is performed by another process; this one follows it.")
    # Of a run that has ended only old progress could be shown.
    shown = rows_progress(run, started.before) if started.goes_on else nullcontext()
    async with shown:
        writing = create_task(_write_all(run, write))
        watching = create_task(_loss_of_process(runs, run.id))
        try:
            await wait({writing, watching}, return_when=FIRST_COMPLETED)
            if watching.done():
                await watching
            await writing
        except CancelledError:
            if not started.is_here:
                if started.goes_on:
                    note(f"\nThe run {run.id} goes on. The same command follows it again.")
                raise
            await runs.cancel(run.id)
            note(
                "\nStopped. Waiting for requests under way, which may be paid; Ctrl-C again ends "
                "at once. The same command goes on."
            )
            await writing
            raise
        finally:
            watching.cancel()
            writing.cancel()
            await wait({writing, watching})


async def _write_all(run: Run, write: Write) -> None:
    async with aclosing(run.rows()) as rows:
        async for result in rows:
            write(result)


async def _loss_of_process(runs: Runs, run: str) -> None:
    """Return never; ConnectorError once a run has no process, and no worker takes it over."""
    was_interrupted = False
    while True:
        await sleep(_LOOK)
        is_interrupted = (await runs.summary(run)).status == "interrupted"
        if is_interrupted and was_interrupted:
            raise ConnectorError(
                f"the process of the run {run} died. All that it finished is kept, and the same "
                "command goes on from there"
            )
        was_interrupted = is_interrupted


async def _end_of(runs: Runs, id: str) -> RowsEnd:
    run, summary = await runs.get(id), await runs.summary(id)
    outcome, plan = run.record.outcome or {}, run.rows_plan
    return RowsEnd(
        run=id,
        status=summary.status,
        rows=plan.count,
        counts=await run.row_counts(),
        cost=summary.cost,
        error=outcome.get("error"),
        doubtful=await run.doubtful_rows(),
        failure=await run.first_failure(),
        unit=plan.unit,
    )
