"""Complete every response: a request id, security headers, and a body for unexpected errors."""

from __future__ import annotations

import logging
import re
import secrets
from traceback import format_tb

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .problems import document, problem_response

log = logging.getLogger("openrouter_connector.http")

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: "
    "blob:; media-src 'self' data: blob:; font-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class SafeResponses:
    """Sets the request id and the security headers, and answers unexpected exceptions with 500."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on the request, and complete its response."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        request_id = _request_id(Headers(scope=scope).get("x-request-id", ""))
        scope.setdefault("state", {})["request_id"] = request_id
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception as error:
            log_exception(error, request_id)
            if started:
                raise  # the server closes the connection, so that the client sees it was cut
            response = problem_response(document(error, request_id))
            await response(scope, receive, send_with_headers)


def log_exception(error: Exception, request_id: str) -> None:
    """Log where an exception was raised. Not its message: that may hold what a user wrote."""
    trace = "".join(format_tb(error.__traceback__))
    log.error("%s in request %s\n%s", type(error).__name__, request_id, trace)


def _request_id(header: str) -> str:
    return header if re.fullmatch(r"[\w.-]{1,64}", header, re.ASCII) else secrets.token_hex(8)
