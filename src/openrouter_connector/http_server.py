"""The HTTP server of the faces and of the sandbox: uvicorn, with limits on what a caller may hold.

uvicorn bounds neither the size of a request's head nor the time in which it comes. The protocol
here does both, before an application sees anything: the first line and the headers are bounded,
heads and bodies must make progress, and so must a reader. A running response is never cut by the
clock as long as it is read, so a stream may last for hours.

Needs uvicorn and httptools, which the extras `server`, `mcp` and `sandbox` bring.
"""

from __future__ import annotations

import asyncio
from itertools import count
from typing import Any, Literal

import uvicorn
from httptools import HttpParserError
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES = 64 * 1024  # of the request line and all headers; of trailers and chunk extensions too
URL_BYTES = 16 * 1024
HEADERS = 100
PIPELINED = 16  # requests that wait on one connection for the response before theirs
HEAD_TIME = 20.0  # seconds for a whole head, from the opening of the connection or its first byte
BODY_TIME = 30.0  # seconds that a body may last, and one more for each BODY_RATE bytes of it
BODY_RATE = 500
BODY_IDLE = 60.0  # seconds without a byte of it, at most
READ_TIME = 300.0  # seconds that a reader may take for the bytes that wait for him
KEEP_ALIVE = 30  # seconds between two requests of a connection
CONNECTIONS = 4096  # at most; less where the process may not open as many files

_TURNS = count()
_PIECE = 16 * 1024
_FREE = 64  # descriptors that are kept for files and for the server itself
_TITLES = {
    400: "Bad Request",
    408: "Request Timeout",
    414: "URI Too Long",
    431: "Request Header Fields Too Large",
    503: "Service Unavailable",
}


def bounded_server(
    app: ASGIApp, *, grace: int, lifespan: Literal["on", "off"] = "on"
) -> uvicorn.Server:
    """Return the server of an application, quick, quiet and bounded.

    `grace` is how many seconds running requests have to end once the server is to stop.
    """
    return uvicorn.Server(
        uvicorn.Config(
            app,
            http=BoundedProtocol,
            ws="none",
            lifespan=lifespan,
            log_config=None,
            log_level="critical",  # our own lines say what there is to say
            access_log=False,
            server_header=False,
            proxy_headers=False,  # anybody could send them
            timeout_keep_alive=KEEP_ALIVE,
            timeout_graceful_shutdown=grace,
        )
    )


