"""Perform an action whose input may be too long for one call: split it, and join the results."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from ...definition.model import Action
from ...values import Event, JsonObject
from ..run import Services


def split(action: Action, values: JsonObject, services: Services) -> AsyncGenerator[Event]:
    """Yield the events of an action with `splitAudio` or `splitText`; the last is the result."""
    if action.split_audio:
        from .split_audio import split_audio  # its imports are only needed here

        return split_audio(action, action.split_audio, values, services)
    if action.split_text:
        from .split_text import split_text

        return split_text(action, action.split_text, values, services)
    raise ValueError(f"{action.name} does not split its input")
