"""Estimate what a call to OpenRouter will cost: a low and a high side, in USD.

The path of a call decides how it is billed. Unlike prices are never added up, only the amounts of
money that they come to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import NamedTuple

from ..money import format_usd, parse_amount
from ..runtime.preflight import tokens
from ..runtime.preflight.estimate import Estimate
from ..runtime.preflight.interval import NOTHING, UNKNOWN, Interval
from ..runtime.preflight.row_values import count_at, words_at
from ..runtime.prompt_parts import PromptFormat, prompt_parts
from ..values import Call, JsonObject, ModelInfo
from .catalogue_row import context_lengths, plugins
from .image_prices import image_cost, image_count
from .pricing import Pricing


def estimate(
    call: Call,
    model_info: ModelInfo | None,
    prompt_format: PromptFormat,
    endpoints: list[JsonObject] | None = None,
    seconds: Interval | None = None,
) -> Estimate | None:
    """Return the cost of a call; None for one without a body, or an unknown model.

    `endpoints` are those of an image model, whose own row has no prices; `seconds` is the length
    of the audio to transcribe, of which silent parts may be left out.
    """
    if model_info is None or call.body is None:
        return None
    if seconds is not None:
        return _by_seconds(model_info.row, seconds)
    billed = _Billed(call.body, model_info.row, endpoints or [], prompt_format)
    return _BY_PATH.get(call.path, _by_tokens)(billed)


class _Billed(NamedTuple):
    """The body of a call, and what the catalogue says about its model."""

    body: JsonObject
    row: JsonObject
    endpoints: list[JsonObject]
    prompt_format: PromptFormat

    @property
    def pricing(self) -> Pricing:
        """The prices in the model's row."""
        return Pricing(self.row.get("pricing"))


def answer_tokens(body: JsonObject, row: JsonObject, prompt: Interval) -> Interval:
    """Estimate the length of an answer, by the request, the model and the room in its context."""
    # Either name may be set, by the form or in `extraBody`; the provider takes one of them.
    requested = max((found for name in _MAXIMA if (found := count_at(body, name))), default=None)
    most = count_at(row, "top_provider.max_completion_tokens")
    context = max(context_lengths(row), default=None)
    room = max(1, context - int(prompt.low)) if context else None
    limits = [limit for limit in (requested, most, room) if limit is not None]
    return Interval(Decimal(1), Decimal(min(limits)) if limits else None)


def _by_tokens(billed: _Billed) -> Estimate:
    body, row, pricing = billed.body, billed.row, billed.pricing
    prompt = tokens.prompt_tokens(body, billed.prompt_format)
    answer = answer_tokens(body, row, prompt)
    read, written = pricing.price("prompt", prompt), pricing.price("completion", prompt)
    # Thinking is billed as output, at a price of its own if there is one.
    highest = (written | pricing.price("internal_reasoning", prompt)).high
    images = sum(part.kind == "image" for part in prompt_parts(body, billed.prompt_format))
    cost = prompt * read + answer * Interval(written.low, highest)
    cost += pricing.price("request") + Interval.of(images) * pricing.price("image")
    # A router has a negative price, which means that it varies.
    if None in (read.high, written.high):
        return _estimate(cost + UNKNOWN, _VARIABLE)
    uncounted = list(_uncounted(billed))
    if cost.high == 0 and not uncounted:
        return _estimate(cost, _FREE)
    basis = [f"a prompt of {_between(prompt)} tokens at {_per_million(read)}"]
    if highest != 0:
        basis.append(f"an answer of {_between(answer)} tokens at {_per_million(written)}")
    basis += [*tokens.basis(body, billed.prompt_format), *uncounted, _LISTED]
    basis += [_REPAIRED] if body.get("response_format") else []
    return _estimate(cost + UNKNOWN if uncounted else cost, *basis)


def _uncounted(billed: _Billed) -> Iterator[str]:
    """Yield what is billed in addition and cannot be counted in advance."""
    body, audio = billed.body, billed.pricing.price("audio")
    kinds = {part.kind for part in prompt_parts(body, billed.prompt_format)}
    if kinds & {"audio", "video"} and audio.high != 0:
        yield f"audio is billed in addition, at {_per_million(audio)} tokens"
    accepted = words_at(billed.row, "architecture.input_modalities") or ["file"]
    if "file" in kinds and "file" not in accepted:
        yield "reading the document may be billed in addition, by the page"
    if "web" in plugins(body) or str(body.get("model")).endswith(":online"):
        yield "web searches are billed in addition"
    if "image" in (words_at(body, "modalities") or ()):
        yield "the tokens of a generated image are not known in advance"
    if body.get("models"):
        yield "a fallback model may answer, at its own price"


def _by_characters(billed: _Billed) -> Estimate:
    pricing, count = billed.pricing, len(str(billed.body.get("input") or ""))
    price = pricing.price("prompt")
    cost = Interval.of(count) * price + pricing.price("request")
    if price.high is None:
        return _estimate(cost, _VARIABLE)
    basis = [f"{count:,} characters at {_per_million(price)}"]
    if (pricing.price("completion") + pricing.price("audio_output")).high != 0:
        cost += UNKNOWN
        basis.append("the audio is billed in addition, by its length")
    return _estimate(cost, *basis)


