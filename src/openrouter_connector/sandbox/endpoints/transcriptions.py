"""`POST /audio/transcriptions`, JSON or multipart: what a sandbox speaker said, word for word."""

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
    OBJECT,
    TEXT,
    Check,
    a,
    check_fields,
    is_among,
    is_base64,
    number,
    required,
)
from ..content.audio_inspection import Audio, listen
from ..content.sentences import joined
from ..errors import Refusal, invalid, timed_out, too_large, wrong_endpoint
from ..inference import Exchange, json_body, json_reply
from ..multipart import parts
from ..usage import dollars, tokens

FORMATS = {"wav", "mp3", "flac", "m4a", "ogg", "webm", "aac", "pcm", "pcm16"}
LARGEST = 25_000_000
LONGEST = 1200
"""The seconds of audio that are written down in the minute that a request may take."""
TOKENS_A_SECOND = 10
SUFFIXES = {"mpeg": "mp3", "x-wav": "wav", "wave": "wav", "mp4": "m4a", "x-m4a": "m4a"}
CHECKS: dict[str, Check] = {
    "model": TEXT,
    "input_audio": OBJECT,
    "language": (
        "two lower-case letters (ISO-639-1)",
        lambda v: isinstance(v, str) and re.fullmatch("[a-z]{2}", v) is not None,
    ),
    "temperature": number(0, 1),
    "response_format": ('one of "json"|"verbose_json"', lambda v: v in ("json", "verbose_json")),
    "timestamp_granularities": a(list, "array"),
    "provider": OBJECT,
}


async def body(request: Request) -> JsonObject:
    """Read either encoding into the shape of the JSON body; raises Refusal 400 or 413."""
    kind = request.headers.get("content-type", "")
    if not kind.startswith("multipart/form-data"):
        return await json_body(request)
    raw = await request.body()
    if len(raw) > LARGEST:
        raise too_large()
    return _from_parts(kind, raw)


def check(body: JsonObject) -> None:
    """Check the body of a transcription request; raises Refusal 400."""
    required(body, "model", "input_audio")
    check_fields(body, CHECKS)
    audio = body["input_audio"]
    if str(audio.get("data", "")).startswith(("data:", "http:", "https:")):
        raise invalid("input_audio.data", "raw base64, not a data URI or URL")
    if not is_base64(audio.get("data")):
        raise invalid("input_audio.data", "base64")
    if not is_among(audio.get("format"), FORMATS):
        raise invalid("input_audio.format", "one of " + "|".join(sorted(FORMATS)))
    if len(audio["data"]) > LARGEST * 4 // 3 + 4:
        raise too_large()
    verbose = body.get("response_format") == "verbose_json"
    if body.get("timestamp_granularities") and not verbose:
        raise Refusal(400, "timestamp_granularities needs response_format verbose_json")


async def hear(exchange: Exchange) -> Response:
    """Give back the sentences that the audio carries, or an honest word about what it is."""
    model, asked = exchange.model, exchange.body
    if "transcription" not in model.gives:
        raise wrong_endpoint(f"{model.id} does not support transcription", model.id)
    verbose = asked.get("response_format") == "verbose_json"
    if verbose and not model.facts.get("verbose", True):
        raise Refusal(400, f"response_format: verbose_json is not supported by {model.id}")
    form = asked["input_audio"]["format"]
    audio = await asyncio.to_thread(listen, base64.b64decode(asked["input_audio"]["data"]), form)
    if audio.seconds is not None and audio.seconds > LONGEST:
        raise timed_out()
    text = joined([one.sentence for one in audio.heard]) or _honest(audio.seconds, form)
    response: JsonObject = {"text": text, "usage": _usage(exchange, text, audio.seconds)}
    exchange.record(response["usage"]["cost"], {"completion": text}, num_input_audio_prompt=1)
    return json_reply(response | (_details(asked, audio, text) if verbose else {}))


def _from_parts(kind: str, raw: bytes) -> JsonObject:
    found: JsonObject = {}
    for part in parts(kind, raw):
        if part.name == "file":
            data = base64.b64encode(part.content).decode()
            found["input_audio"] = {"data": data, "format": _format(part.filename, part.subtype)}
        elif part.name.startswith("timestamp_granularities"):
            found.setdefault("timestamp_granularities", []).append(part.content.decode())
        else:
            found[part.name] = part.content.decode()
    if "temperature" in found:
        found["temperature"] = _number(found["temperature"])
    return found


def _number(text: str) -> Json:
    try:
        return float(text)
    except ValueError:
        return text


def _format(file_name: str, subtype: str) -> str:
    suffix = file_name.rpartition(".")[2].lower() if "." in file_name else subtype
    return SUFFIXES.get(suffix, suffix)


def _honest(seconds: float | None, form: str) -> str:
    length = "Some" if seconds is None else f"{seconds:.1f} seconds of"
    return f"[sandbox] {length} {form} audio that this sandbox did not speak."


def _usage(exchange: Exchange, text: str, seconds: float | None) -> JsonObject:
    heard = math.ceil((seconds or 0) * TOKENS_A_SECOND)
    written = tokens(text)
    model = exchange.model
    cost = Decimal(heard) * model.price("audio") + written * model.price("completion")
    return {
        "seconds": round(seconds or 0.0, 2),
        "input_tokens": heard,
        "output_tokens": written,
        "total_tokens": heard + written,
        "cost": dollars(cost),
    }


def _details(asked: JsonObject, audio: Audio, text: str) -> JsonObject:
    """Give what verbose_json adds: a segment for each sentence, and words when asked for."""
    seconds = audio.seconds or 0.0
    heard = [(one.sentence.text.strip(), one.start, one.end) for one in audio.heard]
    spans = heard or [(text, 0.0, seconds)]
    found: JsonObject = {
        "task": "transcribe",
        "language": asked.get("language") or "en",
        "duration": round(seconds, 2),
        "segments": [
            {"id": number, "start": round(start, 3), "end": round(end, 3), "text": said}
            for number, (said, start, end) in enumerate(spans)
        ],
    }
    if "word" in (asked.get("timestamp_granularities") or ()):
        found["words"] = [word for span in spans for word in _words(*span)]
    return found


def _words(text: str, start: float, end: float) -> list[JsonObject]:
    """Share the time of a sentence out among its words by their length."""
    words = text.split()
    each = (end - start) / (sum(map(len, words)) or 1)
    spans = []
    for word in words:
        spoken = start + each * len(word)
        spans.append({"start": round(start, 3), "end": round(spoken, 3), "word": word})
        start = spoken
    return spans
