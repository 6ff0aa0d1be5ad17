"""Start a run of an action for many rows, or go on with the one that the same command began.

start_rows ── prepare, check ──┬─▶ the command is new: a run of its own
                               └─▶ it began one before: that one goes on
"""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field, replace
from hashlib import sha256

from dbos import DBOS, SetWorkflowID

from ....connector import Session
from ....errors import ConflictError, InputError, Problem
from ....parameters import plain_parameters
from ....values import JsonObject
from ...formats.flow import Flow
from ...formats.passwords import passwords_in
from ...needs_connection import needs_connection
from .. import recovery
from ..definition_digests import digests_of
from ..engine import SHARED_QUEUE, Engine
from ..large_values import unpack
from ..recovery import workflows_of
from ..run_checks import stored_files
from ..run_copies import new_run_id
from ..run_records import RunOptions, RunRecord
from ..workflows import run_flow
from .bundle import bundle_of
from .preflight import check_rows
from .records import RowCounts, RowOutcome
from .request import RowsRequest
from .stored import CHUNK, PreparedRows, RowsPlan, prepare, read_chunk, store_rows
from .template import RowTemplate
from .workflows import plan_of

_PAGE = 200  # outcomes of one look at the table
_PAUSE = 0.25  # seconds between two looks, while rows run


@dataclass(frozen=True, slots=True)
class StartedRows:
    """A run of rows, and what was found of it."""

    run: RunRecord
    before: RowCounts = field(default_factory=RowCounts)
    """The rows that had ended before, in an earlier run of the same command."""
    is_new: bool = True
    goes_on: bool = True
    """Whether something is performed; not if all rows have ended."""
    is_here: bool = True
    """Whether this process performs it."""


def nothing() -> None:
    """Object to nothing."""


async def start_rows(
    engine: Engine,
    session: Session,
    request: RowsRequest,
    *,
    queued: bool = False,
    restart: bool = False,
    retry_doubtful: bool = False,
    may_begin: Callable[[], None] = nothing,
) -> StartedRows:
    """Start a run, or go on with the last one of the same command.

    InputError lists all rows that cannot be sent, before anything is paid; also for a command whose
    rows have changed since. With `restart` the command begins a new run. `may_begin` is called
    before a new one, and may raise what speaks against it.
    """
    form = session.definition.form(request.action)
    _refuse_keys(session, request)
    if request.via == "api":
        bundle_of(session.definition, form.action.name)
    parameters = await stored_files(
        plain_parameters(request.parameters), request.action, session.files
    )
    template = RowTemplate(parameters)
    prepared = await asyncio.to_thread(
        prepare, request.source, template, form, models=request.models, limit=request.limit
    )
    try:
        command = _digest_of(session, request, parameters, prepared)
        earlier = await engine.records.by_command(command)
        if earlier is not None and restart:
            await _refuse_running(engine, earlier)
        elif earlier is not None:
            return await _go_on(engine, request, prepared, earlier, retry_doubtful=retry_doubtful)
        if request.via == "api" and prepared.names_files:
            raise InputError([Problem("via", "files of this machine cannot go into such a batch")])
        # The first row alone: what no model of that name can do must not fail for each row.
        await check_rows(session, request.action, template, prepared, sample=1)
        may_begin()
        run = await _new_run(session, request, parameters, prepared, command)
    finally:
        prepared.discard()
    await engine.records.add(run)
    await _begin(run, queued=queued)
    return StartedRows(run, is_here=not queued)


async def _begin(run: RunRecord, *, queued: bool) -> None:
    with SetWorkflowID(run.id):
        if queued:
            await DBOS.enqueue_workflow_async(SHARED_QUEUE, run_flow, run.id)
        else:
            await DBOS.start_workflow_async(run_flow, run.id)


async def outcomes(
    engine: Engine, run: RunRecord, start: int = 0, *, follow: bool = True
) -> AsyncGenerator[JsonObject]:
    """Yield what became of each row, in the order of the rows: `{row, output, metadata}`.

    A row that failed or is in doubt has `error` in place of the output. With `follow` it waits for
    rows until the run and its last requests have ended, and skips those that were not performed.
    """
    lines = _Lines(engine, run, plan_of(run))
    following = start
    while True:
        is_here = engine.executes(run.id)
        has_ended = not follow or (await engine.records.has_ended(run.id) and not is_here)
        found = await engine.rows.read(run.id, following, _PAGE)
        for outcome in found:
            if outcome.index != following and not has_ended:
                break  # a row before it is still under way
            yield await lines.line(outcome)
            following = outcome.index + 1
        if has_ended and len(found) < _PAGE:
            return
        if not found or found[-1].index >= following:
            await asyncio.sleep(_PAUSE)


