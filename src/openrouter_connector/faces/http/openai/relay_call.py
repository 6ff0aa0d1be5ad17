"""One call of a client, relayed: a line of the audit, a session, the answer, and its end."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import unquote

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from ....connector import Session
from ....errors import ConnectorError
from ....runtime.http.headers import fits_header
from ....runtime.relay import EVENTS, Relayed
from ....values import Call
from ..audit import Entry, performing
from ..context import Context
from ..json_io import encoded
from ..problems import document
from ..request_headers import tell
from ..streaming import unless_left
from .errors import error_of

CONNECTION = "X-Connection"
"""The header that names a connection, percent-encoded where it is not ASCII."""

Answer = Callable[[Relayed, "Outlet"], Coroutine[None, None, ASGIApp]]
"""Sends what comes in pieces, and gives what sends the rest once the API's answer is closed."""


@dataclass
class Relay:
    """The ASGI application that makes one call and answers with what comes of it.

    What fails before the first byte of the answer is raised. When the caller leaves, the call of
    the API is closed.
    """

    request: Request
    action: str
    """What the audit calls it, such as `chat.completions`."""
    call: Call
    answer: Answer
    keyless: bool = False
    """Whether it can do without a connection."""
    _relayed: Relayed | None = field(default=None, init=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Make the call, and answer."""
        async with self._begun() as (session, entry):
            try:
                rest = await unless_left(self.request, self._made(session, entry, send))
                if rest:
                    await rest(scope, receive, send)
                else:
                    entry.left()
                entry.over()
                if self._relayed:
                    await self._relayed.look_up_cost()
            finally:
                if self._relayed:
                    entry.metadata = self._relayed.metadata

    @asynccontextmanager
    async def _begun(self) -> AsyncIterator[tuple[Session, Entry]]:
        here: Context = self.request.app.state.context
        asked, action = self.request.state.request_id, f"openai/{self.action}"
        try:
            with performing(asked, action, self.call.body or {}) as entry:
                named = unquote(self.request.headers.get(CONNECTION, ""))
                name = named or await here.sessions.default()
                async with here.sessions.use(name, anonymous=self.keyless) as session:
                    entry.connection = name
                    yield session, entry
        finally:
            await self.request.close()

    async def _made(self, session: Session, entry: Entry, send: Send) -> ASGIApp:
        """Make the call and answer in pieces, as far as that goes; give what sends the rest."""
        async with session.relay(self.call) as relayed:
            self._relayed = relayed
            outlet = Outlet(send, relayed)
            try:
                return await self.answer(relayed, outlet)
            except Exception as error:
                if outlet.kind != EVENTS:
                    raise
                entry.failed(error)
                return ending(_failed(error, self.request.state.request_id))


class Outlet:
    """Where an answer goes in pieces; the first of them begins it."""

    def __init__(self, send: Send, relayed: Relayed) -> None:
        self._send = send
        self._relayed = relayed
        self.kind: str | None = None
        """The MIME type of what was begun."""

    async def pass_on(self, pieces: AsyncGenerator[bytes], kind: str) -> None:
        """Send all pieces as they come."""
        async with aclosing(pieces):
            async for piece in pieces:
                await self.write(piece, kind)

    async def write(self, piece: bytes, kind: str) -> None:
        """Send a piece."""
        if self.kind is None:
            self.kind = kind
            full = f"{kind}; charset=utf-8" if kind == EVENTS else kind
            headers = {"content-type": full, "x-accel-buffering": "no", **told(self._relayed)}
            start = {"type": "http.response.start", "status": 200, "headers": Headers(headers).raw}
            await self._send(start)
        if piece:
            await self._send({"type": "http.response.body", "body": piece, "more_body": True})


def told(relayed: Relayed) -> dict[str, str]:
    """Give the headers that tell of the call: the name that the API has for it."""
    generation = relayed.metadata.generation_id or ""
    return {"x-generation-id": generation} if generation and fits_header(generation) else {}


def ending(last: bytes = b"") -> ASGIApp:
    """Give what ends an answer in pieces."""

    async def end(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.body", "body": last, "more_body": False})

    return end


def _failed(error: Exception, request_id: str) -> bytes:
    """Give the event that makes the client raise an error, and no `[DONE]` behind it."""
    if not isinstance(error, ConnectorError):
        tell(error, request_id)
    # The blank line ends an event that was not ended when the stream broke off.
    return b"\ndata: " + encoded(error_of(document(error, request_id))) + b"\n\n"
