"""What is too long for one call: split, several parts at a time, and joined again."""

from __future__ import annotations

from ...definition.model import Action, Split
from ...values import JsonObject, Result
from ..services import Report, Services


async def split(
    action: Action, word: Split, values: JsonObject, services: Services, report: Report
) -> Result:
    """Return the result of an action whose input may be sent in parts."""
    if word.by == "silence":
        from .split_audio import split_sound  # what is long is rare

        return await split_sound(action, word, values, services, report)
    from .split_text import split_text

    return await split_text(action, word, values, services, report)
