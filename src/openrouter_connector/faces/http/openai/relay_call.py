"""Relay one call of a client to the API: open a session, send the response, write the audit log."""

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
from ..audit import Entry, audited
from ..context import context_of
from ..json_io import encode_json
from ..problems import document
from ..safe_responses import log_exception
from ..streaming import unless_disconnected
from .errors import error_of

CONNECTION = "X-Connection"
"""The header that names a connection; percent-encoded if the name is not ASCII."""

Respond = Callable[[Relayed, "ChunkWriter"], Coroutine[None, None, ASGIApp]]
"""Writes chunks while the API responds, and returns the application that sends the rest."""


@dataclass
class Relay:
    """An ASGI application that sends one call to the API and responds with the API's response.

    An error before the first byte of the response is raised. When the client disconnects, the
    call to the API is closed.
    """

    request: Request
    operation: str
    """Its name in the audit log, such as `chat.completions`."""
    call: Call
    respond: Respond
    keyless: bool = False
    """Whether it works without a connection."""
    _relayed: Relayed | None = field(default=None, init=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the call and the response."""
        async with self._session() as (session, entry):
            try:
                rest = await unless_disconnected(self.request, self._respond(session, entry, send))
                if rest:
                    await rest(scope, receive, send)
                else:
                    entry.set_disconnected()
                entry.stop_clock()
                if self._relayed:  # after the response: the API knows the cost some seconds later
                    await self._relayed.look_up_cost()
            finally:
                if self._relayed:
                    entry.metadata = self._relayed.metadata

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[tuple[Session, Entry]]:
        sessions = context_of(self.request).sessions
        request_id, action = self.request.state.request_id, f"openai/{self.operation}"
        try:
            with audited(request_id, action, self.call.body or {}) as entry:
                header = unquote(self.request.headers.get(CONNECTION, ""))
                name = header or await sessions.default()
                async with sessions.use(name, anonymous=self.keyless) as session:
                    entry.connection = name
                    yield session, entry
        finally:
            await self.request.close()

    async def _respond(self, session: Session, entry: Entry, send: Send) -> ASGIApp:
        """Send the call, write what is streamed, and return what sends the rest."""
        async with session.relay(self.call) as relayed:
            self._relayed = relayed
            writer = ChunkWriter(send, relayed)
            try:
                return await self.respond(relayed, writer)
            except Exception as error:
                if writer.content_type != EVENTS:
                    raise
                entry.set_error(error)
                return end_body(_error_event(error, self.request.state.request_id))


class ChunkWriter:
    """Writes a response in chunks. The first chunk starts the response."""

    def __init__(self, send: Send, relayed: Relayed) -> None:
        self._send = send
        self._relayed = relayed
        self.content_type: str | None = None
        """The MIME type of the response; None until it is started."""

    async def write_all(self, chunks: AsyncGenerator[bytes], content_type: str) -> None:
        """Write all chunks as they arrive."""
        async with aclosing(chunks):
            async for chunk in chunks:
                await self.write(chunk, content_type)

    async def write(self, chunk: bytes, content_type: str) -> None:
        """Write a chunk."""
        if self.content_type is None:
            self.content_type = content_type
            full = f"{content_type}; charset=utf-8" if content_type == EVENTS else content_type
            headers = {
                "content-type": full,
                "x-accel-buffering": "no",  # nginx would buffer the stream otherwise
                **response_headers(self._relayed),
            }
            start = {"type": "http.response.start", "status": 200, "headers": Headers(headers).raw}
            await self._send(start)
        if chunk:
            await self._send({"type": "http.response.body", "body": chunk, "more_body": True})


def response_headers(relayed: Relayed) -> dict[str, str]:
    """Return the headers that identify the call: its generation id."""
    generation = relayed.metadata.generation_id or ""
    return {"x-generation-id": generation} if generation and fits_header(generation) else {}


def end_body(last: bytes = b"") -> ASGIApp:
    """Return an application that sends the last chunk of a response."""

    async def end(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.body", "body": last, "more_body": False})

    return end


def _error_event(error: Exception, request_id: str) -> bytes:
    """Return the event that makes the client raise an error. No `[DONE]` follows it."""
    if not isinstance(error, ConnectorError):
        log_exception(error, request_id)
    # The blank line ends an event that was cut when the stream broke off.
    return b"\ndata: " + encode_json(error_of(document(error, request_id))) + b"\n\n"
