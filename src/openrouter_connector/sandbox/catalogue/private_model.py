"""The private model of the sandbox: only keys with `private` in their text can see and call it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from ..state import current_key
from .models import Model, find_model, models_by_id

NAME = "sandbox/house-style"


def find(name: str) -> Model:
    """Return the model for a name, as the calling key sees it; raise RefusedRequest 400."""
    return private_model() if name == NAME and _is_owner() else find_model(name)


def visible_models() -> Iterable[Model]:
    """Return every model that the calling key may see."""
    listed = models_by_id().values()
    return [*listed, private_model()] if _is_owner() else listed


@cache
def private_model() -> Model:
    """Return the private model: Echo, fine-tuned by its owner."""
    echo = models_by_id()["sandbox/echo"]
    slug = f"{NAME}-20260801"
    record = echo.record | {
        "id": NAME,
        "canonical_slug": slug,
        "name": "Sandbox: House Style",
        "description": "Private to its owner. It answers as Echo does.",
        "links": {"details": f"/api/v1/private/models/{slug}/endpoints"},
    }
    return replace(echo, id=NAME, record=record)


def _is_owner() -> bool:
    return "private" in current_key.get()
