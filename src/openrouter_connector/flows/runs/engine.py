"""The engine of runs in this process: DBOS, launched once, with our tables in the same database.

Each process has an executor id of its own and a queue of its own. What it starts or resumes runs
here; what is put on the shared queue is taken by any worker. A worker also takes over the runs of
processes that died.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from threading import Event, Lock, Thread
from typing import ClassVar

import sqlalchemy as sa
from dbos import DBOS, DBOSConfig, StepInfo, WorkflowStatus
from dbos._serialization import DBOSPortableJSONSerializer

from ...connector import Connector, Session
from ...errors import ConflictError, DatabaseError
from ...runtime.budget import Budget
from ..formats.flow import Flow
from ..formats.steps import Step
from .call_limits import CALLS, CallLimits
from .database import database_errors, database_url, open_database
from .durable_send import durable_send
from .executor_lock import ExecutorLocks, new_executor_id
from .group_writer import GroupWriter
from .live_events import ENDED, Journal
from .requests import Requests
from .run_records import RunRecord, RunRecords, RunSummary
from .step_policy import is_caught

SHARED_QUEUE = "flow-runs"
"""Runs that any worker may take."""
_VERSION = "flows-1"
"""Fixed: DBOS takes up only what a program of the same version began."""
_OWN_POLLING = 0.1  # seconds
_TAKE_OVER = 5.0  # seconds between two looks for processes that died

_KEPT_FLOWS = 100

Connect = Callable[[RunRecord], Session]
"""Returns a session for the server and the connection that a run names."""


@dataclass(frozen=True, slots=True)
class EngineLimits:
    """What one process does at the same time."""

    runs: int = 16
    """Runs that a worker takes from the shared queue."""
    calls: int = CALLS
    """Paid requests of this process."""
    calls_of_connection: int = CALLS
    """Paid requests of one connection in this process."""
    runs_of_all: int | None = None
    """Runs from the shared queue in all workers together."""


@dataclass(slots=True)
class _Loop:
    """What belongs to one event loop: sessions, and limits of what they send."""

    sessions: dict[tuple[str, str], Session] = field(default_factory=dict)
    entering: asyncio.Lock = field(default_factory=asyncio.Lock)
    limits: dict[str, CallLimits] = field(default_factory=dict)
    of_process: asyncio.Semaphore | None = None


class Engine:
    """DBOS and our tables, for one database. A process has one at a time."""

    current: ClassVar[Engine | None] = None
    _opening: ClassVar[Lock] = Lock()

    def __init__(
        self, url: str, connector: Connector, connect: Connect, limits: EngineLimits
    ) -> None:
        self.url = url
        self.connector = connector
        self.limits = limits
        self._connect = connect
        self.executor = new_executor_id()
        self.database: sa.Engine = open_database(url)
        self.writer = GroupWriter(self.database)
        self.requests = Requests(self.writer)
        self.journal = Journal(self.writer)
        self.records = RunRecords(self.writer)
        self.locks = ExecutorLocks(self.database)
        self.budgets: dict[str, Budget] = {}
        """What is left to each run that is performed here."""
        self._noted: dict[str, set[str]] = {}
        self._flows: dict[str, tuple[Flow, dict[str, Step]]] = {}
        self._loops: dict[asyncio.AbstractEventLoop, _Loop] = {}
        self._stopped = Event()
        self._keeper: Thread | None = None

    @classmethod
    def open(
        cls,
        connector: Connector,
        connect: Connect,
        database: str | None = None,
        limits: EngineLimits | None = None,
    ) -> Engine:
        """Return the engine of this process, launched for this database.

        DatabaseError if the database cannot be used, or another one is in use.
        """
        url = database_url(database)
        with cls._opening:
            if cls.current is None:
                engine = cls(url, connector, connect, limits or EngineLimits())
                try:
                    engine._launch()
                except BaseException:
                    engine.close()
                    raise
                cls.current = engine
            elif cls.current.url != url:
                raise DatabaseError("this process uses another database of runs; close that first")
            return cls.current

    @classmethod
    def in_use(cls) -> Engine:
        """Return the engine of this process. A workflow runs only where one is open."""
        if cls.current is None:
            raise RuntimeError("no database of runs is open")
        return cls.current

    @property
    def own_queue(self) -> str:
        """The queue that only this process takes from."""
        return f"flows-of-{self.executor}"

    def work(self, limits: EngineLimits | None = None) -> None:
        """Take runs from the shared queue, and take over those of processes that died."""
        found = limits or self.limits
        with database_errors():
            DBOS.register_queue(
                SHARED_QUEUE,
                worker_concurrency=found.runs,
                global_concurrency=found.runs_of_all,
                polling_interval_sec=_OWN_POLLING * 5,
                on_conflict="always_update",
            )
        self._keeper = Thread(target=self._keep_taking_over, name="runs-take-over", daemon=True)
        self._keeper.start()

    def take_over(self) -> list[str]:
        """Resume the runs of processes that died, in this process; return their ids."""
        pending = DBOS.list_workflows(
            status="PENDING", load_input=False, load_output=False, app_version=_VERSION
        )
        owners = {found.executor_id for found in pending} - {self.executor, None}
        dead = {owner for owner in owners if owner and not self.locks.is_alive(owner)}
        taken = [found.workflow_id for found in pending if found.executor_id in dead]
        if taken:
            DBOS.resume_workflows(taken, queue_name=self.own_queue)
        return taken

    def flow_of(self, run: RunRecord) -> Flow:
        """Return the flow of a run, which is read once however many parts it has."""
        if run.id not in self._flows:
            while len(self._flows) >= _KEPT_FLOWS:
                del self._flows[next(iter(self._flows))]
            flow = Flow.from_json(run.document)
            self._flows[run.id] = flow, {step.place: step for step in flow.steps}
        return self._flows[run.id][0]

    def steps_of(self, run: RunRecord) -> dict[str, Step]:
        """Return the steps of a run's flow by their place in its document."""
        self.flow_of(run)
        return self._flows[run.id][1]

    async def noted_of(self, run: RunRecord) -> set[str]:
        """Return the places of steps whose result was told before this process took up the run."""
        if run.id not in self._noted:
            self._noted[run.id] = await self.journal.places_of(run.id, "result")
        return self._noted[run.id]

    async def session_for(self, run: RunRecord) -> Session:
        """Return the session that performs the steps of a run, in the event loop of the caller."""
        loop = self._of_loop()
        key = (run.connection or "", run.server)
        async with loop.entering:
            if key not in loop.sessions:
                session = self._connect(run)
                loop.sessions[key] = await session.like(send=durable_send).__aenter__()
            return loop.sessions[key]

    def calls_of(self, run: RunRecord) -> CallLimits:
        """Return the limits of paid requests that hold for a run."""
        loop = self._of_loop()
        if loop.of_process is None:
            loop.of_process = asyncio.Semaphore(self.limits.calls)
        name = run.connection or run.server
        if name not in loop.limits:
            own = asyncio.Semaphore(self.limits.calls_of_connection)
            loop.limits[name] = CallLimits(loop.of_process, own)
        return loop.limits[name]

    async def summaries(self, limit: int, status: str | None, id: str | None) -> list[RunSummary]:
        """Return the runs, or one of them, the newest first, each with its real status."""
        found = await self.records.list(limit, None if status == "interrupted" else status, id)
        running = [one.id for one in found if one.status == "running"]
        dead = await asyncio.to_thread(self._interrupted, running) if running else set()
        shown = [replace(one, status="interrupted") if one.id in dead else one for one in found]
        return [one for one in shown if status in (None, one.status)]

    async def resume(self, run: RunRecord, *, retry_doubtful: bool) -> None:
        """Go on with a run in this process. ConflictError for one that is running elsewhere."""
        if run.status == "succeeded":
            raise ConflictError(f"the run {run.id} has succeeded; start it anew", version=0)
        parts = await asyncio.to_thread(self._workflows_of, run.id)
        mine = [one for one in parts if one.executor_id == self.executor]
        if any(one.status == "PENDING" for one in mine):
            raise ConflictError(f"the run {run.id} is running in this process", version=0)
        alive = {
            one.executor_id
            for one in parts
            if one.status == "PENDING" and one.executor_id and self.locks.is_alive(one.executor_id)
        }
        if alive:
            raise ConflictError(f"the run {run.id} is running in another process", version=0)
        self.budgets.pop(run.id, None)
        if retry_doubtful:
            await self.requests.retire_doubtful(run.id)
        await self.records.set_status(run.id, "queued")
        await self.journal.add_now(run.id, "resumed")
        # The parts first: the run itself looks for what they recorded.
        for part in sorted(parts, key=lambda one: one.workflow_id == run.id):
            await self._resume_workflow(run, part)

    async def cancel(self, run: RunRecord) -> None:
        """Cancel a run and all its parts."""
        if run.ended is not None:
            return
        parts = await asyncio.to_thread(self._workflows_of, run.id)
        await DBOS.cancel_workflows_async([one.workflow_id for one in parts])
        await self.records.set_status(run.id, "cancelled")
        cost = await self.records.cost_of(run.id)
        self.journal.add(run.id, ENDED, status="cancelled", cost=cost)

    async def delete(self, run: RunRecord) -> None:
        """Delete what is known of a run, but its costs."""
        parts = await asyncio.to_thread(self._workflows_of, run.id)
        await DBOS.delete_workflows_async([one.workflow_id for one in parts])
        await self.records.delete(run.id)

    async def _resume_workflow(self, run: RunRecord, part: WorkflowStatus) -> None:
        """Put a workflow on the queue of this process; after a failure, from the failed step on."""
        if part.status not in ("SUCCESS", "ERROR"):
            await DBOS.resume_workflows_async([part.workflow_id], queue_name=self.own_queue)
            return
        if part.workflow_id != run.id and "error" not in (part.output or {}):
            return
        steps = await DBOS.list_workflow_steps_async(part.workflow_id)
        failed = [one for one in steps if self._ended_the_run(one, run)]
        for one in failed:
            place, error = one["function_name"], (one["output"] or {})["error"]
            if error.get("type") != "InDoubtError":  # what is in doubt stays recorded as such
                await self.requests.retire(run.id, place)
            await self.records.retire_costs(run.id, [place])
        first = min((one["function_id"] for one in failed), default=None)
        last = max((one["function_id"] for one in steps), default=0)
        await DBOS.rewind_workflow_async(
            part.workflow_id,
            start_step=first if first is not None else last + 1,
            queue_name=self.own_queue,
        )

    def _ended_the_run(self, recorded: StepInfo, run: RunRecord) -> bool:
        """Return whether a recorded step failed, and nothing in the flow catches its failure."""
        output = recorded["output"]
        if not isinstance(output, dict) or output.get("error") is None:
            return False
        name = recorded["function_name"].rpartition(".")[2]
        return not is_caught(self.flow_of(run).step(name))

    def _workflows_of(self, run: str) -> list[WorkflowStatus]:
        """Return the workflow of a run, and those of its parts."""
        own = DBOS.list_workflows(workflow_ids=[run], load_input=False)
        return [*own, *DBOS.list_workflows(workflow_id_prefix=f"{run}/", load_input=False)]

    def _interrupted(self, runs: list[str]) -> set[str]:
        """Return those of these runs whose process died."""
        found = DBOS.list_workflows(
            workflow_ids=runs, status="PENDING", load_input=False, load_output=False
        )
        return {
            one.workflow_id
            for one in found
            if one.executor_id and not self.locks.is_alive(one.executor_id)
        }

    async def aclose(self) -> None:
        """Close the sessions of this event loop, and then all of the engine."""
        loop = asyncio.get_running_loop()
        await self._close_sessions(self._loops.pop(loop, None))
        # DBOS made its threads those of this event loop, and ends them with itself.
        loop.set_default_executor(ThreadPoolExecutor())
        await asyncio.to_thread(self.close)

    def close(self) -> None:
        """Stop, without waiting for runs: they are taken up again from their last recorded step."""
        self._stopped.set()
        if Engine.current is self:
            Engine.current = None
        for loop, own in list(self._loops.items()):
            if loop.is_running():
                asyncio.run_coroutine_threadsafe(self._close_sessions(own), loop).result(5)
        self._loops.clear()
        DBOS.destroy(workflow_completion_timeout_sec=0)
        self.locks.release()
        self.writer.close()
        self.database.dispose()

    def _launch(self) -> None:

        logging.getLogger("dbos").setLevel(logging.ERROR)
        config: DBOSConfig = {
            "name": "openrouter-connector",
            "system_database_url": self.url,
            "system_database_engine": self.database,
            "serializer": DBOSPortableJSONSerializer(),
            "application_version": _VERSION,
            "executor_id": self.executor,
            "log_level": "ERROR",
            "enable_otlp": False,
        }
        self.locks.hold(self.executor)
        with database_errors():
            DBOS(config=config)
            DBOS.listen_queues([self.own_queue, SHARED_QUEUE])
            DBOS.launch()
            DBOS.register_queue(self.own_queue, polling_interval_sec=_OWN_POLLING)

    def _keep_taking_over(self) -> None:
        log = logging.getLogger(__name__)
        while not self._stopped.wait(_TAKE_OVER):
            try:
                self.take_over()
            except Exception as error:  # the database may come back
                log.warning("could not look for interrupted runs: %s", type(error).__name__)

    def _of_loop(self) -> _Loop:
        return self._loops.setdefault(asyncio.get_running_loop(), _Loop())

    async def _close_sessions(self, loop: _Loop | None) -> None:
        for session in loop.sessions.values() if loop else ():
            await session.__aexit__(None, None, None)
