"""`createTranscription`: request timestamps only if the user wants segments."""

from __future__ import annotations

from dataclasses import replace

from ..errors import ApiError
from ..values import Call, JsonObject, ModelInfo

_TIMED = "verbose_json"


def build(call: Call, values: JsonObject, model_info: ModelInfo | None) -> Call:
    """Request timestamps. Not every provider returns them, so they are not the default."""
    if not values.get("segments"):
        return call
    timed = {"response_format": _TIMED, "timestamp_granularities": ["segment"]}
    return replace(call, body={**(call.body or {}), **timed})


def lacks_times(error: ApiError) -> bool:
    """Return whether a provider refused the response format that has the times."""
    return error.status == 400 and _TIMED in error.message
