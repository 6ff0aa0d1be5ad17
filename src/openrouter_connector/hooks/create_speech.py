"""`createSpeech`: a format that plays, and one that the model can speak."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase

from ..errors import InputError, Problem
from ..values import Call, JsonObject, ModelInfo

# No catalogue tells this: Gemini's voices refuse mp3 (adrianlyjak/obsidian-aloud-tts#144).
_PCM_ONLY = ("google/gemini-*tts*", "sandbox/speaker-pcm")


def build(call: Call, values: JsonObject, model_info: ModelInfo | None) -> Call:
    """Always name the format, since the API's own default is raw samples."""
    body = {"response_format": "mp3", **(call.body or {})}
    model = values["model"]
    if body["response_format"] == "mp3" and any(fnmatchcase(model, one) for one in _PCM_ONLY):
        told = f"{model} speaks only pcm; choose wav, which plays everywhere, or pcm"
        raise InputError([Problem("responseFormat", told)])
    return replace(call, body=body)
