"""Run the server, over stdin and stdout or over HTTP."""

from __future__ import annotations

import asyncio
import hmac
import logging
import os
from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass

import anyio
from mcp.server import Server
from mcp.server.transport_security import TransportSecuritySettings
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ...http_server import bounded_server
from ..listening import LOGIN_HINT, LOGIN_REFUSED, ignore_sigterm, listen, url_of
from .context import Context
from .idle_sessions import IDLE_TIMEOUT, MAX_SESSIONS, IdleSessions
from .stdio import stdio

PATH = "/mcp"
GRACE = 2  # seconds that running calls may take to end
LARGEST_BODY = 64 * 1024 * 1024  # bytes of a request over HTTP

Opened = AbstractAsyncContextManager[object]
"""What is open while the server runs: its session, and the database of its runs."""

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_INTERRUPTED = 130


def serve_stdio(server: Server[Context], session: Opened) -> None:
    """Serve the host that started this process until it closes our stdin."""
    _silence_sdk()
    asyncio.run(_stdio(server, session))


def serve_http(
    server: Server[Context],
    session: Opened,
    host: str,
    port: int,
    *,
    token: str | None,
    hosts: Iterable[str] = (),
    ready: Callable[[str], None] = lambda url: None,
) -> None:
    """Serve over HTTP until interrupted. `ready` is called with the URL of the server.

    InputError when the port is taken.
    """
    _silence_sdk()
    listener = listen(host, port)
    host_name = f"[{host}]" if ":" in host else host
    app = http_app(server, token=token, hosts=(host_name, *hosts))

    async def run() -> None:
        async with session:
            ready(f"{url_of(listener)}{PATH}")
            await bounded_server(app, grace=GRACE).serve([listener])

    ignore_sigterm()
    with listener, suppress(KeyboardInterrupt):
        asyncio.run(run())


def http_app(server: Server[Context], *, token: str | None, hosts: Iterable[str] = ()) -> ASGIApp:
    """Return the ASGI application of the server. Without a token everybody may use it.

    `hosts` are the host names by which it may be reached, beside those of loopback.
    """
    names = [f"{name}{port}" for name in (*_LOOPBACK, *hosts) for port in ("", ":*")]
    security = TransportSecuritySettings(
        allowed_hosts=names,
        allowed_origins=[f"{scheme}://{name}" for scheme in ("http", "https") for name in names],
    )
    app = server.streamable_http_app(
        streamable_http_path=PATH,
        max_request_body_size=LARGEST_BODY,
        session_idle_timeout=IDLE_TIMEOUT,
        max_sessions=MAX_SESSIONS,
        transport_security=security,
    )
    return TokenRequired(DisconnectEvents(IdleSessions(app)), token)


@dataclass(frozen=True, slots=True)
class TokenRequired:
    """Requires the token of the server."""

    app: ASGIApp
    token: str | None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request with the token; 401 for others."""
        if scope["type"] != "http" or self.token is None or self._accepts(Headers(scope=scope)):
            return await self.app(scope, receive, send)
        message = LOGIN_REFUSED if "authorization" in Headers(scope=scope) else LOGIN_HINT
        response = PlainTextResponse(message, 401, {"WWW-Authenticate": "Bearer"})
        await response(scope, receive, send)

    def _accepts(self, headers: Headers) -> bool:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        correct = hmac.compare_digest(token.strip().encode(), (self.token or "").encode())
        return scheme.lower() == "bearer" and correct


@dataclass(frozen=True, slots=True)
class DisconnectEvents:
    """Sets an event, `scope["state"]["disconnected"]`, when a client closes the connection.

    In the protocol before 2026 this cancels nothing, since a host may come back for the result.
    This server keeps no results, so a call that went on would be paid for in vain.
    """

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its event."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        disconnected = anyio.Event()

        async def observed_receive() -> Message:
            message = await receive()
            if message["type"] == "http.disconnect":
                disconnected.set()
            return message

        scope.setdefault("state", {})["disconnected"] = disconnected
        await self.app(scope, observed_receive, send)


async def _stdio(server: Server[Context], session: Opened) -> None:
    async with session, stdio() as (incoming, outgoing):
        try:
            await server.run(incoming, outgoing, server.create_initialization_options())
        except asyncio.CancelledError:
            # We were interrupted, or nobody reads our responses any more. All calls have ended. The
            # thread that reads stdin cannot be stopped, and would keep the process alive.
            os._exit(_INTERRUPTED)


def _silence_sdk() -> None:
    """Keep the SDK from logging to stderr, which hosts show to users."""
    if not os.environ.get("OPENROUTER_CONNECTOR_DEBUG"):
        logging.getLogger("mcp").setLevel(logging.CRITICAL)
