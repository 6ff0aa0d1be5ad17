"""The sandbox as an ASGI application: the routes, the key, the record, the envelope of errors."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.datastructures import Headers, QueryParams
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .catalogue.models import by_id
from .checks import fields
from .dialects import message
from .endpoints import (
    account,
    chat,
    embeddings,
    files,
    images,
    messages,
    models,
    oauth,
    own_models,
    presets,
    rerank,
    responses,
    speech,
    transcriptions,
    videos,
)
from .errors import Refusal
from .inference import PARSED, endpoint
from .state import Ledger, Recorded, parsed, summary

ROOT = "/api/v1"
SECRET = {"authorization", "cookie"}
MARKS = [
    (b"x-openrouter-sandbox", b"true"),
    (b"access-control-expose-headers", b"X-Generation-Id,X-OpenRouter-Sandbox"),
]

ROUTES = [
    Route(
        "/chat/completions",
        endpoint("completions", fields.chat, chat.complete),
        methods=["POST"],
    ),
    Route(
        "/messages",
        endpoint("completions", messages.check, messages.answer, as_chat=messages.as_chat),
        methods=["POST"],
    ),
    Route(
        "/responses",
        endpoint("completions", responses.check, responses.answer, as_chat=responses.as_chat),
        methods=["POST"],
    ),
    Route(
        "/embeddings",
        endpoint("embeddings", embeddings.check, embeddings.embed),
        methods=["POST"],
    ),
    Route("/rerank", endpoint("rerank", rerank.check, rerank.rank), methods=["POST"]),
    Route("/images", endpoint("image", images.check, images.paint), methods=["POST"]),
    Route("/audio/speech", endpoint("tts", speech.check, speech.say), methods=["POST"]),
    Route(
        "/audio/transcriptions",
        endpoint("stt", transcriptions.check, transcriptions.hear, transcriptions.body),
        methods=["POST"],
    ),
    Route("/videos", endpoint("video", videos.check, videos.submit), methods=["POST"]),
    Route("/videos/models", videos.models),
    Route("/videos/{job}", videos.poll),
    Route("/videos/{job}/content", videos.content),
    Route("/models", models.models),
    Route("/models/count", models.count),
    Route("/models/user", own_models.user),
    Route("/private/models/{author}/{slug}", own_models.model),
    Route("/private/models/{author}/{slug}/endpoints", own_models.endpoints),
    Route("/models/{author}/{slug}/endpoints", models.endpoints),
    Route("/model/{author}/{slug}", models.model),
    Route("/images/models", images.models),
    Route("/images/models/{author}/{slug}/endpoints", images.endpoints),
    Route("/embeddings/models", models.embeddings),
    Route("/endpoints/zdr", models.zdr),
    Route("/providers", models.providers),
    Route("/files", files.upload, methods=["POST"]),
    Route("/files", files.files),
    Route("/files/{file_id}", files.delete, methods=["DELETE"]),
    Route("/files/{file_id}", files.file),
    Route("/files/{file_id}/content", files.content),
    Route("/presets", presets.presets),
    Route("/presets/{slug}", presets.preset),
    Route("/key", account.key),
    Route("/auth/key", account.key),
    Route("/auth/keys", oauth.exchange, methods=["POST"]),
    Route("/auth/keys/code", oauth.code_of_key, methods=["POST"]),
    Route("/credits", account.credits_left),
    Route("/generation", account.generation),
    Route("/generation/content", account.content),
]


PAGES = [
    Route("/auth", oauth.consent),
    Route("/auth", oauth.decide, methods=["POST"]),
]


def build(ledger: Ledger) -> Starlette:
    """Give the application over a ledger."""
    by_id()
    app = Starlette(
        routes=[*PAGES, Mount(ROOT, routes=ROUTES)],
        middleware=[Middleware(_Door, ledger=ledger)],
        exception_handlers={Refusal: _refused, HTTPException: _unknown, Exception: _failed},
    )
    app.state.ledger = ledger
    return app


async def _refused(request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)  # noqa: S101 - starlette types handlers by Exception
    return _envelope(request.url.path, refusal)


async def _unknown(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    message = {404: "Resource not found", 405: "Method not allowed"}.get(error.status_code)
    return _envelope(request.url.path, Refusal(error.status_code, message or error.detail))


async def _failed(request: Request, error: Exception) -> Response:
    told = f"The sandbox itself failed: {error!r}"
    if isinstance(error, ModuleNotFoundError):  # PyAV is imported only for MP3 and video
        told = f"{error}: pip install 'openrouter-connector[sandbox]'"
    return _envelope(request.url.path, Refusal(500, told))


def _envelope(path: str, refusal: Refusal) -> Response:
    """Give a refusal in the words of the skin that was asked."""
    if path == f"{ROOT}/messages":
        return message.refused(refusal)
    return refusal.response()


class _Door:
    """Records each request, asks for the key, and marks each answer as the sandbox's."""

    def __init__(self, app: ASGIApp, ledger: Ledger) -> None:
        self.app = app
        self.ledger = ledger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = await _read(receive)
        headers = Headers(scope=scope)
        scope[PARSED] = parsed(body)
        self.ledger.requests.append(_recorded(scope, headers, body))

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *MARKS]
            await send(message)

        try:
            path = scope["path"].removeprefix(ROOT)
            account.admit(path, scope["method"], headers.get("authorization"), self.ledger)
        except Refusal as refusal:
            await _envelope(scope["path"], refusal)(scope, receive, marked)
        else:
            await self.app(scope, _replayed(body, receive), marked)


async def _read(receive: Receive) -> bytes:
    parts, more = [], True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


def _replayed(body: bytes, receive: Receive) -> Receive:
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again


def _recorded(scope: Scope, headers: Headers, body: bytes) -> Recorded:
    return Recorded(
        scope["method"],
        scope["path"],
        dict(QueryParams(scope["query_string"])),
        {name: value for name, value in headers.items() if name not in SECRET},
        summary(scope[PARSED], len(body), headers.get("content-type", "")),
    )
