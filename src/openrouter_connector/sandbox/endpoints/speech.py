"""`POST /audio/speech`: raw PCM by default, mp3 on request."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain

from starlette.responses import Response, StreamingResponse

from openrouter_connector.values import Json, JsonObject

from ..catalogue.models import Model
from ..checks.fields import (
    OBJECT,
    STRING,
    TRACKING,
    Check,
    check_fields,
    instance_of,
    is_string,
    number,
    require_fields,
)
from ..content import embedded_text
from ..content.mp3 import mp3
from ..content.sentences import Sentence, split_sentences
from ..content.speech_synthesis import RATE, SENTENCE_PAUSE, silence, speak
from ..errors import RefusedRequest, invalid, provider_error, wrong_endpoint
from ..inference import Inference
from ..usage import to_dollars

CHUNK_SIZE = 16_384
MEDIA_TYPES = {"pcm": "audio/pcm", "mp3": "audio/mpeg"}
CHECKS: dict[str, Check] = {
    "model": STRING,
    "input": ("string or turns with a text", lambda v: is_string(v) or is_turns(v)),
    "instructions": STRING,
    "voice": ("string of at least 1", lambda v: isinstance(v, str) and bool(v)),
    # The API has these two alone: clients that ask for wav, opus or flac get a 400.
    "response_format": ('one of "mp3"|"pcm"', lambda v: v in ("mp3", "pcm")),
    "speed": number(0.25, 4),
    "input_references": instance_of(list, "array"),
    "provider": OBJECT,
    **TRACKING,
}
CLIPS = 3
"""How many recordings of a voice a request may have."""


def is_turns(value: Json) -> bool:
    """Whether it is a list of turns of several speakers."""
    return isinstance(value, list) and bool(value) and all(map(_is_turn, value))


def _is_turn(turn: Json) -> bool:
    return isinstance(turn, dict) and is_string(turn.get("text")) and bool(turn["text"])


def check(body: JsonObject) -> None:
    """Check the body of a speech request; raise RefusedRequest 400."""
    require_fields(body, "model", "input")
    check_fields(body, CHECKS)
    _check_references(body.get("input_references") or ())


def _check_references(references: Iterable[Json]) -> None:
    """Check the recordings and images of a voice; raise RefusedRequest 400."""
    kinds = [part.get("type") if isinstance(part, dict) else None for part in references]
    if unknown := [kind for kind in kinds if kind not in ("input_audio", "text", "image_url")]:
        raise invalid("input_references", f"known parts, received {unknown[0]}")
    if kinds.count("input_audio") > CLIPS or kinds.count("image_url") > 1:
        raise invalid("input_references", f"at most {CLIPS} recordings and one image")
    if "text" in kinds and "input_audio" not in kinds:
        raise invalid("input_references", "a recording beside its transcript")


async def synthesize(inference: Inference) -> Response:
    """Speak the input, chunk by chunk; the audio carries its text."""
    body, model = inference.body, inference.model
    # The default of the API is pcm and not mp3, a frequent surprise: the bytes do not play.
    audio_format = body.get("response_format") or "pcm"
    turns = body["input"] if isinstance(body["input"], list) else [{"text": body["input"]}]
    spoken = [
        (turn["text"], _choose_voice(model, turn.get("voice") or body.get("voice"), audio_format))
        for turn in turns
    ]
    characters = sum(len(text) for text, _ in spoken)
    _check_length(model, characters)
    cost = to_dollars(Decimal(characters) * model.price("prompt"))
    inference.record(cost, {}, tokens_prompt=characters, num_media_completion=1)
    encode = _encode_mp3 if audio_format == "mp3" else _encode_pcm
    chunks = encode(spoken, float(body.get("speed") or 1))
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


def _check_length(model: Model, characters: int) -> None:
    """Refuse a text that is too long for one request, as real providers do."""
    limit = model.entry.get("max_characters")
    if limit is not None and characters > limit:
        expected = f"String should have at most {limit} characters"
        raise provider_error("string_too_long", f"input: {expected}, received {characters}")


Spoken = Sequence[tuple[str, str]]
"""Texts, each with its voice."""


def _encode_pcm(spoken: Spoken, speed: float) -> Iterator[bytes]:
    for sentence, samples, voiced in _spoken_sentences(spoken, speed):
        embedded_text.write_to_samples(samples, sentence, voiced)
        data = samples.tobytes()
        for start in range(0, len(data), CHUNK_SIZE):
            yield data[start : start + CHUNK_SIZE]


def _encode_mp3(spoken: Spoken, speed: float) -> Iterator[bytes]:
    # The tag with the times comes before the audio, so the speech is synthesized twice; the letters
    # are cached, and nothing has to be held in memory.
    text = " ".join(text for text, _ in spoken)
    tag = embedded_text.make_id3_tag(text, list(_time_spans(spoken, speed)))
    return chain([tag], mp3(samples for _, samples, _ in _spoken_sentences(spoken, speed)))


def _time_spans(spoken: Spoken, speed: float) -> Iterator[tuple[float, float]]:
    """Yield the start and the end of each sentence, in seconds."""
    start = 0
    for _, samples, voiced in _spoken_sentences(spoken, speed):
        yield start / RATE, (start + voiced) / RATE
        start += len(samples)


def _spoken_sentences(spoken: Spoken, speed: float) -> Iterator[tuple[Sentence, array[int], int]]:
    """Yield each sentence, its samples with a pause after it, and the number without the pause."""
    for text, voice in spoken:
        for sentence in split_sentences(text):
            samples = array("h")
            for part in speak(sentence.text, voice, speed):
                samples.extend(part)
            voiced = len(samples)
            samples.extend(silence(SENTENCE_PAUSE))
            yield sentence, samples, voiced
