"""`POST /audio/speech`: raw PCM by default, mp3 on request."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from decimal import Decimal
from itertools import chain

from starlette.responses import Response, StreamingResponse

from openrouter_connector.values import JsonObject

from ..catalogue.models import Model
from ..checks.fields import (
    OBJECT,
    STRING,
    Check,
    check_fields,
    instance_of,
    number,
    require_fields,
)
from ..content import embedded_text
from ..content.mp3 import mp3
from ..content.sentences import Sentence, split_sentences
from ..content.speech_synthesis import RATE, SENTENCE_PAUSE, silence, speak
from ..errors import RefusedRequest, provider_error, wrong_endpoint
from ..inference import Inference
from ..usage import to_dollars

CHUNK_SIZE = 16_384
MEDIA_TYPES = {"pcm": "audio/pcm", "mp3": "audio/mpeg"}
CHECKS: dict[str, Check] = {
    "model": STRING,
    "input": STRING,
    "voice": ("string of at least 1", lambda v: isinstance(v, str) and bool(v)),
    # The API has these two alone: clients that ask for wav, opus or flac get a 400.
    "response_format": ('one of "mp3"|"pcm"', lambda v: v in ("mp3", "pcm")),
    "speed": number(0.25, 4),
    "input_references": instance_of(list, "array"),
    "provider": OBJECT,
}


def check(body: JsonObject) -> None:
    """Check the body of a speech request; raise RefusedRequest 400."""
    require_fields(body, "model", "input")
    check_fields(body, CHECKS)


async def synthesize(inference: Inference) -> Response:
    """Speak the input, chunk by chunk; the audio carries its text."""
    body, model = inference.body, inference.model
    # The default of the API is pcm and not mp3, a frequent surprise: the bytes do not play.
    audio_format = body.get("response_format") or "pcm"
    voice = _choose_voice(model, body.get("voice"), audio_format)
    _check_length(model, body["input"])
    cost = to_dollars(Decimal(len(body["input"])) * model.price("prompt"))
    inference.record(cost, {}, tokens_prompt=len(body["input"]), num_media_completion=1)
    encode = _encode_mp3 if audio_format == "mp3" else _encode_pcm
    chunks = encode(body["input"], voice, float(body.get("speed") or 1))
    return StreamingResponse(chunks, media_type=MEDIA_TYPES[audio_format])


def _choose_voice(model: Model, voice: str | None, audio_format: str) -> str:
    voices = model.record.get("supported_voices")
    if not voices:
        raise wrong_endpoint(f"{model.id} does not support speech output", model.id)
    if audio_format not in model.entry.get("speech_formats", MEDIA_TYPES):
        raise RefusedRequest(
            400, f"response_format: {audio_format} is not supported by {model.id}, only pcm"
        )
    if voice is not None and voice not in voices and not model.is_played:
        raise RefusedRequest(
            400, f"voice: {voice} is not a voice of {model.id}; it has {', '.join(voices)}"
        )
    return voice or str(voices[0])


def _check_length(model: Model, text: str) -> None:
    """Refuse a text that is too long for one request, as real providers do."""
    limit = model.entry.get("max_characters")
    if limit is not None and len(text) > limit:
        expected = f"String should have at most {limit} characters"
        raise provider_error("string_too_long", f"input: {expected}, received {len(text)}")


def _encode_pcm(text: str, voice: str, speed: float) -> Iterator[bytes]:
    for sentence, samples, voiced in _spoken_sentences(text, voice, speed):
        embedded_text.write_to_samples(samples, sentence, voiced)
        data = samples.tobytes()
        for start in range(0, len(data), CHUNK_SIZE):
            yield data[start : start + CHUNK_SIZE]


def _encode_mp3(text: str, voice: str, speed: float) -> Iterator[bytes]:
    # The tag with the times comes before the audio, so the speech is synthesized twice; the letters
    # are cached, and nothing has to be held in memory.
    tag = embedded_text.make_id3_tag(text, list(_time_spans(text, voice, speed)))
    return chain([tag], mp3(samples for _, samples, _ in _spoken_sentences(text, voice, speed)))


def _time_spans(text: str, voice: str, speed: float) -> Iterator[tuple[float, float]]:
    """Yield the start and the end of each sentence, in seconds."""
    start = 0
    for _, samples, voiced in _spoken_sentences(text, voice, speed):
        yield start / RATE, (start + voiced) / RATE
        start += len(samples)


def _spoken_sentences(
    text: str, voice: str, speed: float
) -> Iterator[tuple[Sentence, array[int], int]]:
    """Yield each sentence, its samples with a pause after it, and the number without the pause."""
    for sentence in split_sentences(text):
        samples = array("h")
        for part in speak(sentence.text, voice, speed):
            samples.extend(part)
        voiced = len(samples)
        samples.extend(silence(SENTENCE_PAUSE))
        yield sentence, samples, voiced
