"""`POST /embeddings`: vectors without a model, near each other where the texts are alike."""

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
from ..checks.fields import (
    OBJECT,
    TEXT,
    Check,
    check_fields,
    check_routing,
    is_link,
    is_text,
    is_whole,
    one_of,
    required,
    whole,
)
from ..errors import Refusal, invalid, no_endpoints, wrong_endpoint
from ..inference import Exchange, json_reply
from ..usage import input_usage, tokens

GRAMS = (3, 4, 5)
MOST_INPUTS = 2048
DIMENSIONS = 256
MEDIA_TOKENS = 258
CHECKS: dict[str, Check] = {
    "model": TEXT,
    "dimensions": whole(1),
    "encoding_format": one_of(["float", "base64"]),
    "input_type": TEXT,
    "user": TEXT,
    "provider": OBJECT,
}


@dataclass(frozen=True, slots=True)
class Piece:
    """One input: what its vector is made of, its tokens, and the modalities it needs."""

    text: str
    tokens: int
    needs: frozenset[str] = frozenset()


def check(body: JsonObject) -> None:
    """Check the body of an embeddings request; raises Refusal 400."""
    required(body, "model", "input")
    check_fields(body, CHECKS)
    check_routing(body.get("provider") or {})
    _pieces(body["input"])


async def embed(exchange: Exchange) -> Response:
    """Give one vector of length 1 for each input, in their order."""
    body, model = exchange.body, exchange.model
    pieces = _pieces(body["input"])
    size = _size(model, body.get("dimensions"))
    _check_pieces(model, pieces)
    vectors = await asyncio.to_thread(lambda: [vector(piece.text, size) for piece in pieces])
    packed = body.get("encoding_format") == "base64"
    rows = [
        {"object": "embedding", "index": place, "embedding": _packed(found) if packed else found}
        for place, found in enumerate(vectors)
    ]
    usage = input_usage(model, sum(piece.tokens for piece in pieces))
    counted = usage["prompt_tokens"]
    exchange.record(usage["cost"], {}, tokens_prompt=counted, native_tokens_prompt=counted)
    response = {"id": exchange.generation, "object": "list", "model": model.slug, "data": rows}
    return json_reply(exchange.spoiled(response | {"usage": usage}))


def vector(text: str, size: int) -> list[float]:
    """Hash the short runs of characters of a text into `size` numbers, and scale them to 1."""
    plain = f"  {' '.join(text.casefold().split())}  "
    totals = [0.0] * size
    for length in GRAMS:
        for start in range(len(plain) - length + 1):
            number = zlib.crc32(plain[start : start + length].encode())
            totals[number % size] += 1 if number & 0x80000000 else -1
    norm = math.hypot(*totals)
    if not norm:
        return [1.0, *totals[1:]]
    return [round(total / norm, 7) for total in totals]


def _pieces(given: Json) -> list[Piece]:
    """Read any of the five forms of `input`; raises Refusal 400."""
    if is_text(given) and given:
        return [_of_text(given)]
    if not isinstance(given, list) or not given:
        raise invalid("input", "string, or array of at least one string, token or content")
    if len(given) > MOST_INPUTS and not all(map(is_whole, given)):
        raise invalid("input", f"array of at most {MOST_INPUTS} inputs, received {len(given)}")
    if all(map(is_whole, given)):
        return [_of_tokens(given)]
    for holds, piece in FORMS:
        if all(map(holds, given)):
            return [piece(item) for item in given]
    raise invalid("input", "array of one kind: strings that are not empty, tokens, or content")


def _of_text(text: str) -> Piece:
    return Piece(text, tokens(text))


def _of_tokens(numbers: list[Json]) -> Piece:
    return Piece(" ".join(map(str, numbers)), len(numbers))


def _of_content(item: JsonObject) -> Piece:
    texts = [part["text"] for part in item["content"] if part["type"] == "text"]
    media = [part for part in item["content"] if part["type"] != "text"]
    seen = [hashlib.sha256(_data(part).encode()).hexdigest() for part in media]
    needs = frozenset(MEDIA[part["type"]] for part in media)
    counted = sum(map(tokens, texts)) + MEDIA_TOKENS * len(media)
    return Piece(" ".join([*texts, *seen]), counted, needs)


MEDIA = {
    "image_url": "image",
    "input_audio": "audio",
    "input_video": "video",
    "input_file": "file",
}


def _data(part: JsonObject) -> str:
    """Give the data or the address of a part that is not text."""
    inner = part.get(part["type"])
    held = inner.get("url", inner.get("data")) if isinstance(inner, dict) else None
    return held if isinstance(held, str) else ""


def _is_content(item: Json) -> bool:
    parts = item.get("content") if isinstance(item, dict) else None
    return isinstance(parts, list) and bool(parts) and all(map(_is_part, parts))


def _is_part(part: Json) -> bool:
    kind = part.get("type") if isinstance(part, dict) else None
    if kind == "text":
        return is_text(part.get("text")) and bool(part["text"])
    if kind == "image_url":
        return is_link(_data(part))
    return is_text(kind) and kind in MEDIA and bool(_data(part))


FORMS: tuple[tuple[Callable[[Json], bool], Callable[[Json], Piece]], ...] = (
    (lambda item: is_text(item) and bool(item), _of_text),
    (lambda item: isinstance(item, list) and bool(item) and all(map(is_whole, item)), _of_tokens),
    (_is_content, _of_content),
)


def _size(model: Model, asked: int | None) -> int:
    if "embeddings" not in model.gives:
        raise wrong_endpoint(f"{model.id} does not support embeddings", model.id)
    most = int(model.facts.get("dimensions", DIMENSIONS))
    if asked is not None and asked > most:
        raise Refusal(400, f"dimensions: {asked} is more than the {most} of {model.id}")
    return asked or most


def _check_pieces(model: Model, pieces: list[Piece]) -> None:
    """Refuse inputs of a kind or a length that the model does not take."""
    for kind in sorted(set().union(*(piece.needs for piece in pieces)) - set(model.takes)):
        raise no_endpoints(f"No endpoints found that support {kind} input", model.id)
    longest, room = max(piece.tokens for piece in pieces), model.row["context_length"]
    if room is not None and longest > room:
        raise Refusal(
            400,
            f"This model's maximum context length is {room} tokens. "
            f"However, an input has {longest} tokens.",
            metadata={"error_type": "context_length_exceeded"},
        )


def _packed(numbers: list[float]) -> str:
    """Write numbers as base64 of little-endian float32."""
    return base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()
