"""`createSpeech`: choose a format that plays, and that the model supports."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase

from ..errors import InputError, Problem
from ..values import Call, JsonObject, ModelInfo

# No catalogue says this: Gemini's voices refuse mp3 (adrianlyjak/obsidian-aloud-tts#144). A name
# that ends in -pcm says it itself.
_PCM_ONLY = ("google/gemini-*tts*", "*-pcm")


def build(call: Call, values: JsonObject, model_info: ModelInfo | None) -> Call:
    """Always send a format, since the API's own default is raw samples."""
    body = {"response_format": "mp3", **(call.body or {})}
    model = values["model"]
    if body["response_format"] == "mp3" and any(fnmatchcase(model, one) for one in _PCM_ONLY):
        message = f"{model} outputs only pcm; choose wav, which plays everywhere, or pcm"
        raise InputError([Problem("responseFormat", message)])
    return replace(call, body=body)
