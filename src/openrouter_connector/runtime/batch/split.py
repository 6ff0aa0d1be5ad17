"""What is too long for one call: split, several parts at a time, and joined again."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from ...definition.model import Action, Split
from ...values import Event, JsonObject
from ..run import Services


def split(
    action: Action, word: Split, values: JsonObject, services: Services
) -> AsyncGenerator[Event]:
    """Give the steps of an action whose input may go in parts; the last one is the result."""
    if word.by == "silence":
        from .split_audio import split_sound  # what is long is rare

        return split_sound(action, word, values, services)
    from .split_text import split_text

    return split_text(action, word, values, services)
