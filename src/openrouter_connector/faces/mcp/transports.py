"""How hosts reach the server: through its own stdin and stdout, or over HTTP at one address."""

from __future__ import annotations

import asyncio
import hmac
import logging
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

import anyio
from mcp.server import Server
from mcp.server.transport_security import TransportSecuritySettings
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ...connector import Session
from ...http_server import bounded_server
from ..listening import address, listen, outlive_signal
from .context import Context
from .idle_sessions import IDLE, REFUSED, Sessions
from .stdio import stdio

PATH = "/mcp"
GRACE = 2  # seconds that running calls have to end
LARGEST_BODY = 64 * 1024 * 1024  # bytes of a request over HTTP

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_INTERRUPTED = 130


def serve_stdio(server: Server[Context], session: Session) -> None:
    """Serve the host that started this process, until it closes our stdin."""
    _be_quiet()
    asyncio.run(_stdio(server, session))


def serve_http(
    server: Server[Context],
    session: Session,
    host: str,
    port: int,
    *,
    token: str | None,
    hosts: Iterable[str] = (),
    ready: Callable[[str], None] = lambda address: None,
) -> None:
    """Serve over HTTP until interrupted; `ready` is given the address once it listens.

    InputError when the port is taken.
    """
    _be_quiet()
    listener = listen(host, port)
    named = f"[{host}]" if ":" in host else host
    app = http_app(server, token=token, hosts=(named, *hosts))

    async def run() -> None:
        async with session:
            ready(f"{address(listener)}{PATH}")
            await bounded_server(app, grace=GRACE).serve([listener])

    outlive_signal()
    with listener, suppress(KeyboardInterrupt):
        asyncio.run(run())


def http_app(server: Server[Context], *, token: str | None, hosts: Iterable[str] = ()) -> ASGIApp:
    """Give the server as an ASGI application that wants a token; None lets everybody in.

    `hosts` are the names by which it may be reached, besides those of this machine.
    """
    names = [f"{name}{port}" for name in (*_LOOPBACK, *hosts) for port in ("", ":*")]
    security = TransportSecuritySettings(
        allowed_hosts=names,
        allowed_origins=[f"{scheme}://{name}" for scheme in ("http", "https") for name in names],
    )
    app = server.streamable_http_app(
        streamable_http_path=PATH,
        max_request_body_size=LARGEST_BODY,
        session_idle_timeout=IDLE,
        max_sessions=REFUSED,
        transport_security=security,
    )
    return Door(Departures(Sessions(app)), token)


@dataclass(frozen=True, slots=True)
class Door:
    """Lets in who sends the token."""

    app: ASGIApp
    token: str | None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on who is known; 401 for the others."""
        if scope["type"] != "http" or self.token is None or self._opens(Headers(scope=scope)):
            return await self.app(scope, receive, send)
        told = "send the token of this server: Authorization: Bearer …"
        answer = PlainTextResponse(told, 401, {"WWW-Authenticate": "Bearer"})
        await answer(scope, receive, send)

    def _opens(self, headers: Headers) -> bool:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        right = hmac.compare_digest(given.strip().encode(), (self.token or "").encode())
        return scheme.lower() == "bearer" and right


@dataclass(frozen=True, slots=True)
class Departures:
    """Notes in `scope["state"]["left"]`, an event, that a caller closed the connection.

    By the protocol before 2026 that cancels nothing, since a host may come back for the answer.
    Here it could not get it, and what runs on would be paid for in vain.
    """

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        left = anyio.Event()

        async def noted() -> Message:
            message = await receive()
            if message["type"] == "http.disconnect":
                left.set()
            return message

        scope.setdefault("state", {})["left"] = left
        await self.app(scope, noted, send)


async def _stdio(server: Server[Context], session: Session) -> None:
    async with session, stdio() as (incoming, outgoing):
        try:
            await server.run(incoming, outgoing, server.create_initialization_options())
        except asyncio.CancelledError:
            # An interrupt, or nobody reads our answers any more. All calls have ended; the thread
            # that waits at stdin cannot be, and would keep the process alive.
            os._exit(_INTERRUPTED)


def _be_quiet() -> None:
    """Keep the SDK's own words off stderr, which hosts show to people."""
    if not os.environ.get("OPENROUTER_CONNECTOR_DEBUG"):
        logging.getLogger("mcp").setLevel(logging.CRITICAL)
