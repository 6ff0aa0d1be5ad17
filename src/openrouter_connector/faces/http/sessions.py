"""Sessions that stay open: one for each connection in use, shared by all requests."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from ...connections.connection_file import name_key
from ...connector import Connector, Session
from ...errors import CredentialError
from ...runtime.budget import Budget
from ...runtime.files.store import FileStore
from ...runtime.pool import Pool
from .problems import no_connection

if TYPE_CHECKING:
    from ...connections.store import ConnectionStore

_NO_CONNECTION = (
    "there is no connection. Store one (POST /api/connections, or openrouter-connector connect), "
    "start the server with --sandbox, or with the API key in its environment"
)
_NOT_OF_RUN = (
    "the run used {server}, and this server has no connection to it; start it as it was started "
    "before (--sandbox, or the API key in its environment), and resume the run"
)


_REHEARSAL = "\0rehearsal"  # a name that no connection can have


class StartupConnection(NamedTuple):
    """A connection that the server was started with; it is not stored."""

    token: str | None = None
    base_url: str | None = None
    sandbox: bool = False
    allow_http: bool = False
    fallback: bool = False
    """Whether it is the default only where no other connection is."""

    def where(self) -> dict[str, Any]:
        """Return the arguments of `Connector.connect`."""
        return {name: value for name, value in self._asdict().items() if name != "fallback"}

    def __repr__(self) -> str:
        """Show where calls go, and not the token."""
        return f"StartupConnection(base_url={self.base_url!r}, sandbox={self.sandbox})"


class Sessions:
    """The open sessions: each opens at its first use, and closes when its connection changes.

    A connection has one session, whatever the case of its name. The one without a name has no key.
    """

    def __init__(
        self,
        connector: Connector,
        connections: ConnectionStore,
        files: FileStore,
        *,
        startup: Mapping[str, StartupConnection],
        budget: float | None = None,
        allow_private: bool = False,
    ) -> None:
        self._connector = connector
        self._connections = connections
        self._files = files
        self._budget = Budget(budget)
        self._allow_private = allow_private
        self._pool = Pool[str | None, Session](_close)
        self._at_startup: dict[str, Session] = {}
        self.on_forget: Callable[[str], None] = lambda name: None
        """Called with the name of a connection whose session must not be used any more."""
        self.startup = {name_key(name): connection for name, connection in startup.items()}

    async def default(self) -> str | None:
        """Return the default connection, or None without one."""
        first, last = (
            next((name for name, one in self.startup.items() if one.fallback is late), None)
            for late in (False, True)
        )
        # In a thread: the stored ones are on a disk.
        return first or await to_thread(lambda: self._connections.default) or last

    @asynccontextmanager
    async def use(self, name: str | None, *, anonymous: bool = False) -> AsyncIterator[Session]:
        """Yield the session of a connection, by default the default one.

        With `anonymous` and no connection it has no key: it can list and check. CredentialError for
        a connection that cannot be used.
        """
        name = name or await self.default()
        if name is None and not anonymous:
            raise CredentialError(_NO_CONNECTION)
        key = None if name is None else name_key(name)
        async with self._pool.use(key, partial(self._opened, name)) as session:
            try:
                yield session
            except CredentialError:
                if name is not None:
                    await self.forget(name)  # its key may have been replaced by another program
                raise

    @asynccontextmanager
    async def use_rehearsal(self) -> AsyncIterator[Session]:
        """Yield the session of rehearsals: a sandbox in which every model exists."""
        async with self._pool.use(_REHEARSAL, self._rehearsal) as session:
            yield session

    async def forget(self, name: str) -> None:
        """Close the session of a connection, once nobody uses it any more."""
        if (key := name_key(name)) not in self.startup:
            await self._pool.forget(key)
            self.on_forget(name)

    def of_run(self, connection: str | None, server: str) -> Session:
        """Return a session for a run that was started before, by what the run says of its own.

        It need not be open. CredentialError if this server has no such connection.
        """
        if connection is not None:
            return self._connect(connection=connection, connections=self._connections)
        if server == "rehearsal":
            return self._connect(sandbox="rehearsal")
        for name, startup in self.startup.items():
            if server == ("sandbox" if startup.sandbox else startup.base_url or self._base_url):
                return self._at_startup.get(name) or self._connect(**startup.where())
        raise CredentialError(_NOT_OF_RUN.format(server=server))

    def nameless(self) -> Session:
        """Return a session without a key that is not open: it can be asked about runs."""
        return self._connect(base_url=self._base_url)

    async def aclose(self) -> None:
        """Close all sessions, those that are being opened and those in use as well."""
        await self._pool.aclose()

    async def _opened(self, name: str | None) -> Session:
        if name is None:
            return await self._connect(base_url=self._base_url).__aenter__()
        if startup := self.startup.get(key := name_key(name)):
            session = await self._connect(**startup.where()).__aenter__()
            self._at_startup[key] = session
            return session
        try:
            return await self._connect(connection=name, connections=self._connections).__aenter__()
        except CredentialError:
            if await to_thread(self._connections.__contains__, name):
                raise
            raise no_connection(name) from None

    async def _rehearsal(self) -> Session:
        return await self._connect(sandbox="rehearsal").__aenter__()

    def _connect(self, **where: Any) -> Session:
        # One budget for all, since it is that of the server.
        # Keys that actions create are stored among the connections of this server.
        where = {"connections": self._connections, **where}
        return self._connector.connect(
            files=self._files, budget=self._budget, allow_private=self._allow_private, **where
        )

    @property
    def _base_url(self) -> str:
        return self._connector.definition.component.base_url


async def _close(session: Session) -> None:
    await session.__aexit__(None, None, None)
