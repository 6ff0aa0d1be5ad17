"""The durable runs of a server. Their database is opened by the first use, or in the background.

A run belongs to the server, and not to the request that started it: it goes on when the browser
goes away. After a restart the server takes it over, with the connection that the run names.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from ...connector import Session
from ...errors import ConnectorError, InputError
from ...runtime.optional import extra
from .problems import not_found
from .sessions import Sessions

if TYPE_CHECKING:
    from ...flows.runs import Run, RunRecord, Runs

_PATIENCE = 5.0  # seconds for the opening of the database, when the server ends

log = logging.getLogger("openrouter_connector.http")


class ServerRuns:
    """The runs of one database, as the sessions of a server start them."""

    def __init__(self, sessions: Sessions, database: str | None, *, worker: bool) -> None:
        """Use a database: a file name, or a URL of PostgreSQL; by default the user's.

        A `worker` also takes runs that were queued, and those of processes that died.
        """
        self._sessions = sessions
        self._database = database
        self._worker = worker
        self._opening = asyncio.Lock()
        self._opened: Runs | None = None
        self._background: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None
        self.stopping = asyncio.Event()
        """Set when the server begins to shut down: who watches a run comes back later."""
        sessions.on_forget = self._forget

    @property
    def is_open(self) -> bool:
        """Whether the database is open."""
        return self._opened is not None

    @asynccontextmanager
    async def use(self, session: Session | None = None) -> AsyncIterator[Runs]:
        """Yield the runs, for a session that starts one. 404 for a run that does not exist.

        MissingExtraError without the extra `flows`, DatabaseError if the database is unusable.
        """
        from_session = session or self._sessions.nameless()
        await self._open()
        from ...flows.runs import Runs
        from ...flows.runs.database import database_errors

        try:
            with database_errors():
                yield Runs(from_session, self._database, connect=self._connect)
        except InputError as error:
            if error.problems[0].path == "run":
                raise not_found(error.problems[0].message) from error
            raise

    @asynccontextmanager
    async def use_run(self, id: str) -> AsyncIterator[tuple[Runs, Run]]:
        """Yield the runs, and one of them. 404 unless a run has exactly this id."""
        async with self.use() as runs:
            run = await runs.get(id)
            if run.id != id:
                raise not_found(f"there is no run {id!r:.80}")
            yield runs, run

    def open_in_background(self) -> None:
        """Begin to work, if this is a worker and can be one; a fault is logged."""
        if self._worker and find_spec("dbos"):
            self._background = asyncio.create_task(self._open_and_log())

    def stop(self) -> None:
        """Begin to close: no further request is sent, and those under way may end."""
        self.stopping.set()
        self._closing = self._closing or asyncio.create_task(self._close())

    async def aclose(self) -> None:
        """Close the database. Runs that are not done are taken up at the next start."""
        self.stop()
        if self._closing:
            await self._closing

    async def _close(self) -> None:
        if self._background:  # a thread that opens a database cannot be cancelled
            await asyncio.wait((self._background,), timeout=_PATIENCE)
        if self._opened:
            await self._opened.aclose()

    async def _open(self) -> None:
        async with self._opening:
            if self._opened is None:
                runs = await asyncio.to_thread(self._runs)
                if self._worker:
                    await runs.work()
                self._opened = runs

    def _runs(self) -> Runs:
        with extra("flows", {"dbos", "sqlalchemy"}, "running flows"):
            from ...flows.runs import Runs
        return Runs(self._sessions.nameless(), self._database, connect=self._connect)

    async def _open_and_log(self) -> None:
        try:
            await self._open()
        except ConnectorError as error:
            log.warning("runs of flows are not taken up: %s", error)

    def _connect(self, run: RunRecord) -> Session:
        if run.keyless:
            return self._sessions.nameless()
        return self._sessions.of_run(run.connection, run.server)

    def _forget(self, connection: str) -> None:
        if self._opened:
            from ...flows.runs import Engine

            if Engine.current:
                Engine.current.forget(connection)
