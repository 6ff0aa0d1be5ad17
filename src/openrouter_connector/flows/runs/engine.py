"""The engine of runs in this process: DBOS, launched once, with our tables in the same database.

Each process has an executor id of its own: DBOS records by whom a workflow is executed, and two
processes with one id were seen to pay for the same step twice.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, ClassVar

import sqlalchemy as sa
from dbos import DBOS, DBOSConfig
from dbos._serialization import DBOSPortableJSONSerializer

from ...connector import Connector, Session
from ...errors import DatabaseError
from ...runtime.budget import Budget
from ..formats.flow import Flow
from ..formats.steps import Step
from .call_limits import CALLS, CallLimits
from .database import database_errors, database_url, open_database
from .disk_reserve import Reserve
from .durable_send import durable_send
from .executor_lock import ExecutorLocks, new_executor_id
from .group_writer import GroupWriter
from .live_events import Journal
from .outcomes import described
from .requests import Requests
from .rows.gate import RowGate
from .rows.records import RowRecords
from .run_records import REHEARSAL, RunRecord, RunRecords

SHARED_QUEUE = "flow-runs"
"""Runs that any worker may take."""
QUEUE_OF = "flows-of-"
"""What the name of a process' own queue begins with; its id follows."""
RUN = "run_flow"
"""The name of the workflow of a whole run."""
ROWS = "run_rows"
"""The name of the workflow of a chunk of rows."""
VERSION = "flows-1"
"""Fixed: DBOS takes up only what a program of the same version began."""
_KEPT_FLOWS = 100
GRACE = 5.0  # seconds that requests which are under way have to end when the engine is closed

Connect = Callable[[RunRecord], Session]
"""Returns a session for the server and the connection that a run names."""
Destination = tuple[str, str, bool]
"""Where runs send their requests: connection, server, and whether they need neither."""


def destination_of(connection: str | None, server: str, *, keyless: bool) -> Destination:
    """Return the destination of a run."""
    return ("", "", True) if keyless else (connection or "", server, False)


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
    take_over_every: float = 5.0
    """Seconds between two looks of a worker for processes that died."""


@dataclass(slots=True)
class _Loop:
    """What belongs to one event loop: sessions, and limits of what they send."""

    sessions: dict[Destination, Session] = field(default_factory=dict)
    forgotten: list[Session] = field(default_factory=list)
    """Sessions whose key may have changed; steps that began before still use them."""
    entering: asyncio.Lock = field(default_factory=asyncio.Lock)
    limits: dict[str, CallLimits] = field(default_factory=dict)
    of_process: asyncio.Semaphore | None = None
    gates: dict[str, RowGate] = field(default_factory=dict)
    """What the rows of each run share."""


