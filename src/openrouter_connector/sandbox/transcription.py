"""`POST /audio/transcriptions`, JSON or multipart: what a sandbox speaker said, word for word."""

from __future__ import annotations

import base64
import io
import math
import re
import wave
from decimal import Decimal

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from openrouter_connector.values import Json, JsonObject

from . import carried_text
from .checks import OBJECT, TEXT, Check, a, check_fields, is_among, is_base64, number, required
from .inference import Exchange, json_body
from .multipart import parts
from .refusals import Refusal, invalid, wrong_endpoint
from .usage import dollars, tokens

FORMATS = {"wav", "mp3", "flac", "m4a", "ogg", "webm", "aac", "pcm", "pcm16"}
LARGEST_UPLOAD = 25_000_000
TOKENS_A_SECOND = 10
MP3_RATES = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0)
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
    if len(raw) > LARGEST_UPLOAD:
        raise Refusal(413, "Request payload too large")
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
    verbose = body.get("response_format") == "verbose_json"
    if body.get("timestamp_granularities") and not verbose:
        raise Refusal(400, "timestamp_granularities needs response_format verbose_json")


async def hear(exchange: Exchange) -> Response:
    """Give back the text that the audio carries, or an honest word about what it is."""
    model, asked = exchange.model, exchange.body
    if "transcription" not in model.gives:
        raise wrong_endpoint(f"{model.id} does not support transcription", model.id)
    verbose = asked.get("response_format") == "verbose_json"
    if verbose and not model.facts.get("verbose", True):
        raise Refusal(400, f"response_format: verbose_json is not supported by {model.id}")
    data = base64.b64decode(asked["input_audio"]["data"])
    form = asked["input_audio"]["format"]
    seconds = _seconds(data, form)
    text = _carried(data)
    if text is None:
        text = _honest(seconds, form)
    reply: JsonObject = {"text": text, "usage": _usage(exchange, text, seconds)}
    exchange.record(reply["usage"]["cost"], {"completion": text}, num_input_audio_prompt=1)
    return JSONResponse(reply | (_details(asked, text, seconds or 0.0) if verbose else {}))


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


def _carried(data: bytes) -> str | None:
    if data.startswith(b"ID3"):
        return carried_text.from_id3(data)
    return carried_text.from_samples(_samples(data))


def _samples(data: bytes) -> bytes:
    """Give the samples of a WAV file, also of one whose header was written before its length."""
    start = data.find(b"data", 12) if data.startswith(b"RIFF") else -8
    return data[start + 8 :]


def _honest(seconds: float | None, form: str) -> str:
    length = "Some" if seconds is None else f"{seconds:.1f} seconds of"
    return f"[sandbox] {length} {form} audio that this sandbox did not speak."


def _seconds(data: bytes, form: str) -> float | None:
    if data.startswith(b"RIFF"):
        return _wav_seconds(data)
    if data.startswith(b"ID3") or form == "mp3":
        return _mp3_seconds(data)
    return len(data) / 48_000 if form.startswith("pcm") else None


def _wav_seconds(data: bytes) -> float | None:
    try:
        with wave.open(io.BytesIO(data)) as audio:
            frame = audio.getnchannels() * audio.getsampwidth()
            return float(len(_samples(data)) / frame / audio.getframerate())
    except (wave.Error, EOFError, ZeroDivisionError):
        return None


def _mp3_seconds(data: bytes) -> float | None:
    """Divide the size by the bit rate of the first frame, which is right at a constant rate."""
    tag = carried_text.id3_size(data)
    start = data.find(b"\xff", tag)
    if start == -1 or start + 3 > len(data) or data[start + 1] & 0xF0 != 0xF0:
        return None
    newer = data[start + 1] & 0x08
    rate = (MPEG1_RATES if newer else MP3_RATES)[data[start + 2] >> 4]
    return (len(data) - start) * 8 / (rate * 1000) if rate else None


MPEG1_RATES = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0)


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


def _details(asked: JsonObject, text: str, seconds: float) -> JsonObject:
    """Give what verbose_json adds: segments by sentence, and words when they are asked for."""
    found: JsonObject = {
        "task": "transcribe",
        "language": asked.get("language") or "en",
        "duration": round(seconds, 2),
        "segments": [
            {"id": number, **span}
            for number, span in enumerate(_spans(re.split(r"(?<=[.!?])\s+", text), seconds, "text"))
        ],
    }
    if "word" in (asked.get("timestamp_granularities") or ()):
        found["words"] = _spans(text.split(), seconds, "word")
    return found


def _spans(pieces: list[str], seconds: float, name: str) -> list[JsonObject]:
    """Share the seconds out among pieces of text by their length."""
    total = sum(map(len, pieces)) or 1
    spans, start = [], 0.0
    for piece in pieces:
        end = start + seconds * len(piece) / total
        spans.append({"start": round(start, 3), "end": round(end, 3), name: piece})
        start = end
    return spans
