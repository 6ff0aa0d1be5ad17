"""`POST /audio/transcriptions`, JSON or multipart: transcribes speech made by a sandbox."""

from __future__ import annotations

import asyncio
import base64
import math
import re
from decimal import Decimal

from starlette.requests import Request
from starlette.responses import Response

from openrouter_connector.values import Json, JsonObject

from ..checks.fields import (
    BOOLEAN,
    OBJECT,
    STRING,
    TRACKING,
    Check,
    check_fields,
    instance_of,
    is_base64,
    is_one_of,
    is_string,
    is_url,
    number,
    require_fields,
)
from ..content.audio_inspection import InspectedAudio, inspect_audio
from ..content.sentences import join_sentences
from ..errors import RefusedRequest, edge_timeout, invalid, payload_too_large, wrong_endpoint
from ..inference import Inference, json_body, json_response
from ..read_multipart import read_fields
from ..usage import count_tokens, to_dollars

FORMATS = {"wav", "mp3", "flac", "m4a", "ogg", "webm", "aac", "pcm", "pcm16"}
MAX_BYTES = 25_000_000
MAX_SECONDS = 1200
"""Longer audio does not fit into the 60 seconds of processing that a request gets upstream."""
TOKENS_PER_SECOND = 10
FORMAT_ALIASES = {"mpeg": "mp3", "x-wav": "wav", "wave": "wav", "mp4": "m4a", "x-m4a": "m4a"}
CHECKS: dict[str, Check] = {
    "model": STRING,
    "input_audio": OBJECT,
    "language": (
        "two lower-case letters (ISO-639-1)",  # `EN` and `pt-BR` are refused
        lambda v: isinstance(v, str) and re.fullmatch("[a-z]{2}", v) is not None,
    ),
    "temperature": number(0, 1),
    "response_format": ('one of "json"|"verbose_json"', lambda v: v in ("json", "verbose_json")),
    "timestamp_granularities": instance_of(list, "array"),
    "diarize": BOOLEAN,
    "keyterms": ("array of strings", lambda v: isinstance(v, list) and all(map(is_string, v))),
    "provider": OBJECT,
    **TRACKING,
}


async def read_body(request: Request) -> JsonObject:
    """Read a form or JSON into the shape of the JSON body; raise RefusedRequest 400 or 413."""
    content_type = request.headers.get("content-type", "")
    if not content_type.startswith("multipart/form-data"):
        return await json_body(request)
    form = await request.body()
    if len(form) > MAX_BYTES:
        raise payload_too_large()
    return _read_form(content_type, form)


def check(body: JsonObject) -> None:
    """Check the body of a transcription request; raise RefusedRequest 400."""
    require_fields(body, "model", "input_audio")
    check_fields(body, CHECKS)
    _check_audio(body["input_audio"])
    verbose = body.get("response_format") == "verbose_json"
    if body.get("timestamp_granularities") and not verbose:
        raise RefusedRequest(400, "timestamp_granularities needs response_format verbose_json")
    if body.get("diarize") and not verbose:
        raise RefusedRequest(400, "diarize needs response_format verbose_json")


def _check_audio(audio: JsonObject) -> None:
    if "url" in audio and "data" not in audio:
        if not is_url(audio["url"]) or audio["url"].startswith("data:"):
            raise invalid("input_audio.url", "an http(s) URL")
        return
    # A data URI is the most frequent mistake, so it gets its own message.
    if str(audio.get("data", "")).startswith(("data:", "http:", "https:")):
        raise invalid("input_audio.data", "raw base64, not a data URI or URL")
    if not is_base64(audio.get("data")):
        raise invalid("input_audio.data", "base64")
    if not is_one_of(audio.get("format"), FORMATS):
        raise invalid("input_audio.format", "one of " + "|".join(sorted(FORMATS)))
    if len(audio["data"]) > MAX_BYTES * 4 // 3 + 4:
        raise payload_too_large()


async def transcribe(inference: Inference) -> Response:
    """Return the sentences that the audio carries; for other audio, its duration."""
    model, body = inference.model, inference.body
    if "transcription" not in model.output_modalities:
        raise wrong_endpoint(f"{model.id} does not support transcription", model.id)
    verbose = body.get("response_format") == "verbose_json"
    # Only some providers support verbose_json, so a client cannot rely on time stamps.
    if verbose and not model.entry.get("verbose", True):
        raise RefusedRequest(400, f"response_format: verbose_json is not supported by {model.id}")
    if "url" in body["input_audio"]:
        return _without_download(inference)
    audio_format = body["input_audio"]["format"]
    data = base64.b64decode(body["input_audio"]["data"])
    # In a thread: long audio takes long to read, and other requests must not wait.
    audio = await asyncio.to_thread(inspect_audio, data, audio_format)
    if audio.seconds is not None and audio.seconds > MAX_SECONDS:
        raise edge_timeout()
    sentences = [spoken.sentence for spoken in audio.sentences]
    text = join_sentences(sentences) or _describe_foreign(audio.seconds, audio_format)
    response: JsonObject = {"text": text, "usage": _usage(inference, text, audio.seconds)}
    inference.record(response["usage"]["cost"], {"completion": text}, num_input_audio_prompt=1)
    return json_response(response | (_verbose_details(body, audio, text) if verbose else {}))


