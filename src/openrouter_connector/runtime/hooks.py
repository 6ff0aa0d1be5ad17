"""Find the functions that an action's hook module defines."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module

from ..definition.model import Action
from ..values import Json


def hook_of(action: Action, name: str) -> Callable[..., Json] | None:
    """Return the hook's function of this name (see `hooks/__init__.py`), or None."""
    return _function(action.hook, name) if action.hook else None


@cache
def _function(module: str, name: str) -> Callable[..., Json] | None:
    return getattr(import_module(f"openrouter_connector.hooks.{module}"), name, None)
