"""`createTranscription`: times are asked for only where somebody wants them."""

from __future__ import annotations

from dataclasses import replace

from ..errors import ApiError
from ..values import Call, JsonObject, ModelInfo


def build(call: Call, values: JsonObject, model_info: ModelInfo | None) -> Call:
    """Ask for the times of what is said. Not every provider tells them."""
    if not values.get("segments"):
        return call
    timed = {"response_format": "verbose_json", "timestamp_granularities": ["segment"]}
    return replace(call, body={**(call.body or {}), **timed})


def lacks_times(error: ApiError) -> bool:
    """Return whether a provider refused the response format that has the times."""
    return error.status == 400 and "verbose_json" in error.message
