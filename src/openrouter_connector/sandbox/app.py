"""The sandbox as an ASGI application: its routes and its error handlers."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from .catalogue.models import models_by_id
from .checks.chat import check_chat
from .endpoints import (
    account,
    batches,
    chat,
    embeddings,
    files,
    generations,
    images,
    insight,
    keys,
    messages,
    models,
    oauth,
    own_models,
    presets,
    rerank,
    responses,
    speech,
    tools,
    transcriptions,
    videos,
)
from .errors import RefusedRequest
from .inference import endpoint
from .middleware import API_ROOT, RequestMiddleware, error_response
from .state import State

ROUTES = [
    Route(
        "/chat/completions",
        endpoint("completions", check_chat, chat.complete),
        methods=["POST"],
    ),
    Route(
        "/messages",
        endpoint("completions", messages.check, messages.answer, to_chat=messages.to_chat),
        methods=["POST"],
    ),
    Route(
        "/responses",
        endpoint("completions", responses.check, responses.answer, to_chat=responses.to_chat),
        methods=["POST"],
    ),
    Route(
        "/embeddings",
        endpoint("embeddings", embeddings.check, embeddings.embed),
        methods=["POST"],
    ),
    Route("/rerank", endpoint("rerank", rerank.check, rerank.rank), methods=["POST"]),
    Route("/images", endpoint("image", images.check, images.generate), methods=["POST"]),
    Route("/audio/speech", endpoint("tts", speech.check, speech.synthesize), methods=["POST"]),
    Route(
        "/audio/transcriptions",
        endpoint("stt", transcriptions.check, transcriptions.transcribe, transcriptions.read_body),
        methods=["POST"],
    ),
    Route("/videos", endpoint("video", videos.check, videos.submit), methods=["POST"]),
    Route("/batches", batches.submit, methods=["POST"]),
    Route("/batches", batches.list_batches),
    Route("/batches/{batch}", batches.delete, methods=["DELETE"]),
    Route("/batches/{batch}", batches.read),
    # A fixed path comes before the pattern that would match it too.
    Route("/videos/models", videos.models),
    Route("/videos/{job}", videos.poll),
    Route("/videos/{job}/content", videos.content),
    Route("/models", models.list_models),
    Route("/models/count", models.count),
    Route("/models/user", own_models.models),
    Route("/private/models/{author}/{slug}", own_models.model),
    Route("/private/models/{author}/{slug}/endpoints", own_models.endpoints),
    Route("/models/{author}/{slug}/endpoints", models.endpoints),
    Route("/model/{author}/{slug}", models.model),  # singular only for the single record
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
    Route("/presets/{slug}/chat/completions", presets.create, methods=["POST"]),
    Route("/presets/{slug}/responses", presets.create, methods=["POST"]),
    Route("/presets/{slug}/messages", presets.create, methods=["POST"]),
    Route("/presets/{slug}/versions", presets.versions),
    Route("/presets/{slug}/versions/{version}", presets.version),
    Route("/tools", tools.tools),
    Route("/tools/{name}", tools.tool),
    Route("/containers/{container_id}/files", tools.container_file_list),
    Route("/containers/{container_id}/files/{file_id}", tools.container_file),
    Route("/containers/{container_id}/files/{file_id}/content", tools.container_content),
    Route("/containers/{container_id}/files/{file_id}/promote", tools.promote, methods=["POST"]),
    Route("/keys", keys.create, methods=["POST"]),
    Route("/keys", keys.keys),
    Route("/keys/{hash}", keys.update, methods=["PATCH"]),
    Route("/keys/{hash}", keys.delete, methods=["DELETE"]),
    Route("/keys/{hash}", keys.key),
    Route("/activity", insight.activity),
    Route("/analytics/meta", insight.analytics_meta),
    Route("/analytics/query", insight.query_analytics, methods=["POST"]),
    Route("/benchmarks", insight.benchmarks),
    Route("/classifications/task", insight.task_classifications),
    Route("/datasets/app-rankings", insight.app_rankings),
    Route("/datasets/rankings-daily", insight.rankings_daily),
    Route("/datasets/session-cost", insight.session_cost),
    Route("/organization/members", insight.members),
    Route("/key", account.key),
    Route("/auth/key", account.key),  # undocumented alias that clients still call
    Route("/auth/keys", oauth.exchange_code, methods=["POST"]),
    Route("/auth/keys/code", oauth.create_code, methods=["POST"]),
    Route("/credits", account.credits_left),
    Route("/generation", generations.generation),
    Route("/generation/content", generations.content),
    Route("/generation/feedback", insight.feedback, methods=["POST"]),
]


PAGES = [
    Route("/auth", oauth.show_consent),
    Route("/auth", oauth.submit_consent, methods=["POST"]),
]


def build_app(state: State) -> Starlette:
    """Return the application that serves this state."""
    models_by_id()  # reads the YAML now, so that the first request does not wait for it
    app = Starlette(
        routes=[*PAGES, Mount(API_ROOT, routes=ROUTES)],
        middleware=[Middleware(RequestMiddleware, state=state)],
        exception_handlers={
            RefusedRequest: _handle_refusal,
            HTTPException: _handle_http_error,
            Exception: _handle_crash,
        },
    )
    app.state.sandbox = state
    return app


async def _handle_refusal(request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, RefusedRequest)  # noqa: S101 - starlette types handlers by Exception
    return error_response(request.url.path, refusal)


async def _handle_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    message = {404: "Resource not found", 405: "Method not allowed"}.get(error.status_code)
    return error_response(
        request.url.path, RefusedRequest(error.status_code, message or error.detail)
    )


async def _handle_crash(request: Request, error: Exception) -> Response:
    message = f"The sandbox itself failed: {error!r}"
    if isinstance(error, ModuleNotFoundError):  # PyAV is imported only for MP3 and video
        message = f"{error}: pip install 'openrouter-connector[sandbox]'"
    return error_response(request.url.path, RefusedRequest(500, message))