def _without_download(inference: Inference) -> Response:
    """Answer for audio at a URL, which only a real provider downloads."""
    url = inference.body["input_audio"]["url"]
    text = f"[sandbox] A provider would transcribe the audio at {url}; the sandbox is offline."
    usage = _usage(inference, text, None)
    inference.record(usage["cost"], {"completion": text}, num_input_audio_prompt=1)
    return json_response({"text": text, "usage": usage})


def _read_form(content_type: str, form: bytes) -> JsonObject:
    body: JsonObject = {}
    for field in read_fields(content_type, form):
        if field.name == "file":
            data = base64.b64encode(field.content).decode()
            audio_format = _audio_format(field.filename, field.subtype)
            body["input_audio"] = {"data": data, "format": audio_format}
        elif field.name == "source_url":
            body["input_audio"] = {"url": field.content.decode()}
        elif (name := field.name.removesuffix("[]")) in ("timestamp_granularities", "keyterms"):
            body.setdefault(name, []).append(field.content.decode())
        elif field.name == "diarize":
            body["diarize"] = field.content.decode() == "true"
        else:
            body[field.name] = field.content.decode()
    if "temperature" in body:
        body["temperature"] = _to_number(body["temperature"])
    return body


def _to_number(text: str) -> Json:
    try:
        return float(text)
    except ValueError:
        return text


def _audio_format(file_name: str, subtype: str) -> str:
    suffix = file_name.rpartition(".")[2].lower() if "." in file_name else subtype
    return FORMAT_ALIASES.get(suffix, suffix)


def _describe_foreign(seconds: float | None, audio_format: str) -> str:
    length = "Some" if seconds is None else f"{seconds:.1f} seconds of"
    return f"[sandbox] {length} {audio_format} audio that this sandbox did not speak."


def _usage(inference: Inference, text: str, seconds: float | None) -> JsonObject:
    input_tokens = math.ceil((seconds or 0) * TOKENS_PER_SECOND)
    output_tokens = count_tokens(text)
    model = inference.model
    cost = Decimal(input_tokens) * model.price("audio") + output_tokens * model.price("completion")
    return {
        "seconds": round(seconds or 0.0, 2),
        "input_tokens": input_tokens,
        "output_tokens": output_tokens,
        "total_tokens": input_tokens + output_tokens,
        "cost": to_dollars(cost),
    }


def _verbose_details(body: JsonObject, audio: InspectedAudio, text: str) -> JsonObject:
    """Return what verbose_json adds: a segment for each sentence, and words on request."""
    seconds = audio.seconds or 0.0
    spoken = [(item.sentence.text.strip(), item.start, item.end) for item in audio.sentences]
    segments = spoken or [(text, 0.0, seconds)]
    details: JsonObject = {
        "task": "transcribe",
        "language": body.get("language") or "en",
        "duration": round(seconds, 2),
        "segments": [
            {"id": number, "start": round(start, 3), "end": round(end, 3), "text": sentence}
            for number, (sentence, start, end) in enumerate(segments)
        ],
    }
    if "word" in (body.get("timestamp_granularities") or ()) or body.get("diarize"):
        details["words"] = [
            word | (_speaker(number) if body.get("diarize") else {})
            for number, segment in enumerate(segments)
            for word in _timed_words(*segment)
        ]
    return details


def _speaker(sentence: int) -> JsonObject:
    """Return the speaker of a sentence: two of them take turns."""
    return {"speaker": sentence % 2, "speaker_label": f"speaker_{sentence % 2}"}


def _timed_words(text: str, start: float, end: float) -> list[JsonObject]:
    """Divide the time of a sentence among its words, by their length."""
    words = text.split()
    per_letter = (end - start) / (sum(map(len, words)) or 1)
    timed = []
    for word in words:
        word_end = start + per_letter * len(word)
        timed.append({"start": round(start, 3), "end": round(word_end, 3), "word": word})
        start = word_end
    return timed
