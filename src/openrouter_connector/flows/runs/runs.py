"""Run flows durably: `session.runs.start(flow, inputs)`, and what can be done with a run.

run = await session.runs.start(flow, {"text": "…"})
async for event in run.events(): ...
result = await run.result()
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, replace
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypedDict

from dbos import DBOS, SetWorkflowID

from ...errors import ConflictError, InputError, Problem
from ...notebook import MimeBundle, facts, mime_bundle, show
from ...parameters import plain_parameters
from ...values import JsonObject
from ..formats.flow import Flow
from ..needs_connection import needs_connection
from . import recovery
from .definition_digests import digests_of
from .engine import GRACE, SHARED_QUEUE, Connect, Engine, EngineLimits
from .history import results_before, steps_of_events
from .large_values import pack, unpack
from .outcomes import FlowError, answered_since
from .recovery import Worker
from .retention import delete_old_runs, delete_run
from .rows.failures import RowFailure, doubtful_rows, first_failure
from .rows.records import RowCounts
from .rows.request import RowsRequest
from .rows.start import StartedRows, nothing, outcomes, start_rows
from .rows.stored import RowsPlan
from .rows.workflows import plan_of
from .run_checks import check_can_run, checked_inputs
from .run_copies import new_run_id
from .run_records import Names, Rows, RunOptions, RunRecord, RunSummary, Summaries
from .workflows import doubts_of, run_flow

if TYPE_CHECKING:
    from ...connector import Session


@dataclass(frozen=True, slots=True)
class FlowResult:
    """What a run returned."""

    run: str
    outputs: JsonObject
    """The outputs that the flow declares; without any, the output of each step at the top."""
    cost: float
    """USD of all its steps."""

    def to_json(self) -> JsonObject:
        """Return `{run, outputs, cost}`."""
        return {"run": self.run, "outputs": self.outputs, "cost": self.cost}

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> MimeBundle:
        below = facts(self.run, self.cost, None)
        return mime_bundle(f"{self.outputs}\n{below.text}", show(self.outputs), below.html)


class StartOptions(TypedDict, total=False):
    """The options of `Runs.start`, which describes them."""

    budget: float | None
    day_budget: float | None
    on_doubt: str
    stream: bool
    pinned: JsonObject | None
    only: str | None
    queued: bool
    flow_id: str | None
    flow_version: int | None


class Runs:
    """The runs of one database, as one session starts them."""

    def __init__(
        self,
        session: Session,
        database: str | None = None,
        *,
        connect: Connect | None = None,
        limits: EngineLimits | None = None,
    ) -> None:
        """Use a database: a file name, or a URL of PostgreSQL; by default the user's.

        It is opened by the first call. `connect` returns the session for a run that another process
        began, by the connection that it names; by default only runs of the same server are resumed.
        """
        self._session = session
        self._database = database
        self._connect = connect or partial(_same_server, session)
        self._limits = limits

    async def __aenter__(self) -> Self:
        await self._engine()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self, grace: float = GRACE) -> None:
        """Close the database; requests that are under way may end within `grace` seconds.

        Runs that are not done go on from their last step when resumed.
        """
        if Engine.current:
            await Engine.current.aclose(grace)

    async def work(self) -> None:
        """Take runs that were queued by any process, and those of processes that died."""
        engine = await self._engine(works=True)
        if not engine.works:
            raise RuntimeError("this process opened its runs before; call `work` first")
        await asyncio.to_thread(Worker(engine).start)

    async def start(
        self,
        flow: Flow,
        inputs: JsonObject | None = None,
        *,
        budget: float | None = None,
        day_budget: float | None = None,
        on_doubt: str = "stop",
        stream: bool = False,
        pinned: JsonObject | None = None,
        only: str | None = None,
        queued: bool = False,
        flow_id: str | None = None,
        flow_version: int | None = None,
    ) -> Run:
        """Start a run, here or with `queued` in any worker.

        `budget` and `day_budget` are in USD. `on_doubt="retry"` sends a request again that may have
        been served before a crash. `pinned` has outputs of steps by name, which are not performed;
        `only` names the only step that is. InputError lists all that keeps the flow from running.
        """
        if on_doubt not in ("stop", "retry"):
            raise InputError([Problem("on_doubt", "must be stop or retry")])
        definition = self._session.definition
        check_can_run(flow, definition, only, pinned or {})
        id, files = new_run_id(), self._session.files
        found = await checked_inputs(flow, plain_parameters(inputs or {}), files, id)
        options = RunOptions(
            budget,
            day_budget,
            "retry" if on_doubt == "retry" else "stop",
            stream,
            {
                name: {"output": await pack(output, files)}
                for name, output in (pinned or {}).items()
            },
            only,
        )
        return await self._begin(
            RunRecord(
                id=id,
                label=flow.label,
                created=time.time(),
                status="queued",
                server=self._session.server,
                connection=self._session.connection,
                document=flow.document,
                inputs=found,
                options=options,
                flow_id=flow_id,
                flow_version=flow_version,
                keyless=not needs_connection(flow, definition),
                definition=digests_of(flow, definition),
            ),
            queued,
        )

    async def start_rows(
        self,
        request: RowsRequest,
        *,
        queued: bool = False,
        restart: bool = False,
        retry_doubtful: bool = False,
        may_begin: Callable[[], None] = nothing,
    ) -> StartedRows:
        """Perform an action for many rows, or go on with the last run of the same request.

        InputError lists all rows that cannot be sent, before anything is paid. `may_begin` may
        raise what speaks against a new run.
        """
        engine = await self._engine()
        return await start_rows(
            engine,
            self._session,
            request,
            queued=queued,
            restart=restart,
            retry_doubtful=retry_doubtful,
            may_begin=may_begin,
        )

    async def get(self, id: str) -> Run:
        """Return a run by its id, or the beginning of it. InputError for an unknown one."""
        return Run(await self._engine(), await (await self._engine()).records.get(id))

    async def details(self, id: str) -> JsonObject:
        """Return all that is known of a run.

        `{id, label, status, created, ended, cost, connection, server, flowId, inputs, options,
        flow, document, outputs | error and place, doubts, steps}`: `flow` is `{id, version}` of the
        stored flow, `document` the flow as it was started. The steps are as `steps_of_events`
        has them. Large outputs are references to files, `{"$file": url}`.
        """
        engine = await self._engine()
        run = await engine.records.get(id)
        [summary] = await recovery.summaries(engine, 1, None, run.id)
        known = await _outcome_now(engine, run)
        outcome = {key: value for key, value in known.items() if key != "status"}
        return {
            **summary.to_json(),
            "inputs": run.inputs,
            "options": run.options.shown(),
            "flow": {"id": run.flow_id, "version": run.flow_version},
            "document": run.document,
            "doubts": [],
            **outcome,
            "steps": steps_of_events(await engine.journal.read(run.id)),
        }

    async def summary(self, id: str) -> RunSummary:
        """Return a run as the list shows it."""
        engine = await self._engine()
        [found] = await recovery.summaries(engine, 1, None, (await engine.records.get(id)).id)
        return found

    async def list(
        self, limit: int = 100, status: str | None = None, *, flow: str | None = None
    ) -> Summaries:
        """Return the runs, or those of a stored flow by its id, the newest first.

        `interrupted` is one whose process died.
        """
        return await recovery.summaries(await self._engine(), limit, status, flow=flow)

    async def costs(self, by: Names, since: float = 0.0) -> Rows:
        """Return what was spent outside the sandbox, as `{…, cost, steps}`.

        `by` names the groups: `day`, `model`, `action` or `flow`.
        """
        known = ("day", "model", "action", "flow")
        if wrong := [name for name in by if name not in known]:
            raise InputError([Problem("by", f"{wrong[0]!r} must be one of {', '.join(known)}")])
        return await (await self._engine()).records.costs_by(by, since)

    async def rerun(self, id: str, start: str, *, queued: bool = False) -> Run:
        """Start a new run of the same flow from a step at the top; earlier results are kept."""
        engine = await self._engine()
        old = await engine.records.get(id)
        if old.options.rows is not None:
            message = "a run of rows has one step; resume it, or start its command anew"
            raise InputError([Problem("start", message)])
        events = await engine.journal.read(old.id)
        known = results_before(events, Flow.from_json(old.document), start, old.options.pinned)
        pinned = old.options.pinned | known
        fresh = replace(
            old,
            id=new_run_id(),
            created=time.time(),
            status="queued",
            ended=None,
            outcome=None,
            options=replace(old.options, pinned=pinned, only=None),
        )
        return await self._begin(fresh, queued)

    async def resume(
        self, id: str, *, retry_doubtful: bool = False, budget: float | None = None
    ) -> Run:
        """Go on with a run that was interrupted, cancelled, or failed; here, in this process.

        What it finished is kept. A request in doubt is sent again only with `retry_doubtful`.
        `budget` replaces that of the run: USD that it may cost in all.
        """
        engine = await self._engine()
        run = await engine.records.get(id)
        if budget is not None:
            run = replace(run, options=replace(run.options, budget=budget))
            await engine.records.set_options(run)
        await recovery.resume(engine, run, retry_doubtful=retry_doubtful)
        return Run(engine, await engine.records.get(run.id))

    async def cancel(self, id: str) -> Run:
        """Stop a run; what it finished is kept, and `resume` goes on. Stopping it twice is fine."""
        engine = await self._engine()
        run = await engine.records.get(id)
        await recovery.cancel(engine, run)
        return Run(engine, await engine.records.get(run.id))

    async def delete(self, id: str) -> None:
        """Delete a run that has ended, with the files that only it uses. Its costs are kept."""
        engine = await self._engine()
        run = await engine.records.get(id)
        if run.ended is None:
            raise ConflictError(f"the run {run.id} has not ended; cancel it first", version=0)
        await delete_run(engine, run, self._session.files)

    async def delete_old(self, days: float) -> int:
        """Delete the runs that ended more than `days` ago, and return how many these were."""
        return await delete_old_runs(await self._engine(), days, self._session.files)

    async def _engine(self, *, works: bool = False) -> Engine:
        """Return the engine of this process. DatabaseError if its database cannot be used."""
        open_engine = partial(
            Engine.open,
            self._session.connector,
            self._connect,
            self._database,
            self._limits,
            works=works,
        )
        engine = Engine.current
        if engine is None:
            engine = await asyncio.to_thread(open_engine)
        return engine

    async def _begin(self, run: RunRecord, queued: bool) -> Run:
        await (await self._engine()).records.add(run)
        with SetWorkflowID(run.id):
            if queued:
                await DBOS.enqueue_workflow_async(SHARED_QUEUE, run_flow, run.id)
            else:
                await DBOS.start_workflow_async(run_flow, run.id)
        return Run(await self._engine(), run)


@dataclass(frozen=True, slots=True)
class Run:
    """One run."""

    _engine: Engine
    record: RunRecord
    """As it was when it was read."""

    @property
    def id(self) -> str:
        """The id of the run."""
        return self.record.id

    async def events(self, after: int = 0) -> AsyncGenerator[JsonObject]:
        """Yield its events as they happen, those in the past first, until it has ended."""
        async for event in self._engine.journal.watch(self.id, after):
            yield event

    async def recorded(self, after: int = 0) -> list[JsonObject]:
        """Return the events that are in the database, those after an id."""
        return await self._engine.journal.read(self.id, after)

    def rows(self, start: int = 0, *, follow: bool = True) -> AsyncGenerator[JsonObject]:
        """Yield what became of each row of a run of rows; see `outcomes`."""
        return outcomes(self._engine, self.record, start, follow=follow)

    @property
    def rows_plan(self) -> RowsPlan:
        """What a run of rows knows of its rows."""
        return plan_of(self.record)

    async def doubtful_rows(self) -> dict[int, list[str]]:
        """Return the numbers of the rows that may have been served.

        Of a comparison with the models of each one; else with none.
        """
        return await doubtful_rows(self._engine, self.record)

    async def first_failure(self) -> RowFailure | None:
        """Return the first row of a run of rows that failed; None without one."""
        return await first_failure(self._engine, self.record)

    async def row_counts(self) -> RowCounts:
        """Return how many rows of a run of rows have ended."""
        return await self._engine.rows.counts(self.id)

    async def result(self) -> FlowResult:
        """Wait for its end, and return its outputs. FlowError if it has none."""
        record = self.record
        if record.outcome is None and record.status != "cancelled":
            last: JsonObject = {}
            async for event in self.events():
                last = event
            record = await self._engine.records.get(self.id)
            if record.ended is None:  # its end could not be recorded
                raise FlowError(self.id, "interrupted", last)
        outcome = await _outcome_now(self._engine, record)
        if record.status != "succeeded":
            raise FlowError(record.id, record.status, outcome)
        session = await self._engine.session_for(record)
        outputs = await unpack(outcome["outputs"], session.files)
        return FlowResult(record.id, outputs, await self._engine.records.cost_of(record.id))


async def _outcome_now(engine: Engine, run: RunRecord) -> JsonObject:
    """Return the outcome of a run, with what is in doubt now."""
    outcome = run.outcome or {}
    doubts = await doubts_of(engine, run) if run.ended else []
    if run.status == "in doubt" and not doubts:
        outcome = {**outcome, "error": answered_since(outcome.get("error") or {})}
    return {**outcome, "doubts": doubts}


def _same_server(session: Session, run: RunRecord) -> Session:
    if run.server != session.server and not run.keyless:
        raise InputError(
            f"the run belongs to {run.server}, and this session to {session.server}; "
            "connect as the run did"
        )
    return session
