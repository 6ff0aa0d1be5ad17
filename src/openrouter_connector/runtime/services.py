"""What a run needs from outside, handed in by the session: the API, its catalogue, files, a budget.

run ──send──▶ Services ──▶ [ a `Send` that was handed in ] ──▶ Transport ──▶ the API
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Protocol

from ..definition.model import Action, Component
from ..errors import InputError, Problem
from ..values import Call, Event, JsonObject
from .budget import Budget
from .catalogue.catalogue import Catalogue
from .endpoints import Endpoints, check_server, named_server
from .files.store import FileStore
from .http.response import Response
from .http.retry_not_found import Open as Open
from .http.transport import Transport

Send = Callable[[Call, Open], AbstractAsyncContextManager[Response]]
"""Sends one paid request: `send(call, open)` enters `open(call)` and yields its response.

Every request that may be charged goes through it, and no other: each call of an action, its repair
round, each row of a list, each part of a split input, each relayed call. A GET never does.

- One call of it is one paid request. `open` retries only what surely was not served, so entering
  it twice may pay twice: a request is not idempotent.
- `open` raises a ConnectorError, and so may `send`; the run then fails with it.
- `call` holds no secret. The response is read inside the block, and once.
"""


class KeyKeeper(Protocol):
    """Stores API keys that actions create, as connections."""

    def reserved(self, name: str) -> AbstractAsyncContextManager[None]:
        """Hold a name until its key is stored; InputError if no connection can have it."""

    async def keep(self, name: str, key: str) -> str | None:
        """Store a key, and return the name of its connection; None where keys are not stored."""


Report = Callable[[Event], Awaitable[None]]
"""Takes what a run reports on its way. A reader that is slow makes the run wait here."""


async def ignore(_: Event) -> None:
    """Report to nobody."""


@dataclass(frozen=True, slots=True)
class Services:
    """The services of one session, or of another server that the parameters name."""

    component: Component
    transport: Transport
    catalogue: Catalogue
    files: FileStore
    budget: Budget
    servers: Endpoints
    keys: Callable[[], KeyKeeper] | None = None
    """Returns where actions store the API keys that they create; without it they create none."""
    sender: Send | None = None
    """What paid requests go through; by default straight to the transport."""

    def send(self, call: Call) -> AbstractAsyncContextManager[Response]:
        """Send a call, and close its response at the end of the block."""
        # A GET is free, and a durable run must not record each poll of a job.
        if self.sender is None or call.method == "GET":
            return self.transport.open(call)
        return self.sender(call, self.transport.open)

    @asynccontextmanager
    async def at_server_of(self, action: Action, values: JsonObject) -> AsyncGenerator[Services]:
        """Yield the services of the server that the parameters name, or else these.

        InputError for an invalid base URL or key.
        """
        if action.server:
            check_server(action.server, values)
        named = named_server(action, values)
        if action.server is None or named is None:
            yield self
            return
        async with AsyncExitStack() as stack:
            try:
                token = values.get(action.server.token)
                endpoint = await stack.enter_async_context(self.servers.at(named, token))
            except InputError as error:
                name = action.server.base_url
                raise InputError(
                    [Problem(name, problem.message) for problem in error.problems]
                ) from None
            yield replace(self, transport=endpoint.transport, catalogue=endpoint.catalogue)
