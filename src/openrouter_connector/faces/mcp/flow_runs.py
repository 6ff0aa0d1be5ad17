"""The durable runs of the flows that are tools. Their database is opened by the first call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from ...connector import Session
from ...runtime.optional import extra

if TYPE_CHECKING:
    from ...flows.runs import Runs


class FlowRuns:
    """The runs of one session."""

    def __init__(self, session: Session, database: str | None = None) -> None:
        """Use a database: a file name, or a URL of PostgreSQL; by default the user's."""
        self.database = database
        self._session = session
        self._opened: Runs | None = None

    async def opened(self) -> Runs:
        """Return the runs. MissingExtraError without the extra `flows`."""
        if self._opened is None:
            self._opened = await asyncio.to_thread(self._runs)
        return self._opened

    @asynccontextmanager
    async def around(self) -> AsyncIterator[None]:
        """Keep the session open inside the block; close it and the database at its end."""
        async with self._session:
            try:
                yield
            finally:
                if self._opened:
                    await self._opened.aclose()

    def _runs(self) -> Runs:
        with extra("flows", {"dbos", "sqlalchemy"}, "running flows"):
            from ...flows.runs import Runs
        return Runs(self._session, self.database)
