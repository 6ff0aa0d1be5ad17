"""List the endpoints. OpenAI documents them, so our own OpenAPI document leaves them out."""

from __future__ import annotations

from starlette.routing import Route, Router

from . import chat, images, models, responses, speech, transcriptions
from .relay_call import CONNECTION

ROOT = "/openai/v1"
_STAINLESS = ("Arch", "Lang", "OS", "Package-Version", "Retry-Count", "Runtime", "Timeout")
REQUEST_HEADERS = (
    CONNECTION,
    "X-Stainless-Runtime-Version",
    *(f"X-Stainless-{name}" for name in _STAINLESS),
)
"""Headers that the client sends from a page of another origin."""
RESPONSE_HEADERS = ("X-Generation-Id", "X-Should-Retry")
"""Headers that the client reads there."""

# Plain Starlette routes: FastAPI has nothing to validate here, and costs time per request.
endpoints = Router(
    [
        Route("/chat/completions", chat.completions, methods=["POST"]),
        Route("/responses", responses.responses, methods=["POST"]),
        Route("/embeddings", chat.embeddings, methods=["POST"]),
        Route("/images/generations", images.images, methods=["POST"]),
        Route("/audio/speech", speech.speech, methods=["POST"]),
        Route("/audio/transcriptions", transcriptions.transcriptions, methods=["POST"]),
        Route("/models", models.list_models, methods=["GET"]),
        Route("/models/{id:path}", models.retrieve_model, methods=["GET"]),
    ],
    redirect_slashes=False,
)
