"""Sessions over HTTP that hosts left behind: the longest idle one ends when there are too many.

The SDK ends a session that nobody used for `IDLE` seconds, and refuses new ones at its own limit.
A host that starts over and over would be locked out by what it left itself, so the oldest go first.
A session in which a request runs, or a stream is open, is never ended.
"""

from __future__ import annotations

from collections import OrderedDict

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

IDLE = 30 * 60.0  # seconds
MOST = 100  # that are idle
REFUSED = 2000  # open ones, at which the SDK refuses further ones

_HEADER = "mcp-session-id"


class Sessions:
    """Passes requests on, and keeps the idle sessions in the order of their last use."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._running: dict[str, int] = {}
        self._idle: OrderedDict[str, str] = OrderedDict()
        """By their names, with the host by which they were reached."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, then end the sessions that are too many."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        headers = Headers(scope=scope)
        session, ended = headers.get(_HEADER), False
        if session:
            self._begin(session)

        async def sent(message: Message) -> None:
            nonlocal session, ended
            if message["type"] == "http.response.start":
                status = message["status"]
                ended = status == 404 or (scope["method"] == "DELETE" and status == 200)
                given = Headers(raw=message["headers"]).get(_HEADER)
                if not session and given and status < 400:
                    self._begin(session := given)
            await send(message)

        try:
            await self._app(scope, receive, sent)
        finally:
            if session:
                self._finish(session, headers.get("host", ""), ended)
        while len(self._idle) > MOST:
            await self._end(scope, *self._idle.popitem(last=False))

    def _begin(self, session: str) -> None:
        self._idle.pop(session, None)
        self._running[session] = self._running.get(session, 0) + 1

    def _finish(self, session: str, host: str, ended: bool) -> None:
        self._running[session] -= 1
        if not self._running[session]:
            del self._running[session]
            if not ended:
                self._idle[session] = host

    async def _end(self, scope: Scope, session: str, host: str) -> None:
        """Ask the SDK to end a session, as its host would do."""
        asked = Headers({"host": host, _HEADER: session}).raw

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            pass

        await self._app({**scope, "method": "DELETE", "headers": asked}, receive, send)
