"""`createTranscription`: times are asked for only where somebody wants them."""

from __future__ import annotations

from dataclasses import replace

from ..errors import ApiError
from ..values import Call, JsonObject, ModelInfo

_TIMED = "verbose_json"


def build(call: Call, values: JsonObject, model_info: ModelInfo | None) -> Call:
    """Ask for the times of what is said. Not every provider tells them."""
    if not values.get("segments"):
        return call
    timed = {"response_format": _TIMED, "timestamp_granularities": ["segment"]}
    return replace(call, body={**(call.body or {}), **timed})


def refuses_times(error: ApiError) -> bool:
    """Return whether a refusal means that the model cannot time its words: it names the format."""
    return error.status == 400 and _TIMED in error.message
