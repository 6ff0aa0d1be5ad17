"""`createTranscription`: request times and speakers only if the user wants them."""

from __future__ import annotations

from dataclasses import replace

from ..errors import ApiError
from ..values import Call, JsonObject, ModelInfo

_TIMED = "verbose_json"


def build(call: Call, values: JsonObject, model_info: ModelInfo | None) -> Call:
    """Request timestamps. Not every provider returns them, so they are not the default."""
    levels = [level for level in ("word", "segment") if values.get(f"{level}s")]
    if not (levels or values.get("diarize")):
        return call
    timed: JsonObject = {"response_format": _TIMED}
    # The API returns words with their speakers without being asked for their times.
    timed |= {"timestamp_granularities": levels} if levels else {}
    return replace(call, body={**(call.body or {}), **timed})


def lacks_times(error: ApiError) -> bool:
    """Return whether a provider refused the response format that has the times."""
    return error.status == 400 and _TIMED in error.message
