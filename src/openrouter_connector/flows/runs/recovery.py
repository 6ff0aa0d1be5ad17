"""Runs that were interrupted, cancelled or failed: who takes them up, and from where.

A process that performs runs holds a lock. A worker looks for runs whose process has lost it, and
takes them over; a person resumes a single one.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from threading import Event, Thread
from time import monotonic

from dbos import DBOS, StepInfo, WorkflowStatus

from ...errors import ConflictError
from .claims import ACTIVE, Claims
from .database import database_errors
from .engine import QUEUE_OF, RUN, VERSION, Engine
from .outcomes import described
from .rows.recovery import begin_rows_again
from .run_records import RunRecord, RunSummary, marking
from .step_policy import is_caught

_POLLING = 0.1  # seconds between two looks at a queue
_AFTER_END = 5.0  # seconds for the engine to record the end of a run that has ended
_UNFINISHED = ("queued", "running")
_log = logging.getLogger(__name__)


class Worker:
    """Takes runs from the shared queue, and takes over those of processes that died."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._claims = Claims(engine)
        self._stopped = Event()
        self._thread = Thread(target=self._keep_working, name="runs-worker", daemon=True)

    def start(self) -> None:
        """Begin. The engine must have been opened for work."""
        with database_errors():
            _register_own_queue(self._engine)
        self._thread.start()

    def stop(self) -> None:
        """Take over nothing more."""
        self._stopped.set()

    def _keep_working(self) -> None:
        every, next_look = self._engine.limits.take_over_every, 0.0
        while not self._engine.closing:
            try:
                self._claims.take()
                if monotonic() >= next_look:
                    next_look = monotonic() + every
                    _register_own_queue(self._engine)
                    if not self._engine.locks.was_renewed(2 * every):
                        take_over(self._engine, self._claims)
            except Exception as error:  # the database may come back
                _log.warning("could not look for runs: %s", described(error)[1]["message"])
            if self._stopped.wait(5 * _POLLING):
                return


def take_over(engine: Engine, claims: Claims) -> list[str]:
    """Put the workflows of processes that died on the queue of this one; return their ids.

    Those of runs that this process cannot perform are left for another one.
    """
    active = DBOS.list_workflows(
        status=ACTIVE, load_input=False, load_output=False, app_version=VERSION
    )
    dead = _of_dead(engine, active)
    refused = claims.refused_of({_run_of(id) for id in dead}) if dead else set()
    taken = [id for id in dead if _run_of(id) not in refused]
    if taken:
        DBOS.resume_workflows(taken, queue_name=engine.own_queue)
    return taken


def _run_of(workflow: str) -> str:
    return workflow.partition("/")[0]


def _of_dead(engine: Engine, active: list[WorkflowStatus]) -> list[str]:
    """Return the workflows that a process executed, or had on its queue, and that died."""
    homes = {one.workflow_id: _home(one) for one in active}
    owners = set(homes.values()) - {engine.executor, None}
    dead = {owner for owner in owners if owner and not engine.locks.is_alive(owner)}
    return [id for id, home in homes.items() if home in dead]


def _home(workflow: WorkflowStatus) -> str | None:
    """Return the process that executes a workflow, or will; None for one that any may take."""
    if workflow.status == "PENDING":
        return workflow.executor_id
    prefix, found, executor = (workflow.queue_name or "").partition(QUEUE_OF)
    return executor if found and not prefix else None


async def summaries(
    engine: Engine,
    limit: int,
    status: str | None = None,
    id: str | None = None,
    *,
    flow: str | None = None,
) -> list[RunSummary]:
    """Return the runs, one of them, or those of a stored flow, the newest first.

    Those whose process died are `interrupted`.
    """
    if status in (*_UNFINISHED, "interrupted"):
        # Found before the list is cut to its length.
        dead = await asyncio.to_thread(_interrupted, engine)
        if status == "interrupted":
            found = await engine.records.list(limit, _UNFINISHED, id, flow=flow, only=dead)
            return [replace(one, status="interrupted") for one in found]
        return await engine.records.list(limit, (status,), id, flow=flow, without=dead)
    found = await engine.records.list(limit, (status,) if status else (), id, flow=flow)
    running = [one.id for one in found if one.status in _UNFINISHED]
    dead = await asyncio.to_thread(_interrupted, engine, running) if running else set()
    return [replace(one, status="interrupted") if one.id in dead else one for one in found]


async def resume(engine: Engine, run: RunRecord, *, retry_doubtful: bool) -> None:
    """Go on with a run in this process. ConflictError for one that is running, or succeeded."""
    refuse_succeeded(run)
    parts = await _parts_at_rest(engine, run)
    engine.resuming.add(run.id)
    await _wait_for_requests(engine, run)
    if run.id not in engine.resuming:
        raise ConflictError(f"the run {run.id} was cancelled while it was resumed", version=0)
    engine.resuming.discard(run.id)
    engine.forget_run(run.id)
    engine.journal.forget(run.id)
    if run.options.rows is not None:
        await begin_rows_again(engine, run, parts, retry_doubtful=retry_doubtful)
        parts = [part for part in parts if part.workflow_id == run.id]
    elif retry_doubtful:
        await engine.requests.retire_doubtful(run.id)
    await engine.records.set_status(run.id, "queued")
    await engine.journal.add_now(run.id, "resumed")
    await asyncio.to_thread(_register_own_queue, engine)
    # The parts first: the run itself looks for what they recorded.
    for part in sorted(parts, key=lambda one: one.workflow_id == run.id):
        await _resume_workflow(engine, run, part)