def _by_images(billed: _Billed) -> Estimate:
    cost = image_cost(billed.body, billed.endpoints, billed.prompt_format)
    if cost is None:
        return _estimate(UNKNOWN, "no endpoint of the model lists the price of an image")
    count = image_count(billed.body)
    basis = "an image" if count == 1 else f"{count} images"
    if cost.high is None:
        return _estimate(cost, f"{basis}, billed by tokens or a size that is not known in advance")
    return _estimate(cost, f"{basis}, at the cheapest and the most expensive endpoint")


def _by_unknown_seconds(billed: _Billed) -> Estimate:
    return _estimate(UNKNOWN, "audio is billed by its length, which is not known in advance")


def _by_seconds(row: JsonObject, length: Interval) -> Estimate:
    """Return the cost of a transcription: by the length of its audio, or by its tokens."""
    pricing = Pricing(row.get("pricing"))
    listed, written = pricing.price("prompt"), pricing.price("completion")
    # Some rows price audio by itself; in the others `prompt` is the price of a second or a token.
    audio = pricing.price("audio") if pricing.price("audio").high != 0 else listed
    if not length.high:
        return _estimate(NOTHING, "the audio is silent, so nothing is sent")
    most = "" if length.low else "up to "
    duration = f"{most}{length.high:,.1f} seconds of audio"
    if audio.high is None or written.high is None:
        return _estimate(UNKNOWN, duration, _VARIABLE)
    if audio.high == written.high == 0:
        return _estimate(NOTHING, _FREE)
    if written.high:
        text = Interval(NOTHING.low, length.high * _TEXT_TOKENS_PER_SECOND + _TEXT_TOKENS_OF_NOISE)
        cost = length * _AUDIO_TOKENS_PER_SECOND * audio + text * written
        each = f"{_between(_AUDIO_TOKENS_PER_SECOND)} tokens each at {_per_million(audio)}"
        transcript = f"a text of up to {text.high:,.0f} tokens at {_per_million(written)}"
        return _estimate(cost, f"{duration}, estimated at {each}", transcript)
    if audio.high > _HIGHEST_PRICE_OF_A_SECOND:
        return _estimate(UNKNOWN, duration, "the catalogue does not name the unit of its price")
    minute = format_usd(float(audio.high * 60))
    basis = f"{duration} at {minute} a minute, if the catalogue prices seconds"
    return _estimate(length * audio, basis)


def _by_video(billed: _Billed) -> Estimate:
    # There is no fixed list of these names, only their beginnings are known.
    skus, seconds = billed.row.get("pricing_skus"), count_at(billed.body, "duration")
    length = Interval.of(seconds) if seconds else UNKNOWN
    costs = [
        (length if name.startswith("duration_seconds") else Interval.of(1)) * Interval.of(price)
        for name, value in (skus.items() if isinstance(skus, dict) else ())
        if name.startswith(("duration_seconds", "generate"))
        and (price := parse_amount(value)) is not None
    ]
    if not costs:
        return _estimate(UNKNOWN, "the catalogue lists no price that an estimate can use")
    return _estimate(reduce(or_, costs), "the lowest and the highest price that the model lists")


def _by_searches(billed: _Billed) -> Estimate:
    return _estimate(
        UNKNOWN, "reranking is billed by searches, whose price the catalogue does not list"
    )


_BY_PATH: dict[str, Callable[[_Billed], Estimate]] = {
    "/audio/speech": _by_characters,
    "/audio/transcriptions": _by_unknown_seconds,
    "/images": _by_images,
    "/rerank": _by_searches,
    "/videos": _by_video,
}
_AUDIO_TOKENS_PER_SECOND = Interval(Decimal(8), Decimal(50))
"""8 to 17 in models of OpenAI, 25 to 32 in Gemini, 50 in Whisper."""
_TEXT_TOKENS_PER_SECOND, _TEXT_TOKENS_OF_NOISE = 10, 50
"""Tokens of text in a second of speech, and in a call whose audio holds no speech."""
# USD. Some models list the price of an hour, and none charges 36 dollars for one.
_HIGHEST_PRICE_OF_A_SECOND = Decimal("0.01")
_MAXIMA = ("max_completion_tokens", "max_tokens", "max_output_tokens")
_FREE = "the model is free"
_VARIABLE = "the price is variable: the catalogue lists none"
_LISTED = "catalogue prices; other providers may charge differently"
_REPAIRED = "an answer that does not match the schema may be requested once more, for about as much"


def _estimate(cost: Interval, *basis: str) -> Estimate:
    high = None if cost.high is None else float(cost.high)
    return Estimate(float(cost.low), high, basis=basis)


def _between(count: Interval) -> str:
    low = f"{count.low:,.0f}"
    if count.high is None:
        return f"{low} or more"
    return low if count.high == count.low else f"{low} to {count.high:,.0f}"


def _per_million(price: Interval) -> str:
    """Return the price of one unit as that of a million, which people compare."""
    low, high = (
        format_usd(float(side * 1_000_000)) for side in (price.low, price.high or price.low)
    )
    return f"{low} per million" if low == high else f"{low} to {high} per million"