def most_connections() -> int:
    """Return how many connections a server holds: each may need another one, to the API."""
    try:
        from resource import RLIM_INFINITY, RLIMIT_NOFILE, getrlimit
    except ImportError:  # Windows, which has no such limit
        return CONNECTIONS
    files = getrlimit(RLIMIT_NOFILE)[0]
    if files == RLIM_INFINITY:
        return CONNECTIONS
    return max(min(CONNECTIONS, (files - _FREE) // 2), _FREE)


class BoundedProtocol(HttpToolsProtocol):
    """One connection of a caller, who may be anybody: no token was looked at yet."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._reading: Literal["head", "body"] | None = None
        """What is expected from the caller now."""
        self._due = 0.0
        """When it must have come, by the clock of the loop."""
        self._turn = next(_TURNS)
        """Grows with the last request, so that the longest idle connection has the least one."""
        self._unread = 0
        """Bytes since something useful was read: a whole head, or a part of a body."""
        self._fault = 400
        self._deaf = False
        """Whether nothing more is read: what was accepted is answered, then the line is closed."""
        self._clock: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection; at the limit the longest idle one is closed for it, else 503."""
        super().connection_made(transport)
        if len(self.connections) > most_connections() and not self._make_room():
            return self._refuse(503)
        self._expect("head", HEAD_TIME)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the timers."""
        for timer in (self._clock, self._stalled):
            if timer:
                timer.cancel()
        self._clock = self._stalled = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read in small pieces, so that what is too large is seen before it is held."""
        start = 0
        while start < len(data):
            if self._deaf or self.transport.is_closing():
                return
            if self._reading is None:
                self._turn = next(_TURNS)
                self._expect("head", HEAD_TIME)
            piece = data[start : start + min(_PIECE, HEAD_BYTES - self._unread)]
            start += len(piece)
            self._unread += len(piece)
            super().data_received(piece)
            if self._unread >= HEAD_BYTES:
                return self._refuse(431)

    def on_url(self, url: bytes) -> None:
        """Take a part of the address."""
        super().on_url(url)
        if len(self.url) > URL_BYTES:
            self._fault = 414
            raise HttpParserError("the address is too long")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header, or a trailer."""
        if len(self.headers) >= HEADERS:
            self._fault = 431
            raise HttpParserError("there are too many headers")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Begin the request."""
        if len(self.pipeline) >= PIPELINED:
            raise HttpParserError("too many requests wait on this connection")
        self._unread = 0
        self._expect("body", BODY_TIME)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of a body, which buys time; not so when it was answered already."""
        self._unread = 0
        if not self.cycle.response_complete:
            self._due = min(self._due + len(body) / BODY_RATE, self.loop.time() + BODY_IDLE)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Expect nothing more."""
        self._unread = 0
        self._reading = None
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Begin the next response, or close after the last one that there will be."""
        last = self._deaf and not self.pipeline
        super().on_response_complete()
        if last:
            self.transport.close()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, or too much of it."""
        self._refuse(self._fault)

    def pause_writing(self) -> None:
        """Give a reader who does not keep up some time."""
        super().pause_writing()
        self._stalled = self.loop.call_later(READ_TIME, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on with a reader who keeps up again."""
        if self._stalled:
            self._stalled.cancel()
            self._stalled = None
        super().resume_writing()

    def _expect(self, what: Literal["head", "body"], seconds: float) -> None:
        self._reading, self._due = what, self.loop.time() + seconds
        if self._clock is not None and self._clock.when() > self._due:
            self._clock.cancel()
            self._clock = None
        if self._clock is None:
            self._clock = self.loop.call_at(self._due, self._look)

    def _look(self) -> None:
        """End what is overdue. The timer is reused for the next request."""
        self._clock = None
        if self._reading is None or self.transport.is_closing():
            return
        if self._is_held_up():
            self._due = max(self._due, self.loop.time() + 1)
        if self.loop.time() < self._due:
            self._clock = self.loop.call_at(self._due, self._look)
        elif self._reading == "body":
            self._refuse(408)
        else:
            self.transport.close()  # it has not asked for anything, and expects no answer

    def _is_held_up(self) -> bool:
        """Return whether we paused reading, or an earlier response is still running."""
        if self._reading == "body":
            return self.flow.read_paused or bool(self.pipeline)
        return self.cycle is not None and not self.cycle.response_complete

    def _is_idle(self) -> bool:
        answered = self.cycle is None or self.cycle.response_complete
        return answered and self._reading != "body"

    def _make_room(self) -> bool:
        others = [one for one in self.connections if isinstance(one, BoundedProtocol)]
        open_ = [one for one in others if one is not self and not one.transport.is_closing()]
        if len(open_) < most_connections():
            return True
        if not (idle := [one for one in open_ if one._is_idle()]):
            return False
        min(idle, key=lambda one: one._turn).transport.abort()
        return True

    def _refuse(self, status: int) -> None:
        """Answer, unless another answer is under way, and close.

        Requests that were accepted before are answered first.
        """
        if self._has_earlier():
            self._deaf, self._reading = True, None
            return
        if self._may_answer():
            self._answer(status)
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True  # or the application would answer as well
            self.cycle.message_event.set()
        self.transport.close()
        # What the caller does not read would keep the connection open for good.
        self._stalled = self._stalled or self.loop.call_later(HEAD_TIME, self.transport.abort)

    def _has_earlier(self) -> bool:
        """Return whether whole requests wait for their responses; drop one that is not whole."""
        if self._reading != "body":
            return self.cycle is not None and not self.cycle.response_complete
        if waiting := bool(self.pipeline) and self.pipeline[0][0] is self.cycle:
            self.pipeline.popleft()
        return waiting

    def _may_answer(self) -> bool:
        if self.cycle is None:
            return True
        answered = self.cycle.response_complete
        return answered if self._reading == "head" else not self.cycle.response_started

    def _answer(self, status: int) -> None:
        title = _TITLES[status]
        head = f"HTTP/1.1 {status} {title}\r\ncontent-type: text/plain; charset=utf-8\r\n"
        told = f"{head}content-length: {len(title)}\r\nconnection: close\r\n\r\n{title}"
        self.transport.write(told.encode())
