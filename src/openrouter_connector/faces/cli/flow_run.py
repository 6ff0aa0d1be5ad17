"""Start or take up a run of a flow, show it live, and print how it ended."""

from __future__ import annotations

from argparse import Namespace
from asyncio import FIRST_COMPLETED, CancelledError, Task, create_task, sleep, wait
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...connections.redact_keys import redact_keys
from ...errors import ConnectorError
from ...flows.needs_connection import needs_connection
from ...flows.rehearsal import rehearsed
from ...runtime.files.store import FileStore
from . import help_text
from .connection_args import open_session, session_to
from .flow_args import read_faults, read_inputs, read_pinned
from .flow_output import command, print_flow_error, print_flow_result, way_out, with_copies
from .output_target import output_target
from .run_async import run_async
from .run_progress import is_after, run_progress
from .run_sessions import check_server, flow_extra, open_runs, reader, session_of_run
from .terminal import note, print_json, print_text

if TYPE_CHECKING:
    from ...connector import Connector, Session
    from ...flows.formats.flow import Flow
    from ...flows.runs import FlowResult, Run, RunRecord, Runs

TakeUp = Callable[["Runs", str], Awaitable["Run"]]

_LOOK = 6.0
"""Seconds between two looks whether a run still has a process; a worker takes over within five."""


def run_flow(args: Namespace, connector: Connector, flow: Flow) -> int:
    """Run a flow, or with `--detach` leave it to a worker. Return the exit code."""
    inputs, pinned = read_inputs(args, flow), read_pinned(args)
    options: dict[str, Any] = {"concurrent": True}
    if args.rehearse:
        flow = rehearsed(flow, connector.definition, read_faults(args))
        session = session_to(args, connector, sandbox="rehearsal", **options)
    else:
        has_servers = not needs_connection(flow, connector.definition)
        session = open_session(args, connector, server_in_parameters=has_servers, **options)

    async def start(runs: Runs) -> Run:
        return await runs.start(
            flow,
            inputs,
            budget=args.budget,
            day_budget=args.day_budget,
            on_doubt=args.on_doubt or "stop",
            stream=args.stream,
            pinned=pinned,
            only=args.only,
            queued=args.detach,
        )

    if args.detach:
        return _print_queued(run_async(_queued(args, session, start)), args)
    return _ended(args, lambda folder: _performed(args, session, start, folder))


def take_up(
    args: Namespace,
    connector: Connector,
    take: TakeUp,
    check: Callable[[RunRecord], None] = lambda _: None,
) -> int:
    """Perform a run that was begun before, here: `take` resumes it, or starts it again.

    `check` may refuse it before anything is started.
    """
    return _ended(args, lambda folder: _taken_up(args, connector, take, check, folder))


def watch(args: Namespace, connector: Connector) -> int:
    """Show a run that any process performs until its end. Return the exit code of its end."""
    return _ended(args, lambda folder: _watched(args, connector, folder))


def _ended(
    args: Namespace, work: Callable[[FileStore | None], Coroutine[Any, Any, FlowResult]]
) -> int:
    """Wait for a run, and print its outputs, or why it has none."""
    with flow_extra():
        from ...flows.runs import FlowError
    target = output_target(args)
    folder = FileStore(target.folder) if target.folder else None
    try:
        result = run_async(work(folder))
    except FlowError as error:
        return print_flow_error(error, args)
    except KeyboardInterrupt as error:
        if run := getattr(args, "followed", None):
            error.args = (f"interrupted; the run is {run}",)
        raise
    print_flow_result(result, folder or FileStore(), args, target)
    return 0


async def _queued(
    args: Namespace, session: Session, start: Callable[[Runs], Awaitable[Run]]
) -> str:
    async with session, open_runs(args, session) as runs:
        return (await start(runs)).id


def _print_queued(run: str, args: Namespace) -> int:
    if args.json:
        print_json({"run": run, "status": "queued"}, on_one_line=args.stream)
    else:
        print_text(run)
    note(f"Queued for a worker. To watch it: {command('runs watch', run, args)}")
    return 0


