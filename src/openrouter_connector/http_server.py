"""Run an ASGI application with uvicorn, and limit what each client can hold.

uvicorn limits neither the size of a request head nor the time it may take. The protocol here limits
both before the application sees the request. Heads, bodies and readers must make progress; a
response that is being read is never cut by a timeout, so a stream may last for hours.

Needs uvicorn and httptools, which come with the extras `server`, `mcp` and `sandbox`.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from itertools import count
from typing import Any, Literal

import uvicorn
from httptools import HttpParserError
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES = 64 * 1024  # request line and headers; also trailers and chunk extensions
MAX_URL_BYTES = 16 * 1024
MAX_HEADERS = 100
MAX_PIPELINED = 16  # requests on one connection that wait for an earlier response
HEAD_TIMEOUT = (
    20.0  # seconds for a whole head, from the opening of the connection or its first byte
)
BODY_TIMEOUT = 30.0  # seconds for a body, plus one second for each MIN_BODY_RATE bytes
MIN_BODY_RATE = 500
BODY_IDLE_TIMEOUT = 60.0  # seconds without a byte of the body
READ_TIMEOUT = 300.0  # seconds in which a client must read the bytes that wait for it
KEEP_ALIVE_TIMEOUT = 30  # seconds between two requests of a connection
MAX_CONNECTIONS = 4096  # fewer where the process may open fewer files

_REQUEST_NUMBERS = count()
_CHUNK = 16 * 1024
_RESERVED_FILES = 64  # file descriptors kept for files and for the server itself
_TITLES = {
    400: "Bad Request",
    408: "Request Timeout",
    414: "URI Too Long",
    431: "Request Header Fields Too Large",
    503: "Service Unavailable",
}


def bounded_server(
    app: ASGIApp,
    *,
    grace: int,
    lifespan: Literal["on", "off"] = "on",
    on_shutdown: Callable[[], None] = lambda: None,
) -> uvicorn.Server:
    """Return a quiet server for an application, with the limits of this module.

    `grace` is how many seconds running requests may take to end after a shutdown signal;
    `on_shutdown` is called when those seconds begin.
    """
    return _Server(
        on_shutdown,
        uvicorn.Config(
            app,
            http=BoundedProtocol,
            ws="none",
            lifespan=lifespan,
            log_config=None,
            log_level="critical",  # the faces log for themselves
            access_log=False,
            server_header=False,
            proxy_headers=False,  # any client could send them
            timeout_keep_alive=KEEP_ALIVE_TIMEOUT,
            timeout_graceful_shutdown=grace,
        ),
    )


class _Server(uvicorn.Server):
    """A server that says when it begins to shut down: the application learns of the end only."""

    def __init__(self, on_shutdown: Callable[[], None], config: uvicorn.Config) -> None:
        super().__init__(config)
        self._on_shutdown = on_shutdown

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let running requests end."""
        self._on_shutdown()
        await super().shutdown(sockets)


