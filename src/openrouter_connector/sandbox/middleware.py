"""What happens to every request: it is recorded, its key is checked, its response is marked.

request ──▶ read the body ──▶ record ──▶ check the key ──▶ route ──▶ add `X-OpenRouter-Sandbox`
"""

from __future__ import annotations

from starlette.datastructures import Headers, QueryParams
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .access import check_key
from .dialects import message
from .errors import RefusedRequest
from .inference import PARSED_BODY
from .recording import RecordedRequest, parse_json, summarize
from .state import State

API_ROOT = "/api/v1"
# Recorded requests end up in test failures and cassettes, which people publish.
SECRET_HEADERS = {"authorization", "cookie"}
ADDED_HEADERS = [
    (b"x-openrouter-sandbox", b"true"),
    # Without it a page in a browser cannot read the generation id.
    (b"access-control-expose-headers", b"X-Generation-Id,X-OpenRouter-Sandbox"),
]


class RequestMiddleware:
    """Records each request, checks its key, and adds the sandbox's headers to its response."""

    def __init__(self, app: ASGIApp, state: State) -> None:
        self.app = app
        self.state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI calls it."""
        # Lifespan events and web sockets are not served.
        if scope["type"] != "http":
            return
        body = await _read_body(receive)
        headers = Headers(scope=scope)
        scope[PARSED_BODY] = parse_json(body)
        # Before the key is checked: a rejected request is worth seeing in `Sandbox.requests` too.
        self.state.requests.append(_record(scope, headers, body))

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *ADDED_HEADERS]
            await send(message)

        try:
            path = scope["path"].removeprefix(API_ROOT)
            check_key(path, scope["method"], headers.get("authorization"), self.state)
        except RefusedRequest as refusal:
            await error_response(scope["path"], refusal)(scope, receive, send_marked)
        else:
            await self.app(scope, _replay(body, receive), send_marked)


def error_response(path: str, refusal: RefusedRequest) -> Response:
    """Return the error in the envelope of the dialect that was called."""
    if path == f"{API_ROOT}/messages":
        return message.error_response(refusal)
    return refusal.response()


async def _read_body(receive: Receive) -> bytes:
    chunks, more = [], True
    while more:
        message = await receive()
        chunks.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(chunks)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that yields the body again, which can be read only once."""
    unread: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return unread.pop() if unread else await receive()

    return receive_again


def _record(scope: Scope, headers: Headers, body: bytes) -> RecordedRequest:
    return RecordedRequest(
        scope["method"],
        scope["path"],
        dict(QueryParams(scope["query_string"])),
        {name: value for name, value in headers.items() if name not in SECRET_HEADERS},
        summarize(scope[PARSED_BODY], len(body), headers.get("content-type", "")),
    )
