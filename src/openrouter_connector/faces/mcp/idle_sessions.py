"""End idle HTTP sessions that hosts left behind, the longest idle one first.

The SDK ends a session that was idle for `IDLE_TIMEOUT` seconds, and refuses new ones at its own
limit. A host that restarts again and again would lock itself out by the sessions it left behind.
Sessions with a running request or an open stream are never ended.
"""

from __future__ import annotations

from collections import OrderedDict

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

IDLE_TIMEOUT = 30 * 60.0  # seconds
MAX_IDLE = 100
MAX_SESSIONS = 2000  # open ones; the SDK refuses more

_HEADER = "mcp-session-id"


class IdleSessions:
    """Passes requests on, and keeps the idle sessions in the order of their last use."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._running: dict[str, int] = {}
        self._idle: OrderedDict[str, str] = OrderedDict()
        """The Host header of each idle session, by the session's id."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, then end the sessions beyond the limit."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        headers = Headers(scope=scope)
        session, ended = headers.get(_HEADER), False
        if session:
            self._start_request(session)

        async def observed_send(message: Message) -> None:
            nonlocal session, ended
            if message["type"] == "http.response.start":
                status = message["status"]
                ended = status == 404 or (scope["method"] == "DELETE" and status == 200)
                new = Headers(raw=message["headers"]).get(_HEADER)
                if not session and new and status < 400:
                    self._start_request(session := new)
            await send(message)

        try:
            await self._app(scope, receive, observed_send)
        finally:
            if session:
                self._end_request(session, headers.get("host", ""), ended)
        while len(self._idle) > MAX_IDLE:
            await self._end_session(scope, *self._idle.popitem(last=False))

    def _start_request(self, session: str) -> None:
        self._idle.pop(session, None)
        self._running[session] = self._running.get(session, 0) + 1

    def _end_request(self, session: str, host: str, ended: bool) -> None:
        self._running[session] -= 1
        if not self._running[session]:
            del self._running[session]
            if not ended:
                self._idle[session] = host

    async def _end_session(self, scope: Scope, session: str, host: str) -> None:
        """End a session by the request that its host would send: the SDK has no other way."""
        headers = Headers({"host": host, _HEADER: session}).raw

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            pass

        await self._app({**scope, "method": "DELETE", "headers": headers}, receive, send)