def connection_limit() -> int:
    """Return how many connections a server accepts.

    Each may need a second file descriptor, for the connection to the API.
    """
    try:
        from resource import RLIM_INFINITY, RLIMIT_NOFILE, getrlimit
    except ImportError:  # Windows has no such limit
        return MAX_CONNECTIONS
    files = getrlimit(RLIMIT_NOFILE)[0]
    if files == RLIM_INFINITY:
        return MAX_CONNECTIONS
    return max(min(MAX_CONNECTIONS, (files - _RESERVED_FILES) // 2), _RESERVED_FILES)


class BoundedProtocol(HttpToolsProtocol):
    """One client connection. The client is untrusted: no token has been checked yet."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._expected: Literal["head", "body"] | None = None
        """What the client must send next."""
        self._deadline = 0.0
        """When it must have arrived, by the clock of the event loop."""
        self._last_request = next(_REQUEST_NUMBERS)
        """Number of the latest request: the longest idle connection has the smallest."""
        self._pending_bytes = 0
        """Bytes since the last whole head or part of a body."""
        self._parse_status = 400
        """The status to answer when the parser raises."""
        self._draining = False
        """Whether nothing more is read: accepted requests are answered, then we close."""
        self._read_timer: asyncio.TimerHandle | None = None
        self._write_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Accept a connection. At the limit, close the longest idle one, or answer 503."""
        super().connection_made(transport)
        if len(self.connections) > connection_limit() and not self._make_room():
            return self._refuse(503)
        self._expect("head", HEAD_TIMEOUT)

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the timers."""
        for timer in (self._read_timer, self._write_timer):
            if timer:
                timer.cancel()
        self._read_timer = self._write_timer = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse in small chunks, so that the limits apply before much is buffered."""
        start = 0
        while start < len(data):
            if self._draining or self.transport.is_closing():
                return
            if self._expected is None:
                self._last_request = next(_REQUEST_NUMBERS)
                self._expect("head", HEAD_TIMEOUT)
            chunk = data[start : start + min(_CHUNK, MAX_HEAD_BYTES - self._pending_bytes)]
            start += len(chunk)
            self._pending_bytes += len(chunk)
            super().data_received(chunk)
            if self._pending_bytes >= MAX_HEAD_BYTES:
                return self._refuse(431)

    def on_url(self, url: bytes) -> None:
        """Append a part of the URL."""
        super().on_url(url)
        if len(self.url) > MAX_URL_BYTES:
            self._parse_status = 414
            raise HttpParserError("the URL is too long")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Append a header or a trailer."""
        if len(self.headers) >= MAX_HEADERS:
            self._parse_status = 431
            raise HttpParserError("too many headers")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Start the request."""
        if len(self.pipeline) >= MAX_PIPELINED:
            raise HttpParserError("too many requests wait on this connection")
        self._pending_bytes = 0
        self._expect("body", BODY_TIMEOUT)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Append a part of a body, and extend its deadline unless it was answered already."""
        self._pending_bytes = 0
        if not self.cycle.response_complete:
            extended = self._deadline + len(body) / MIN_BODY_RATE
            self._deadline = min(extended, self.loop.time() + BODY_IDLE_TIMEOUT)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Stop the deadline: the whole request has arrived."""
        self._pending_bytes = 0
        self._expected = None
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Start the next response, or close the connection after the last one."""
        last = self._draining and not self.pipeline
        super().on_response_complete()
        if last:
            self.transport.close()

    def send_400_response(self, msg: str) -> None:
        """Refuse what the parser could not read, or what exceeded a limit."""
        self._refuse(self._parse_status)

    def pause_writing(self) -> None:
        """Start the timeout of a client that does not read its response."""
        super().pause_writing()
        self._write_timer = self.loop.call_later(READ_TIMEOUT, self.transport.abort)

    def resume_writing(self) -> None:
        """Stop the timeout of a client that reads again."""
        if self._write_timer:
            self._write_timer.cancel()
            self._write_timer = None
        super().resume_writing()

    def _expect(self, part: Literal["head", "body"], seconds: float) -> None:
        self._expected, self._deadline = part, self.loop.time() + seconds
        if self._read_timer is not None and self._read_timer.when() > self._deadline:
            self._read_timer.cancel()
            self._read_timer = None
        if self._read_timer is None:
            self._read_timer = self.loop.call_at(self._deadline, self._check_deadline)

    def _check_deadline(self) -> None:
        """Refuse an overdue request. The timer is reused: one per request would be slow."""
        self._read_timer = None
        if self._expected is None or self.transport.is_closing():
            return
        if self._is_held_up():
            self._deadline = max(self._deadline, self.loop.time() + 1)
        if self.loop.time() < self._deadline:
            self._read_timer = self.loop.call_at(self._deadline, self._check_deadline)
        elif self._expected == "body":
            self._refuse(408)
        else:
            self.transport.close()  # no request was made, so no response is expected

    def _is_held_up(self) -> bool:
        """Return whether the delay is ours: we paused reading, or still answer another request."""
        if self._expected == "body":
            return self.flow.read_paused or bool(self.pipeline)
        return self.cycle is not None and not self.cycle.response_complete

    def _is_idle(self) -> bool:
        answered = self.cycle is None or self.cycle.response_complete
        return answered and self._expected != "body"

    def _make_room(self) -> bool:
        """Close the longest idle connection. Return False when all are busy."""
        others = [
            other
            for other in self.connections
            if isinstance(other, BoundedProtocol)
            and other is not self
            and not other.transport.is_closing()
        ]
        if len(others) < connection_limit():
            return True
        if not (idle := [other for other in others if other._is_idle()]):
            return False
        min(idle, key=lambda other: other._last_request).transport.abort()
        return True

    def _refuse(self, status: int) -> None:
        """Send an error, unless another response has begun, and close the connection.

        Requests that were accepted earlier get their responses first.
        """
        if self._has_earlier_request():
            self._draining, self._expected = True, None
            return
        if self._can_respond():
            self._respond(status)
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True  # or the application would respond as well
            self.cycle.message_event.set()
        self.transport.close()
        # `close` waits until the client has read everything; a client that never reads would
        # keep the connection open for good.
        self._write_timer = self._write_timer or self.loop.call_later(
            HEAD_TIMEOUT, self.transport.abort
        )

    def _has_earlier_request(self) -> bool:
        """Return whether complete requests wait for responses. Drop an incomplete one."""
        if self._expected != "body":
            return self.cycle is not None and not self.cycle.response_complete
        if waiting := bool(self.pipeline) and self.pipeline[0][0] is self.cycle:
            self.pipeline.popleft()
        return waiting

    def _can_respond(self) -> bool:
        if self.cycle is None:
            return True
        if self._expected == "head":
            return bool(self.cycle.response_complete)
        return not self.cycle.response_started

    def _respond(self, status: int) -> None:
        title = _TITLES[status]
        head = f"HTTP/1.1 {status} {title}\r\ncontent-type: text/plain; charset=utf-8\r\n"
        length = f"content-length: {len(title)}\r\nconnection: close\r\n\r\n"
        self.transport.write(f"{head}{length}{title}".encode())