@dataclass(slots=True)
class _Lines:
    """Writes outcomes as lines; reads the rows again where a line names more than their number."""

    engine: Engine
    run: RunRecord
    plan: RowsPlan
    _chunk: int = -1
    _names: dict[int, JsonObject] = field(default_factory=dict)

    async def line(self, outcome: RowOutcome) -> JsonObject:
        files = (await self.engine.session_for(self.run)).files
        found = {key: value for key, value in outcome.outcome.items() if value is not None}
        if "error" not in found:
            found["output"] = await unpack(outcome.outcome.get("output"), files)
        if not (self.plan.host or self.plan.models):
            return {"row": outcome.index, **found}
        if outcome.index // CHUNK != self._chunk:
            self._chunk = outcome.index // CHUNK
            rows = await read_chunk(self.plan, self._chunk, files)
            self._names = {
                row.index: {
                    "row": row.source,
                    **({"file": row.file["name"]} if row.file else {}),
                    **({"model": row.model} if row.model else {}),
                }
                for row in rows
            }
        return {**self._names[outcome.index], **found}


async def _refuse_running(engine: Engine, run: RunRecord) -> None:
    """Raise ConflictError if a run is still performed: two would pay, and write one file."""
    [summary] = await recovery.summaries(engine, 1, None, run.id)
    if summary.status in ("queued", "running"):
        message = f"the run {run.id} of this command is {summary.status}; cancel it first"
        raise ConflictError(f"{message}, or leave out --restart to follow it", version=0)


async def _go_on(
    engine: Engine,
    request: RowsRequest,
    prepared: PreparedRows,
    run: RunRecord,
    *,
    retry_doubtful: bool,
) -> StartedRows:
    plan = plan_of(run)
    if plan.digest != prepared.digest:
        raise InputError([Problem(request.source.parameter, _changed(plan, prepared))])
    counts = await engine.rows.counts(run.id)
    found = StartedRows(run, counts, is_new=False)
    [summary] = await recovery.summaries(engine, 1, None, run.id)
    if summary.status == "queued" and not await asyncio.to_thread(workflows_of, run.id):
        await _begin(run, queued=False)  # its process died before it could begin
        return found
    if summary.status in ("queued", "running"):
        return replace(found, is_here=engine.executes(run.id))
    only_doubts = counts.ended == plan.count and not counts.failed
    if run.status == "succeeded" or (only_doubts and not retry_doubtful and run.ended):
        return replace(found, goes_on=False, is_here=False)
    rows = replace(plan, concurrency=request.concurrency).to_json()
    options = replace(run.options, rows=rows, budget=request.budget)
    run = replace(run, options=options)
    await engine.records.set_options(run)
    await recovery.resume(engine, run, retry_doubtful=retry_doubtful)
    return replace(found, run=await engine.records.get(run.id))


def _refuse_keys(session: Session, request: RowsRequest) -> None:
    """Refuse parameters that hold a key: they are stored with the run."""
    definition = session.definition
    action = definition.form(request.action).action
    task = {"type": definition.component.type_of(action.name), "parameters": request.parameters}
    if found := [name for _, name, _ in passwords_in({"tasks": [task]}, definition)]:
        message = "would be stored with the run; use a saved connection of that server"
        raise InputError([Problem(name, message) for name in found])


def _changed(plan: RowsPlan, prepared: PreparedRows) -> str:
    counted = f"{plan.count:,} rows then, {prepared.count:,} now"
    known = "other rows" if plan.count == prepared.count else counted
    return (
        f"{plan.label} has changed since this command began ({known}), and its answers would be "
        "those of other rows; --restart begins anew and pays all rows again"
    )


async def _new_run(
    session: Session,
    request: RowsRequest,
    parameters: JsonObject,
    prepared: PreparedRows,
    command: str,
) -> RunRecord:
    id, definition = new_run_id(), session.definition
    action = definition.form(request.action).action
    name = definition.component.type_of(action.name)
    task = {"name": action.name, "type": name, "parameters": parameters}
    label = f"{action.name} for {request.source.label}"
    document = {"label": label, "tasks": [{**task, "maxRetries": request.retries}]}
    flow = Flow.from_json(document)
    plan = RowsPlan(
        file=await store_rows(prepared, id, session.files),
        count=prepared.count,
        offsets=prepared.offsets,
        digest=prepared.digest,
        label=request.source.label,
        concurrency=request.concurrency,
        host=socket.gethostname() if prepared.names_files else "",
        models=tuple(request.models),
        via=request.via,
    )
    return RunRecord(
        id=id,
        label=label,
        created=time.time(),
        status="queued",
        server=session.server,
        connection=session.connection,
        document=document,
        inputs={},
        options=RunOptions(budget=request.budget, rows=plan.to_json()),
        keyless=not needs_connection(flow, definition),
        definition=digests_of(flow, definition),
        command=command,
    )


def _digest_of(
    session: Session, request: RowsRequest, parameters: JsonObject, prepared: PreparedRows
) -> str:
    """Return what makes two commands the same. Limits of time, cost and number are no part."""
    source = request.source
    # A shell replaces a pattern by the files of the moment: one more file is no other command.
    paths = [] if source.format == "files" and request.output else list(source.paths)
    if source.stdin is not None:  # what is piped in is known by nothing but itself
        paths = [prepared.digest]
    known = [
        request.action, parameters, source.format, paths, list(request.models), request.limit,
        request.output, request.via, session.server, session.connection,
    ]  # fmt: skip
    return sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()
