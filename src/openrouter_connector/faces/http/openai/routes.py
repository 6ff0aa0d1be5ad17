"""The endpoints. OpenAI describes them, and our own document leaves them out."""

from __future__ import annotations

from starlette.routing import Route, Router

from . import chat, images, models, speech, transcriptions
from .relay_call import CONNECTION

ROOT = "/openai/v1"
_CLIENT = ("Arch", "Lang", "OS", "Package-Version", "Retry-Count", "Runtime", "Timeout")
SENT = (CONNECTION, "X-Stainless-Runtime-Version", *(f"X-Stainless-{name}" for name in _CLIENT))
"""Headers that the client sends from a page of another origin."""
READ = ("X-Generation-Id", "X-Should-Retry")
"""Headers that it reads there."""

# Plain routes of Starlette: FastAPI would find nothing to validate, and take its time for it.
endpoints = Router(
    [
        Route("/chat/completions", chat.completions, methods=["POST"]),
        Route("/embeddings", chat.embeddings, methods=["POST"]),
        Route("/images/generations", images.images, methods=["POST"]),
        Route("/audio/speech", speech.speech, methods=["POST"]),
        Route("/audio/transcriptions", transcriptions.transcriptions, methods=["POST"]),
        Route("/models", models.listed, methods=["GET"]),
        Route("/models/{id:path}", models.model, methods=["GET"]),
    ],
    redirect_slashes=False,
)
