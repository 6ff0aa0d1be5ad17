"""What goes wrong below `/openai`, in OpenAI's shape: `{"error": {message, type, param, code}}`."""

from __future__ import annotations

from pydantic_core import from_json
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ....values import JsonObject
from ..json_io import encoded
from ..problems import PROBLEM
from ..security import OPENAI

_TYPES = {
    402: "insufficient_quota",
    403: "request_forbidden",
    424: "connection_error",
    429: "rate_limit_error",
}
_SAID = {
    "Not Found": "there is nothing at this path. Below /openai/v1 there are chat/completions, "
    "embeddings, images/generations, audio/speech, audio/transcriptions, models and models/{id}",
    "Method Not Allowed": "this path takes another method, which the Allow header names",
}


class Reshaped:
    """Gives problem documents OpenAI's shape on their way out, below `/openai`.

    It stands outside of all that may refuse a request, so that none of it has to know.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http" or not scope["path"].startswith(OPENAI):
            return await self._app(scope, receive, send)
        start: Message | None = None

        async def sent(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _is_problem(message):
                start = message
            elif start:
                body = _reshaped(start, message.get("body", b""))  # all of it: it comes at once
                await send(start)
                await send({**message, "body": body})
            else:
                await send(message)

        await self._app(scope, receive, sent)


def status_of(problem: JsonObject) -> int:
    """Give the status by which the client tells errors apart: the API's own, when that refused.

    401 is said of this server's token alone; a connection whose key does not work is a 424.
    """
    if problem["status"] == 422:
        return 400
    said = problem.get("upstreamStatus")
    if said in (None, 200):  # it failed inside of what began as an answer
        said = problem.get("code")
    if isinstance(said, int) and 400 <= said < 500 and said != 401:
        return said
    return int(problem["status"])


def error_of(problem: JsonObject) -> JsonObject:
    """Say a problem document in OpenAI's shape."""
    status = status_of(problem)
    otherwise = "invalid_request_error" if status < 500 else "server_error"
    return {
        "error": {
            "message": _message(problem),
            "type": _TYPES.get(status, otherwise),
            "param": problem.get("path") or None,
            "code": _code(problem),
        }
    }


def _is_problem(start: Message) -> bool:
    return (b"content-type", PROBLEM.encode()) in start["headers"]


def _reshaped(start: Message, body: bytes) -> bytes:
    """Change the head of a problem document, and give what becomes of its body."""
    problem = from_json(body)
    changed = encoded(error_of(problem))
    headers = MutableHeaders(scope=start)
    headers["Content-Type"] = "application/json"
    headers["Content-Length"] = str(len(changed))
    # By itself the client sends a failed call twice more. What was safe to send again was sent
    # again by us, and any other may have been paid for.
    headers["X-Should-Retry"] = "false"
    start["status"] = status_of(problem)
    return changed


def _message(problem: JsonObject) -> str:
    detail = str(problem["detail"])
    if problem["status"] == 424:
        return f"{problem['title']}: {detail}"
    return _SAID.get(detail, detail)


def _code(problem: JsonObject) -> str | None:
    if problem["status"] == 401:
        return "invalid_api_key"
    code, kind = problem.get("code"), problem["type"].rpartition(":")[2]
    if isinstance(code, str) and code:
        return code  # a number would only be the status once more
    return None if kind == "blank" else str(kind)
