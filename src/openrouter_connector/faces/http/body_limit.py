"""How large a body may be, counted as it comes, whatever its headers say."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .problems import refused, too_large

LARGEST_JSON = 32 * 1024 * 1024  # bytes
FORM = 1024 * 1024  # bytes of a multipart body beside its file
UPLOADS = ("/api/files", "/openai/v1/audio/transcriptions")


class BodyLimit:
    """Ends what is too large: `uploads` bytes where files come in, `LARGEST_JSON` elsewhere."""

    def __init__(self, app: ASGIApp, uploads: int) -> None:
        self._app = app
        self._uploads = uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its body as far as the limit."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        most = self._uploads + FORM if scope["path"] in UPLOADS else LARGEST_JSON
        if _announced(scope) > most:
            return await refused(Request(scope), too_large(most))(scope, receive, send)
        came = 0

        async def received() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > most:
                raise too_large(most)
            return message

        await self._app(scope, received, send)


def _announced(scope: Scope) -> int:
    length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(length) if length.isdigit() else 0
