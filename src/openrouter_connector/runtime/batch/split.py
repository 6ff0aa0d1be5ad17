"""Perform an action whose input may be too long for one call: split it, and join the results."""

from __future__ import annotations

from ...definition.model import Action
from ...values import JsonObject, Result
from ..services import Report, Services


async def split(action: Action, values: JsonObject, services: Services, report: Report) -> Result:
    """Return the result of an action with `splitAudio` or `splitText`.

    Audio may be named by its URL instead: then there is nothing to split.
    """
    if action.split_audio:
        if action.split_audio.property not in values:
            from .missing_times import transcribe_whole

            return await transcribe_whole(action, action.split_audio, values, services, report)
        from .split_audio import split_audio  # its imports are only needed here

        return await split_audio(action, action.split_audio, values, services, report)
    if action.split_text:
        from .split_text import split_text

        return await split_text(action, action.split_text, values, services, report)
    raise ValueError(f"{action.name} does not split its input")
