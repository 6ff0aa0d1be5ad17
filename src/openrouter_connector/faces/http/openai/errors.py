"""Give errors below `/openai` OpenAI's shape: `{"error": {message, type, param, code}}`."""

from __future__ import annotations

from pydantic_core import from_json
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ....values import JsonObject
from ..json_io import encode_json
from ..problems import PROBLEM, UNKNOWN_PATH
from ..security import OPENAI

_TYPES = {
    402: "insufficient_quota",
    403: "request_forbidden",
    424: "connection_error",
    429: "rate_limit_error",
}
_PATHS = (
    "this path does not exist. Paths below /openai/v1: chat/completions, responses, embeddings, "
    "images/generations, audio/speech, audio/transcriptions, models and models/{id}"
)


class OpenAIErrors:
    """Converts problem documents below `/openai` on their way out.

    It is the outermost middleware, so that no other part of the server needs to know the shape.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on the request, and convert its response if that is a problem document."""
        if scope["type"] != "http" or not scope["path"].startswith(OPENAI):
            return await self._app(scope, receive, send)
        start: Message | None = None

        async def send_converted(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _is_problem(message):
                start = message
            elif start:
                # A problem document is always sent in one message.
                body = _converted(start, message.get("body", b""))
                await send(start)
                await send({**message, "body": body})
            else:
                await send(message)

        await self._app(scope, receive, send_converted)


def status_of(problem: JsonObject) -> int:
    """Return the status by which the client selects its exception: the API's own, if it is 4xx.

    401 is reserved for the token of this server; an invalid key in a connection is 424.
    """
    if problem["status"] == 422:
        return 400
    upstream = problem.get("upstreamStatus")
    if upstream in (None, 200):  # an error inside a response that had begun with 200
        upstream = problem.get("code")
    if isinstance(upstream, int) and 400 <= upstream < 500 and upstream != 401:
        return upstream
    return int(problem["status"])


def error_of(problem: JsonObject) -> JsonObject:
    """Return a problem document in OpenAI's shape."""
    status = status_of(problem)
    default = "invalid_request_error" if status < 500 else "server_error"
    return {
        "error": {
            "message": _message(problem),
            "type": _TYPES.get(status, default),
            "param": problem.get("path") or None,
            "code": _code(problem),
        }
    }


def _is_problem(start: Message) -> bool:
    return (b"content-type", PROBLEM.encode()) in start["headers"]


def _converted(start: Message, body: bytes) -> bytes:
    """Change the head of a problem document in place, and return its new body."""
    problem = from_json(body)
    converted = encode_json(error_of(problem))
    headers = MutableHeaders(scope=start)
    headers["Content-Type"] = "application/json"
    headers["Content-Length"] = str(len(converted))
    # By default the client retries a failed call twice. We have already retried what is safe to
    # retry; anything else may have been paid for.
    headers["X-Should-Retry"] = "false"
    start["status"] = status_of(problem)
    return converted


def _message(problem: JsonObject) -> str:
    detail = str(problem["detail"])
    if problem["status"] == 424:
        return f"{problem['title']}: {detail}"
    return _PATHS if detail == UNKNOWN_PATH else detail


def _code(problem: JsonObject) -> str | None:
    if problem["status"] == 401:
        return "invalid_api_key"
    code, name = problem.get("code"), problem["type"].rpartition(":")[2]
    if isinstance(code, str) and code:
        return code  # a number would only repeat the status
    return None if name == "blank" else str(name)
