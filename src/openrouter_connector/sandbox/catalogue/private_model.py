"""The private model of the sandbox: there for a key with `private` in it, and for nobody else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from ..state import caller
from . import models
from .models import Model

NAME = "sandbox/house-style"


def find(asked: str) -> Model:
    """Give the model that answers to a name, for the key that asks; raises Refusal 400."""
    return private() if asked == NAME and _entitled() else models.find(asked)


def visible() -> Iterable[Model]:
    """Give every model that the key which asks may see."""
    listed = models.by_id().values()
    return [*listed, private()] if _entitled() else listed


@cache
def private() -> Model:
    """Give the private model: Echo, fine-tuned by its owner."""
    echo = models.by_id()["sandbox/echo"]
    slug = f"{NAME}-20260801"
    row = echo.row | {
        "id": NAME,
        "canonical_slug": slug,
        "name": "Sandbox: House Style",
        "description": "Private to its owner. It answers as Echo does.",
        "links": {"details": f"/api/v1/private/models/{slug}/endpoints"},
    }
    return replace(echo, id=NAME, row=row)


def _entitled() -> bool:
    return "private" in caller.get()
