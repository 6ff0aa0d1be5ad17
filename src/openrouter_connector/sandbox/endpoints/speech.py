"""`POST /audio/speech`: raw PCM by default, mp3 when asked."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from decimal import Decimal
from itertools import chain

from starlette.responses import Response, StreamingResponse

from openrouter_connector.values import JsonObject

from ..catalogue.models import Model
from ..checks.fields import OBJECT, TEXT, Check, a, check_fields, number, required
from ..content import embedded_text
from ..content.mp3 import mp3
from ..content.sentences import Sentence, sentences
from ..content.speech_synthesis import BREATH, RATE, silence, speak
from ..errors import Refusal, provider_refused, wrong_endpoint
from ..inference import Exchange
from ..usage import dollars

PIECE = 16_384
MEDIA_TYPES = {"pcm": "audio/pcm", "mp3": "audio/mpeg"}
CHECKS: dict[str, Check] = {
    "model": TEXT,
    "input": TEXT,
    "voice": ("string of at least 1", lambda v: isinstance(v, str) and bool(v)),
    "response_format": ('one of "mp3"|"pcm"', lambda v: v in ("mp3", "pcm")),
    "speed": number(0.25, 4),
    "input_references": a(list, "array"),
    "provider": OBJECT,
}


def check(body: JsonObject) -> None:
    """Check the body of a speech request; raises Refusal 400."""
    required(body, "model", "input")
    check_fields(body, CHECKS)


async def say(exchange: Exchange) -> Response:
    """Speak the input, in pieces; the text travels inside the audio."""
    body, model = exchange.body, exchange.model
    form = body.get("response_format") or "pcm"
    voice = _voice(model, body.get("voice"), form)
    _check_length(model, body["input"])
    cost = dollars(Decimal(len(body["input"])) * model.price("prompt"))
    exchange.record(cost, {}, tokens_prompt=len(body["input"]), num_media_completion=1)
    make = _mp3 if form == "mp3" else _pcm
    parts = make(body["input"], voice, float(body.get("speed") or 1))
    return StreamingResponse(parts, media_type=MEDIA_TYPES[form])


def _voice(model: Model, asked: str | None, form: str) -> str:
    voices = model.row.get("supported_voices")
    if not voices:
        raise wrong_endpoint(f"{model.id} does not support speech output", model.id)
    if form not in model.facts.get("speech_formats", MEDIA_TYPES):
        raise Refusal(400, f"response_format: {form} is not supported by {model.id}, only pcm")
    if asked is not None and asked not in voices:
        raise Refusal(
            400, f"voice: {asked} is not a voice of {model.id}; it has {', '.join(voices)}"
        )
    return asked or str(voices[0])


def _check_length(model: Model, text: str) -> None:
    """Refuse more than the model speaks at once, as the providers behind the API do."""
    most = model.facts.get("most_characters")
    if most is not None and len(text) > most:
        told = f"String should have at most {most} characters"
        raise provider_refused("string_too_long", f"input: {told}, received {len(text)}")


def _pcm(text: str, voice: str, speed: float) -> Iterator[bytes]:
    for sentence, samples, voiced in _spoken(text, voice, speed):
        embedded_text.into_samples(samples, sentence, voiced)
        data = samples.tobytes()
        for start in range(0, len(data), PIECE):
            yield data[start : start + PIECE]


def _mp3(text: str, voice: str, speed: float) -> Iterator[bytes]:
    tag = embedded_text.id3_tag(text, list(_spans(text, voice, speed)))
    return chain([tag], mp3(samples for _, samples, _ in _spoken(text, voice, speed)))


def _spans(text: str, voice: str, speed: float) -> Iterator[tuple[float, float]]:
    """Give the begin and the end of each sentence, in seconds."""
    start = 0
    for _, samples, voiced in _spoken(text, voice, speed):
        yield start / RATE, (start + voiced) / RATE
        start += len(samples)


def _spoken(text: str, voice: str, speed: float) -> Iterator[tuple[Sentence, array[int], int]]:
    """Give each sentence, its samples with the breath after it, and how many come before that."""
    for sentence in sentences(text):
        samples = array("h")
        for part in speak(sentence.text, voice, speed):
            samples.extend(part)
        voiced = len(samples)
        samples.extend(silence(BREATH))
        yield sentence, samples, voiced