class Engine:
    """DBOS and our tables, for one database. A process has one at a time."""

    current: ClassVar[Engine | None] = None
    _opening: ClassVar[Lock] = Lock()

    def __init__(
        self,
        url: str,
        connector: Connector,
        connect: Connect,
        limits: EngineLimits,
        *,
        works: bool = False,
    ) -> None:
        self.url = url
        self.works = works
        """Whether this process takes runs from the shared queue."""
        self.connector = connector
        self.limits = limits
        self._connect = connect
        self.executor = new_executor_id()
        self.database: sa.Engine = open_database(url)
        reserve = Reserve()
        self.writer = GroupWriter(self.database, reserve)
        self.requests = Requests(self.writer)
        self.journal = Journal(self.writer)
        self.records = RunRecords(self.writer)
        self.rows = RowRecords(self.writer)
        self.locks = ExecutorLocks(self.database, reserve)
        self.budgets: dict[str, Budget] = {}
        """What is left to each run that is performed here."""
        self._noted: dict[str, set[str]] = {}
        self._flows: dict[str, tuple[Flow, dict[str, Step]]] = {}
        self._loops: dict[asyncio.AbstractEventLoop, _Loop] = {}
        self._executing: dict[asyncio.Task[Any], tuple[asyncio.AbstractEventLoop, str]] = {}
        self.has_queue = False
        """Whether the queue of this process is a row of the database."""
        self.resuming: set[str] = set()
        """Runs that wait for their last requests before they go on; a cancel takes one out."""
        self.closing = False
        """Whether no further request may begin."""

    @classmethod
    def open(
        cls,
        connector: Connector,
        connect: Connect,
        database: str | None = None,
        limits: EngineLimits | None = None,
        *,
        works: bool = False,
    ) -> Engine:
        """Return the engine of this process, launched for this database.

        DatabaseError if the database cannot be used, or another one is in use.
        """
        url = database_url(database)
        with cls._opening:
            if cls.current is None:
                engine = cls(url, connector, connect, limits or EngineLimits(), works=works)
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
        return f"{QUEUE_OF}{self.executor}"

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

    def forget_run(self, run: str) -> None:
        """Forget what is known of a run: it has ended here, or begins again."""
        self.budgets.pop(run, None)
        self._noted.pop(run, None)
        self._flows.pop(run, None)
        for loop in list(self._loops.values()):
            loop.gates.pop(run, None)

    def gate_of(self, run: str, rows: int) -> RowGate:
        """Return what the rows of a run share in this event loop, `rows` of them at the same time.

        It is new once the run begins again.
        """
        gates = self._of_loop().gates
        if run not in gates:
            gates[run] = RowGate(asyncio.Semaphore(rows))
        return gates[run]

    async def noted_of(self, run: RunRecord) -> set[str]:
        """Return the places of steps whose result was told before this process took up the run."""
        if run.id not in self._noted:
            self._noted[run.id] = await self.journal.places_of(run.id, "result")
        return self._noted[run.id]

    async def session_for(self, run: RunRecord) -> Session:
        """Return the session that performs the steps of a run, in the event loop of the caller."""
        loop = self._of_loop()
        key = destination_of(run.connection, run.server, keyless=run.keyless)
        async with loop.entering:
            if key not in loop.sessions:
                session = self._connect(run)
                loop.sessions[key] = await session.like(send=durable_send).__aenter__()
            return loop.sessions[key]

    def refusal_of(self, run: RunRecord) -> str:
        """Return why there is no session for a run; empty if there is one. Not in an event loop."""
        try:
            session = self._connect(run)
            if session.server not in ("sandbox", REHEARSAL):  # which would be started for nothing
                asyncio.run(_tried(session.like(send=None)))
        except Exception as error:  # of any store of keys
            return str(described(error)[1]["message"])
        return ""

    def forget(self, connection: str) -> None:
        """Open the stored connection anew for later steps: its key may have changed."""
        name = connection.casefold()
        for loop in list(self._loops.values()):
            for key in [key for key in loop.sessions if key[0].casefold() == name]:
                loop.forgotten.append(loop.sessions.pop(key))

    def calls_of(self, run: RunRecord) -> CallLimits:
        """Return the limits of paid requests that hold for a run."""
        loop = self._of_loop()
        if loop.of_process is None:
            loop.of_process = asyncio.Semaphore(self.limits.calls)
        name = run.connection or run.server
        if name not in loop.limits:
            own = asyncio.Semaphore(self.limits.calls_of_connection)
            loop.limits[name] = CallLimits(loop.of_process, own, lambda: self.closing)
        return loop.limits[name]

    @contextmanager
    def executing(self, run: str) -> Iterator[None]:
        """Mark the current task as one that executes a workflow of a run, inside the block."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a workflow is a task
        self._executing[task] = asyncio.get_running_loop(), run
        try:
            yield
        finally:
            self._executing.pop(task, None)
            if not self.executes(run):
                self.forget_run(run)

    def executes(self, run: str) -> bool:
        """Return whether this process still executes a run; a cancelled one ends its requests."""
        return any(executed == run for _, executed in list(self._executing.values()))

    async def aclose(self, grace: float = GRACE) -> None:
        """Stop. Requests that are under way may end within `grace` seconds; no other begins.

        Runs that are not done are not failed: they go on from their last step when resumed.
        """
        self.closing = True
        loop = asyncio.get_running_loop()
        until = loop.time() + grace
        while self._executing and loop.time() < until:  # noqa: ASYNC110 - of several event loops
            await asyncio.sleep(0.02)
        for task, (home, _) in list(self._executing.items()):
            home.call_soon_threadsafe(task.cancel)
        while self._executing and loop.time() < until + 1:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        await self._close_sessions(self._loops.pop(loop, None))
        # DBOS made its threads those of this event loop, and ends them with itself.
        loop.set_default_executor(ThreadPoolExecutor())
        await asyncio.to_thread(self.close)

    def close(self) -> None:
        """Stop at once."""
        self.closing = True
        if Engine.current is self:
            Engine.current = None
        for loop, own in list(self._loops.items()):
            if loop.is_running():
                asyncio.run_coroutine_threadsafe(self._close_sessions(own), loop).result(5)
        self._loops.clear()
        if self.has_queue:
            with suppress(Exception):  # a database that is gone keeps the row
                DBOS.delete_queue(self.own_queue)
        DBOS.destroy(workflow_completion_timeout_sec=0)
        self.locks.release()
        self.writer.close()
        self.database.dispose()

    def _launch(self) -> None:
        log = logging.getLogger("dbos")
        log.setLevel(logging.CRITICAL)
        # Its own handler would keep the stderr of this moment, which may be closed later.
        log.handlers[:] = [logging.NullHandler()]
        config: DBOSConfig = {
            "name": "openrouter-connector",
            "system_database_url": self.url,
            "system_database_engine": self.database,
            "serializer": DBOSPortableJSONSerializer(),
            "application_version": VERSION,
            "executor_id": self.executor,
            "log_level": "CRITICAL",
            "enable_otlp": False,
            # Nothing here is notified; closing waits for the end of one such pause.
            "notification_listener_polling_interval_sec": 0.05,
        }
        self.locks.hold(self.executor)
        with database_errors():
            DBOS(config=config)
            DBOS.listen_queues([self.own_queue])
            DBOS.launch()

    def _of_loop(self) -> _Loop:
        return self._loops.setdefault(asyncio.get_running_loop(), _Loop())

    async def _close_sessions(self, loop: _Loop | None) -> None:
        for session in (*loop.sessions.values(), *loop.forgotten) if loop else ():
            await session.__aexit__(None, None, None)


async def _tried(session: Session) -> None:
    """Enter a session, which reads its stored connection."""
    async with session:
        pass
