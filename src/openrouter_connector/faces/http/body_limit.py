"""Limit the size of request bodies by the bytes received, whatever the headers claim."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .problems import http_error_response, too_large

LARGEST_JSON = 32 * 1024 * 1024  # bytes
FORM_OVERHEAD = 1024 * 1024  # bytes of a multipart body beside its file
UPLOADS = ("/api/files", "/openai/v1/audio/transcriptions")


class BodyLimit:
    """Refuses bodies larger than `uploads` bytes at upload paths, `LARGEST_JSON` elsewhere."""

    def __init__(self, app: ASGIApp, uploads: int) -> None:
        self._app = app
        self._uploads = uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on the request, and its body up to the limit."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        limit = self._uploads + FORM_OVERHEAD if scope["path"] in UPLOADS else LARGEST_JSON
        if _declared_size(scope) > limit:
            response = http_error_response(Request(scope), too_large(limit))
            return await response(scope, receive, send)
        received = 0

        async def counted_receive() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise too_large(limit)
            return message

        await self._app(scope, counted_receive, send)


def _declared_size(scope: Scope) -> int:
    length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(length) if length.isdigit() else 0
