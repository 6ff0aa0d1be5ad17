"""`POST /embeddings`: vectors without a model; similar texts get similar vectors."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import math
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import Response

from openrouter_connector.values import Json, JsonObject

from ..catalogue.models import Model
from ..checks.chat import check_routing
from ..checks.fields import (
    OBJECT,
    STRING,
    TRACKING,
    Check,
    check_fields,
    integer,
    is_integer,
    is_string,
    is_url,
    one_of,
    require_fields,
)
from ..errors import RefusedRequest, invalid, no_endpoints, wrong_endpoint
from ..inference import Inference, json_response
from ..usage import count_tokens, input_usage

NGRAM_LENGTHS = (3, 4, 5)
MAX_INPUTS = 2048
DIMENSIONS = 256
MEDIA_TOKENS = 258
CHECKS: dict[str, Check] = {
    "model": STRING,
    "dimensions": integer(1),
    "encoding_format": one_of(["float", "base64"]),
    "input_type": STRING,
    "provider": OBJECT,
    **TRACKING,
}


@dataclass(frozen=True, slots=True)
class Input:
    """One input: the text that its vector is made from, its tokens, its required modalities."""

    text: str
    tokens: int
    modalities: frozenset[str] = frozenset()


def check(body: JsonObject) -> None:
    """Check the body of an embeddings request; raise RefusedRequest 400."""
    require_fields(body, "model", "input")
    check_fields(body, CHECKS)
    check_routing(body.get("provider") or {})
    _read_inputs(body["input"])


async def embed(inference: Inference) -> Response:
    """Return one vector of length 1 for each input, in their order."""
    body, model = inference.body, inference.model
    inputs = _read_inputs(body["input"])
    size = _size(model, body.get("dimensions"))
    _check_inputs(model, inputs)
    # In a thread: long inputs take long, and other requests must not wait.
    vectors = await asyncio.to_thread(lambda: [vector(item.text, size) for item in inputs])
    # The OpenAI SDK requests base64 unless told otherwise (honcho#932).
    as_base64 = body.get("encoding_format") == "base64"
    rows = [
        {"object": "embedding", "index": index, "embedding": _encode(item) if as_base64 else item}
        for index, item in enumerate(vectors)
    ]
    usage = input_usage(model, sum(item.tokens for item in inputs))
    input_tokens = usage["prompt_tokens"]
    inference.record(
        usage["cost"], {}, tokens_prompt=input_tokens, native_tokens_prompt=input_tokens
    )
    response = {"id": inference.generation, "object": "list", "model": model.slug, "data": rows}
    return json_response(inference.alter_rows(response | {"usage": usage}))


def vector(text: str, size: int) -> list[float]:
    """Hash the n-grams of a text into `size` numbers, and scale the vector to length 1."""
    plain = f"  {' '.join(text.casefold().split())}  "
    totals = [0.0] * size
    for length in NGRAM_LENGTHS:
        for start in range(len(plain) - length + 1):
            number = zlib.crc32(plain[start : start + length].encode())
            totals[number % size] += 1 if number & 0x80000000 else -1
    norm = math.hypot(*totals)
    # A text without any n-gram still needs a vector of length 1.
    if not norm:
        return [1.0, *totals[1:]]
    return [round(total / norm, 7) for total in totals]


def _read_inputs(value: Json) -> list[Input]:
    """Read any of the five forms of `input`; raise RefusedRequest 400."""
    if is_string(value) and value:
        return [_from_text(value)]
    if not isinstance(value, list) or not value:
        raise invalid("input", "string, or array of at least one string, token or content")
    if len(value) > MAX_INPUTS and not all(map(is_integer, value)):
        raise invalid("input", f"array of at most {MAX_INPUTS} inputs, received {len(value)}")
    if all(map(is_integer, value)):
        return [_from_tokens(value)]
    for matches, read in FORMS:
        if all(map(matches, value)):
            return [read(item) for item in value]
    raise invalid("input", "array of one kind: strings that are not empty, tokens, or content")


def _from_text(text: str) -> Input:
    return Input(text, count_tokens(text))


def _from_tokens(numbers: list[Json]) -> Input:
    return Input(" ".join(map(str, numbers)), len(numbers))


def _from_content(item: JsonObject) -> Input:
    texts = [part["text"] for part in item["content"] if part["type"] == "text"]
    media = [part for part in item["content"] if part["type"] != "text"]
    hashes = [hashlib.sha256(_data(part).encode()).hexdigest() for part in media]
    modalities = frozenset(MEDIA[part["type"]] for part in media)
    token_count = sum(map(count_tokens, texts)) + MEDIA_TOKENS * len(media)
    return Input(" ".join([*texts, *hashes]), token_count, modalities)


MEDIA = {
    "image_url": "image",
    "input_audio": "audio",
    "input_video": "video",
    "input_file": "file",
}


def _data(part: JsonObject) -> str:
    """Return the data or the URL of a part that is not text."""
    value = part.get(part["type"])
    data = value.get("url", value.get("data")) if isinstance(value, dict) else None
    return data if isinstance(data, str) else ""


def _is_content(item: Json) -> bool:
    parts = item.get("content") if isinstance(item, dict) else None
    return isinstance(parts, list) and bool(parts) and all(map(_is_part, parts))


def _is_part(part: Json) -> bool:
    kind = part.get("type") if isinstance(part, dict) else None
    if kind == "text":
        return is_string(part.get("text")) and bool(part["text"])
    if kind == "image_url":
        return is_url(_data(part))
    return is_string(kind) and kind in MEDIA and bool(_data(part))


FORMS: tuple[tuple[Callable[[Json], bool], Callable[[Json], Input]], ...] = (
    (lambda item: is_string(item) and bool(item), _from_text),
    (
        lambda item: isinstance(item, list) and bool(item) and all(map(is_integer, item)),
        _from_tokens,
    ),
    (_is_content, _from_content),
)


def _size(model: Model, requested: int | None) -> int:
    if "embeddings" not in model.output_modalities:
        raise wrong_endpoint(f"{model.id} does not support embeddings", model.id)
    most = int(model.entry.get("dimensions", DIMENSIONS))
    if requested is not None and requested > most:
        raise RefusedRequest(400, f"dimensions: {requested} is more than the {most} of {model.id}")
    return requested or most


def _check_inputs(model: Model, inputs: list[Input]) -> None:
    """Check that the model supports the modalities and the length of the inputs."""
    required = set().union(*(item.modalities for item in inputs))
    for kind in sorted(required - set(model.input_modalities)):
        raise no_endpoints(f"No endpoints found that support {kind} input", model.id)
    longest, context = max(item.tokens for item in inputs), model.record["context_length"]
    if context is not None and longest > context:
        raise RefusedRequest(
            400,
            f"This model's maximum context length is {context} tokens. "
            f"However, an input has {longest} tokens.",
            metadata={"error_type": "context_length_exceeded"},
        )


def _encode(numbers: list[float]) -> str:
    """Return the numbers as base64 of little-endian float32."""
    return base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()