async def _performed(
    args: Namespace,
    session: Session,
    start: Callable[[Runs], Awaitable[Run]],
    folder: FileStore | None,
) -> FlowResult:
    async with session, open_runs(args, session) as runs:
        run = await start(runs)
        return await _to_its_end(args, runs, run, session.files, folder)


async def _taken_up(
    args: Namespace,
    connector: Connector,
    take: TakeUp,
    check: Callable[[RunRecord], None],
    folder: FileStore | None,
) -> FlowResult:
    base, chosen = reader(connector), list["Session"]()
    # The session is entered after the database is opened, since the run says which it is, and
    # left after that is closed: requests may be under way until then.
    async with AsyncExitStack() as sessions, open_runs(args, base, lambda _: chosen[0]) as runs:
        record = (await runs.get(args.run)).record
        check(record)
        session = session_of_run(args, connector, record)
        chosen.append(await sessions.enter_async_context(session))
        check_server(session, record)
        past = await (await runs.get(record.id)).recorded()
        run = await take(runs, record.id)
        after = past[-1]["id"] if past else 0
        return await _to_its_end(args, runs, run, session.files, folder, after)


async def _to_its_end(
    args: Namespace,
    runs: Runs,
    run: Run,
    files: FileStore,
    folder: FileStore | None,
    after: int = 0,
) -> FlowResult:
    """Show a run that this process performs, and return its result; Ctrl-C cancels it."""
    args.followed = run.id
    note(_heading(run))
    try:
        await _show(args, run, after)
        return await _result(runs, run.id, files, folder)
    except CancelledError:
        await runs.cancel(run.id)
        note(f"\nThe run {run.id} is cancelled. {way_out(run.id, args)}")
        note("Waiting for requests under way, which may be paid; Ctrl-C again stops at once.")
        raise


async def _watched(args: Namespace, connector: Connector, folder: FileStore | None) -> FlowResult:
    session = reader(connector)
    async with open_runs(args, session, lambda _: session) as runs:
        run = await runs.get(args.run)
        note(_heading(run))
        if run.record.status == "queued":
            note(f"It waits for a worker; `{help_text.program()} worker` is one.")
        try:
            await _first(_show(args, run), _loss_of_process(args, runs, run.id))
        except CancelledError:
            again = command("runs watch", run.id, args)
            note(f"\nThe run goes on. To watch it again: {again}")
            raise
        return await _result(runs, run.id, session.files, folder)


async def _show(args: Namespace, run: Run, after: int = 0) -> None:
    """Show the events of a run after one until its end; with `--json --stream` as JSON lines."""
    async with aclosing(run.events()) as events:
        if args.json and args.stream:
            async for event in events:
                if is_after(event, after):
                    print_json(event, on_one_line=True)
            return
        with run_progress(after=after, with_text=args.stream) as progress:
            async for event in events:
                progress.show(event)


async def _loss_of_process(args: Namespace, runs: Runs, run: str) -> None:
    """Return never; ConnectorError once a run has no process, and no worker takes it over."""
    was_interrupted = False
    while True:
        await sleep(_LOOK)
        is_interrupted = (await runs.details(run))["status"] == "interrupted"
        if is_interrupted and was_interrupted:
            resume = command("runs resume", run, args)
            raise ConnectorError(
                f"the process of the run {run} died, and no worker takes it over. All that it "
                f"finished is kept. To go on from there: {resume}"
            )
        was_interrupted = is_interrupted


async def _first(*works: Coroutine[Any, Any, None]) -> None:
    """Wait until one of them ends, and cancel the others."""
    tasks: list[Task[None]] = [create_task(work) for work in works]
    try:
        done, _ = await wait(tasks, return_when=FIRST_COMPLETED)
        for task in done:
            await task
    finally:
        for task in tasks:
            task.cancel()
        await wait(tasks)


async def _result(runs: Runs, run: str, files: FileStore, folder: FileStore | None) -> FlowResult:
    result = await (await runs.get(run)).result()
    if folder is None:
        return result
    return replace(result, outputs=await with_copies(result.outputs, files, folder))


def _heading(run: Run) -> str:
    label = run.record.label
    return redact_keys(f"Run {run.id}{f': {label}' if label else ''}")