def refuse_succeeded(run: RunRecord) -> None:
    """Raise ConflictError for a run that has nothing to resume."""
    if run.status == "succeeded":
        message = f"the run {run.id} has succeeded, and there is nothing to resume"
        again = f"`runs rerun {run.id} --from STEP` runs its flow again from a step on"
        raise ConflictError(f"{message}; {again}", version=0)


async def _parts_at_rest(engine: Engine, run: RunRecord) -> list[WorkflowStatus]:
    """Return the workflows of a run that no process executes. ConflictError if one does."""
    until = monotonic() + (_AFTER_END if run.ended else 0)
    while True:
        parts = await asyncio.to_thread(workflows_of, run.id)
        executors = {_home(one) for one in parts if one.status in ACTIVE}
        if engine.journal.has_lost_end(run.id):
            executors.discard(engine.executor)
        if not any(
            one and (one == engine.executor or engine.locks.is_alive(one)) for one in executors
        ):
            return parts
        # Of one that has just ended, the engine may not have recorded that yet.
        if monotonic() >= until:
            where = "this process" if engine.executor in executors else "another process"
            raise ConflictError(f"the run {run.id} is running in {where}", version=0)
        await asyncio.sleep(_POLLING)


async def cancel(engine: Engine, run: RunRecord) -> None:
    """Cancel a run and all its parts."""
    engine.resuming.discard(run.id)
    if run.ended is not None:
        return
    parts = await asyncio.to_thread(workflows_of, run.id)
    await DBOS.cancel_workflows_async([one.workflow_id for one in parts])
    cost = await engine.records.cost_of(run.id)
    await engine.journal.end(run.id, marking(run.id, "cancelled"), status="cancelled", cost=cost)


async def _wait_for_requests(engine: Engine, run: RunRecord) -> None:
    """Wait for the requests of a cancelled run that are under way here.

    ConflictError if another process waits for the answer of one: it is not in doubt yet.
    """
    while engine.executes(run.id):  # noqa: ASYNC110 - of several event loops
        await asyncio.sleep(_POLLING)
    owners = {owner.split("/")[0] for owner in await engine.requests.owners_of_sent(run.id)}
    for owner in owners - {engine.executor}:
        if await asyncio.to_thread(engine.locks.is_alive, owner):
            message = f"a request of the run {run.id} is still under way in another process"
            raise ConflictError(f"{message}; try again when it has ended", version=0)


async def _resume_workflow(engine: Engine, run: RunRecord, part: WorkflowStatus) -> None:
    """Put a workflow on the queue of this process; after a failure, from the failed step on."""
    steps = await DBOS.list_workflow_steps_async(part.workflow_id)
    # The engine records a result that the database refused as an error: the step is done again,
    # and its requests find their answers.
    refused = [one["function_id"] for one in steps if one["error"] is not None]
    if part.status not in ("SUCCESS", "ERROR"):
        if not refused:
            await DBOS.resume_workflows_async([part.workflow_id], queue_name=engine.own_queue)
            return
        await DBOS.cancel_workflows_async([part.workflow_id])  # only then it can be rewound
    has_failed = part.status == "ERROR" or "error" in (part.output or {})
    if part.workflow_id != run.id and not has_failed and not refused:
        return
    failed = [one for one in steps if _ended_the_run(engine, one, run)]
    for one in failed:
        found = one["output"] or {}
        places = found.get("failed") or [one["function_name"]]
        if found["error"].get("type") != "InDoubtError":  # what is in doubt stays recorded as such
            for place in places:
                await engine.requests.retire(run.id, place)
        await engine.records.retire_costs(run.id, places)
    first = min((*refused, *(one["function_id"] for one in failed)), default=None)
    last = max((one["function_id"] for one in steps), default=0)
    await DBOS.rewind_workflow_async(
        part.workflow_id,
        start_step=first if first is not None else last + 1,
        queue_name=engine.own_queue,
    )


def _ended_the_run(engine: Engine, recorded: StepInfo, run: RunRecord) -> bool:
    """Return whether a recorded step failed, and nothing in the flow catches its failure."""
    output = recorded["output"]
    if not isinstance(output, dict) or output.get("error") is None:
        return False
    name = recorded["function_name"].rpartition(".")[2]
    return not is_caught(engine.flow_of(run).step(name))


def _register_own_queue(engine: Engine) -> None:
    # Only by who takes something up: each of them is a row that every process reads.
    DBOS.register_queue(engine.own_queue, polling_interval_sec=_POLLING)
    if engine.has_queue:
        return
    engine.has_queue = True
    for queue in DBOS.list_queues():  # those of processes that were killed
        owner = queue.name.removeprefix(QUEUE_OF)
        if owner not in (queue.name, engine.executor) and not engine.locks.is_alive(owner):
            DBOS.delete_queue(queue.name)


def workflows_of(run: str, *, with_inputs: bool = False) -> list[WorkflowStatus]:
    """Return the workflow of a run, and those of its parts."""
    own = DBOS.list_workflows(workflow_ids=[run], load_input=with_inputs)
    return [*own, *DBOS.list_workflows(workflow_id_prefix=f"{run}/", load_input=with_inputs)]


def _interrupted(engine: Engine, runs: list[str] | None = None) -> set[str]:
    """Return the runs whose process died, of all or of these."""
    found = DBOS.list_workflows(
        workflow_ids=runs,
        name=None if runs else RUN,
        status=[*ACTIVE, "ERROR"],
        load_input=False,
        load_output=False,
    )
    # An error is recorded only of what could not record how it ended.
    lost = [one.workflow_id for one in found if one.status == "ERROR"]
    lost += [one.workflow_id for one in found if engine.journal.has_lost_end(one.workflow_id)]
    return {*lost, *_of_dead(engine, [one for one in found if one.status != "ERROR"])}
