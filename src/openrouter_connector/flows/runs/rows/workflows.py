"""Perform an action for many rows: a run starts chunks of rows, and each row is recorded by itself.

    run_flow ── perform_rows ──┬─▶ run_chunk k7m2…/rows[0]~1     a workflow of the engine
                               │      └─ row[0] … row[63]        a record each, in `flow_rows`
                               └─▶ run_chunk k7m2…/rows[1]~1

A chunk records nothing with the engine but its end. A row that has a record is not performed
again, and a request of a row finds its own answer by the number of the row: after a crash a chunk
simply begins anew. A thousand rows so cost the engine as much as sixteen steps.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from contextvars import Context
from dataclasses import dataclass
from functools import partial
from math import ceil

from dbos import DBOS, SetWorkflowID
from dbos._error import DBOSAwaitedWorkflowCancelledError, DBOSWorkflowCancelledError

from ....errors import ConnectorError, FileError, IncompleteError, InDoubtError
from ....runtime.budget import Budget
from ....values import JsonObject
from ...formats.steps import Step
from ..engine import ROWS, SHARED_QUEUE, Engine
from ..outcomes import FATAL, Outcome, StepFailed, described
from ..perform_step import perform_step
from ..run_budget import budget_of
from ..run_records import RunRecord, is_played
from ..together import pooled
from .bundle import perform_bundled
from .gate import RowGate
from .records import RowCounts, RowOutcome, State, place_of
from .stored import CHUNK, RowsPlan, read_chunk
from .template import RowTemplate, StoredRow

_STOPPING = {*FATAL, "PaymentError"} - {"InDoubtError"}
"""Errors that every further row would meet as well."""
_SHARED_AT_ONCE = 64  # chunks on the queue of all workers at the same time
_LOOK = 0.5  # seconds between two looks whether the run was cancelled
_POLL = 0.5  # seconds between two looks for the end of a chunk that runs elsewhere
_MOST_SECONDS_BETWEEN = 30.0  # of two events of progress


def plan_of(run: RunRecord) -> RowsPlan:
    """Return the rows of a run."""
    return RowsPlan.of_json(run.options.rows or {})


async def perform_rows(engine: Engine, run: RunRecord) -> JsonObject:
    """Perform all rows that have not ended, and return `{rows, done, failed}`.

    IncompleteError if rows failed, InDoubtError if some may have been served, StepFailed for what
    stops all rows, such as a spent budget.
    """
    plan = plan_of(run)
    if plan.host and plan.host != socket.gethostname():
        raise FileError(f"the rows are files of the machine {plan.host}; run them there")
    if plan.via == "api":
        await perform_bundled(engine, run, plan, f"{engine.executor}/{secrets.token_hex(6)}")
    else:
        await _perform_chunks(engine, run, plan)
    counts = await engine.rows.counts(run.id)
    _raise_unfinished(counts, plan)
    return {"rows": plan.count, "done": counts.done, "failed": counts.failed}


async def _perform_chunks(engine: Engine, run: RunRecord, plan: RowsPlan) -> None:
    chunks = await engine.rows.unfinished(run.id, plan.count, CHUNK)
    shares = engine.works and not plan.host and _has_no_budget(run)
    at_once = _SHARED_AT_ONCE if shares else ceil(plan.concurrency / CHUNK) + 1

    async def chunk(index: int) -> JsonObject | None:
        found = await _chunk(run.id, plan, chunks[index], shares=shares)
        return found.get("error")

    async with _progress(engine, run, plan):
        error = await pooled(len(chunks), at_once, chunk)
    if error:
        raise StepFailed("", error)


def _has_no_budget(run: RunRecord) -> bool:
    # One process counts what a run spends: several would each spend the rest of a budget.
    return run.options.budget is None and run.options.day_budget is None


def _raise_unfinished(counts: RowCounts, plan: RowsPlan) -> None:
    all_of_them = f"{plan.count:,} {plan.unit}"
    failed = f"{counts.failed:,} of {all_of_them} failed"
    if counts.doubtful:
        also = f"; {failed}" if counts.failed else ""
        raise InDoubtError(
            f"{counts.doubtful:,} of {all_of_them} are in doubt: they may have been served and "
            f"charged, and were not sent again{also}"
        )
    if counts.failed:
        raise IncompleteError(failed)
    if counts.ended < plan.count:
        left = f"{plan.count - counts.ended:,} {plan.unit}"
        raise ConnectorError(f"{left} were not performed; resume it")


async def _chunk(run: str, plan: RowsPlan, number: int, *, shares: bool) -> JsonObject:
    """Perform a chunk here, or leave it to all workers; return `{}`, or `{error}`."""

    async def start_and_wait() -> JsonObject:
        with SetWorkflowID(f"{run}/rows[{number}]~{plan.attempt}"):
            if shares:
                handle = await DBOS.enqueue_workflow_async(SHARED_QUEUE, run_chunk, run, number)
            else:
                handle = await DBOS.start_workflow_async(run_chunk, run, number)
        try:
            found: JsonObject = await handle.get_result(polling_interval_sec=_POLL)
        except DBOSAwaitedWorkflowCancelledError as error:
            # A chunk is cancelled only with its run: this is no failure of it.
            raise DBOSWorkflowCancelledError(str(error)) from None
        return found

    # In a context of its own: as a child it would get a number in the order of its start.
    return await asyncio.create_task(start_and_wait(), context=Context())


@DBOS.workflow(name=ROWS, max_recovery_attempts=None)
async def run_chunk(run_id: str, number: int) -> JsonObject:
    """Perform the rows of a chunk that have not ended; return `{}`, or `{error}` that stops all."""
    engine = Engine.in_use()
    with engine.executing(run_id):
        run = await engine.records.get(run_id)
        plan = plan_of(run)
        gate = engine.gate_of(run.id, plan.concurrency)
        try:
            async with _closing(engine, run, gate):
                await (await _Chunk.of(engine, run, plan, gate)).perform(number)
        except Exception as error:
            return {"error": described(error)[1]}
        finally:
            await engine.writer.flush()
        return {"error": gate.error} if gate.error else {}


@dataclass(slots=True)
class _Chunk:
    """What the rows of a chunk have in common."""

    engine: Engine
    run: RunRecord
    plan: RowsPlan
    gate: RowGate
    step: Step
    template: RowTemplate
    budget: Budget
    owner: str
    """This attempt; a request that was begun by another one, and has no answer, is in doubt."""

    @classmethod
    async def of(cls, engine: Engine, run: RunRecord, plan: RowsPlan, gate: RowGate) -> _Chunk:
        """Prepare to perform chunks. BudgetError if nothing is left of the budget."""
        [step] = engine.flow_of(run).steps
        owner = f"{engine.executor}/{secrets.token_hex(6)}"
        budget = await budget_of(engine, run)
        return cls(engine, run, plan, gate, step, RowTemplate(step.own_parameters), budget, owner)

    async def perform(self, number: int) -> None:
        """Perform the rows of a chunk, begun in their order."""
        engine, run = self.engine, self.run.id
        rows = await read_chunk(self.plan, number, (await engine.session_for(self.run)).files)
        first, last = rows[0].index, rows[-1].index + 1
        ended = await engine.rows.states_in(run, first, last)
        left = [row for row in rows if row.index not in ended]

        async def one(index: int) -> bool | None:
            async with self.gate.turn:
                if self.gate.is_open:
                    await self._row(left[index])
            return None if self.gate.is_open else True

        await pooled(len(left), self.plan.concurrency, one)
        await engine.writer.flush()
        states = await engine.rows.states_in(run, first, last)
        settled = [number for number, state in states.items() if state != "doubt"]
        await engine.rows.forget_requests(run, settled)

    async def _row(self, row: StoredRow) -> None:
        """Perform a row, and record how it ended; an error that stops all rows is not its end."""
        place = place_of(row.index)
        parameters = partial(self.template.filled, row, trusts_paths=bool(self.plan.host))
        found = await perform_step(
            self.engine, self.run, self.step, place, parameters, self.owner, self.budget.part(),
            has_events=False,
        )  # fmt: skip
        outcome = Outcome.of_json(found)
        if outcome.error and outcome.error.get("type") in _STOPPING:
            self.gate.error = self.gate.error or outcome.error
            return
        self._record(row, outcome, found["cost"], "doubt" if found.get("doubtful") else None)

    def _record(self, row: StoredRow, outcome: Outcome, cost: float, state: State | None) -> None:
        ended: State = state or ("failed" if outcome.error else "done")
        self.engine.rows.add(self.run.id, RowOutcome(row.index, ended, cost, outcome.to_json()))
        metadata = outcome.metadata or {}
        action = self.step.type.split("/")[-1]
        model = str(metadata.get("model") or row.model or self.step.parameters.get("model") or "")
        played = is_played(self.run, self.step, self.engine.connector.definition)
        place = place_of(row.index)
        self.engine.records.add_cost(self.run, place, action, model, cost, is_played=played)


@asynccontextmanager
async def _closing(engine: Engine, run: RunRecord, gate: RowGate) -> AsyncIterator[None]:
    """Close the gate once the run is cancelled, by any process."""

    async def look() -> None:
        while gate.is_open:
            await asyncio.sleep(_LOOK)
            gate.is_closed = await engine.records.has_ended(run.id)

    async with _beside(look()):
        yield


@asynccontextmanager
async def _progress(engine: Engine, run: RunRecord, plan: RowsPlan) -> AsyncIterator[None]:
    """Tell every second how many rows have ended; of a run that takes hours less often."""

    [step] = engine.flow_of(run).steps
    add = partial(engine.journal.add, run.id, place=step.name, step=step.name)

    async def tell() -> None:
        counts = await engine.rows.counts(run.id)
        add(
            "progress", done=counts.ended, total=plan.count, unit="rows",
            failed=counts.failed, doubtful=counts.doubtful, cost=counts.cost,
        )  # fmt: skip

    async def keep_telling() -> None:
        began = time.monotonic()
        while True:
            await tell()
            pause = (time.monotonic() - began) / 100
            await asyncio.sleep(min(max(1.0, pause), _MOST_SECONDS_BETWEEN))

    add("started", action=step.type.split("/")[-1], total=plan.count)
    async with _beside(keep_telling()):
        yield
    await tell()


@asynccontextmanager
async def _beside(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Do something else while the block runs."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})
