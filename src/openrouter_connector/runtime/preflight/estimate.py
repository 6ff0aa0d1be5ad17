"""What a call will cost, as far as that can be told before: a low and a high side, in USD.

How a call is billed follows from where it is sent. Unlike prices are never added up; only the
amounts of money are that they come to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from operator import or_

from ...money import format_usd, parse_amount
from ...values import Call, JsonObject, ModelInfo
from . import tokens
from .image_prices import picture_cost, picture_count
from .interval import NOTHING, UNKNOWN, Span
from .pricing import Tariff
from .row_values import context_lengths, count_at, plugins, words_at


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a call will cost: at least `low`, at most `high`; None: no upper bound is known."""

    low: float
    high: float | None
    currency: str = "USD"
    basis: tuple[str, ...] = ()
    """What was counted, at which price, and what could not be."""

    def to_json(self) -> JsonObject:
        """Give `{low, high, currency, basis}`."""
        return {
            "low": self.low,
            "high": self.high,
            "currency": self.currency,
            "basis": list(self.basis),
        }

    @classmethod
    def of_all(cls, estimates: Sequence[Estimate], unit: str) -> Estimate:
        """Add up what the calls for several things will cost; the basis is that of the first."""
        highs = [one.high for one in estimates]
        high = None if None in highs else sum(filter(None, highs))
        first = estimates[0].basis
        basis = (f"{len(estimates)} {unit}, of which the first", *first) if highs[1:] else first
        return cls(sum(one.low for one in estimates), high, basis=basis)

    def sentence(self) -> str:
        """Say it in one line, for people."""
        low = format_usd(self.low)
        if self.high is None:
            cost = f"costs {low} or more" if self.low else "what it costs is not known before"
        else:
            cost = f"costs {low}" + (f" to {format_usd(self.high)}" if self.high > self.low else "")
        return f"{cost}: {'; '.join(self.basis)}" if self.basis else cost


def estimate(
    call: Call,
    model_info: ModelInfo | None,
    prices: list[JsonObject] | None = None,
    seconds: Span | None = None,
) -> Estimate | None:
    """Estimate a call; None for one without a body, or when nothing is known of the model.

    `prices` are the endpoints of a picture model, whose own row tells none; `seconds` is how much
    sound is to be written down, of which some may be silent, and not be sent.
    """
    if model_info is None or call.body is None:
        return None
    if seconds is not None:
        return _by_seconds(model_info.row, seconds)
    return _BILLED.get(call.path, _by_tokens)(call.body, model_info.row, prices or [])


def answer_tokens(body: JsonObject, row: JsonObject, prompt: Span) -> Span:
    """Tell how long the answer may be: as is asked, as the model can, as the context has room."""
    asked = max((found for name in _MAXIMA if (found := count_at(body, name))), default=None)
    most = count_at(row, "top_provider.max_completion_tokens")
    context = max(context_lengths(row), default=None)
    room = max(1, context - int(prompt.low)) if context else None
    limits = [limit for limit in (asked, most, room) if limit is not None]
    return Span(Decimal(1), Decimal(min(limits)) if limits else None)


def _by_tokens(body: JsonObject, row: JsonObject, prices: list[JsonObject]) -> Estimate:
    tariff, prompt = Tariff(row.get("pricing")), tokens.prompt_tokens(body)
    answer = answer_tokens(body, row, prompt)
    read, written = tariff.price("prompt", prompt), tariff.price("completion", prompt)
    # Thinking is billed as output, at a price of its own if there is one.
    dearest = (written | tariff.price("internal_reasoning", prompt)).high
    images = Span.of(sum(piece.kind == "image" for piece in tokens.pieces(body)))
    cost = prompt * read + answer * Span(written.low, dearest)
    cost += tariff.price("request") + images * tariff.price("image")
    if None in (read.high, written.high):
        return _told(cost + UNKNOWN, _VARIABLE)
    uncounted = list(_uncounted(body, row, tariff))
    if cost.high == 0 and not uncounted:
        return _told(cost, "the model is free")
    basis = [f"a prompt of {_between(prompt)} tokens at {_each(read)}"]
    if dearest != 0:
        basis.append(f"an answer of {_between(answer)} tokens at {_each(written)}")
    basis += [*tokens.basis(body), *uncounted, _LISTED]
    basis += [_REPAIRED] if body.get("response_format") else []
    return _told(cost + UNKNOWN if uncounted else cost, *basis)


def _uncounted(body: JsonObject, row: JsonObject, tariff: Tariff) -> Iterator[str]:
    """Name what is billed besides, and cannot be counted before."""
    kinds = {piece.kind for piece in tokens.pieces(body)}
    if kinds & {"audio", "video"} and tariff.price("audio").high != 0:
        yield f"sound is billed besides, at {_each(tariff.price('audio'))} tokens"
    takes = words_at(row, "architecture.input_modalities") or ["file"]
    if "file" in kinds and "file" not in takes:
        yield "reading the document may be billed besides, by the page"
    if "web" in plugins(body) or str(body.get("model")).endswith(":online"):
        yield "web searches are billed besides"
    if "image" in (words_at(body, "modalities") or ()):
        yield "how many tokens a picture takes is not known before"
    if body.get("models"):
        yield "a fallback model may answer, at its own price"


def _by_characters(body: JsonObject, row: JsonObject, prices: list[JsonObject]) -> Estimate:
    tariff, count = Tariff(row.get("pricing")), len(str(body.get("input") or ""))
    price = tariff.price("prompt")
    cost = Span.of(count) * price + tariff.price("request")
    if price.high is None:
        return _told(cost, _VARIABLE)
    basis = [f"{count:,} characters at {_each(price)}"]
    if (tariff.price("completion") + tariff.price("audio_output")).high != 0:
        cost += UNKNOWN
        basis.append("the sound is billed besides, by its length")
    return _told(cost, *basis)


def _by_pictures(body: JsonObject, row: JsonObject, prices: list[JsonObject]) -> Estimate:
    cost = picture_cost(body, prices)
    if cost is None:
        return _told(UNKNOWN, "no endpoint of the model lists the price of a picture")
    count = picture_count(body)
    basis = "a picture" if count == 1 else f"{count} pictures"
    if cost.high is None:
        return _told(cost, f"{basis}, billed by tokens or a size that is not known before")
    return _told(cost, f"{basis}, at the cheapest and the dearest endpoint")


def _by_length_of_sound(body: JsonObject, row: JsonObject, prices: list[JsonObject]) -> Estimate:
    return _told(UNKNOWN, "sound is billed by its length, which is not known before")


def _by_seconds(row: JsonObject, length: Span) -> Estimate:
    """Sound is billed by its length, or by the tokens that it takes and those of the text."""
    tariff = Tariff(row.get("pricing"))
    listed, written = tariff.price("prompt"), tariff.price("completion")
    heard = tariff.price("audio") if tariff.price("audio").high != 0 else listed
    if not length.high:
        return _told(NOTHING, "nothing is heard, and nothing is sent")
    most = "" if length.low else "up to "
    told = f"{most}{length.high:,.1f} seconds of sound"
    if heard.high is None or written.high is None:
        return _told(UNKNOWN, told, _VARIABLE)
    if heard.high == written.high == 0:
        return _told(NOTHING, "the model is free")
    if written.high:
        text = Span(NOTHING.low, length.high * _SPOKEN + _SAID_OF_NOISE)
        cost = length * _SOUND * heard + text * written
        counted = f"{told}, taken for {_between(_SOUND)} tokens each at {_each(heard)}"
        return _told(cost, counted, f"a text of up to {text.high:,.0f} tokens at {_each(written)}")
    if heard.high > _DEAREST_SECOND:
        return _told(UNKNOWN, told, "the catalogue does not tell for how much sound its price is")
    minute = format_usd(float(heard.high * 60))
    return _told(length * heard, f"{told} at {minute} a minute, if the catalogue prices seconds")


def _by_film(body: JsonObject, row: JsonObject, prices: list[JsonObject]) -> Estimate:
    skus, seconds = row.get("pricing_skus"), count_at(body, "duration")
    length = Span.of(seconds) if seconds else UNKNOWN
    costs = [
        (length if name.startswith("duration_seconds") else Span.of(1)) * Span.of(price)
        for name, told in (skus.items() if isinstance(skus, dict) else ())
        if name.startswith(("duration_seconds", "generate"))
        and (price := parse_amount(told)) is not None
    ]
    if not costs:
        return _told(UNKNOWN, "the catalogue lists no price that can be reckoned with")
    return _told(reduce(or_, costs), "the cheapest and the dearest price that the model lists")


def _by_searches(body: JsonObject, row: JsonObject, prices: list[JsonObject]) -> Estimate:
    return _told(UNKNOWN, "ranking is billed by searches, whose price the catalogue does not list")


_BILLED: dict[str, Callable[[JsonObject, JsonObject, list[JsonObject]], Estimate]] = {
    "/audio/speech": _by_characters,
    "/audio/transcriptions": _by_length_of_sound,
    "/images": _by_pictures,
    "/rerank": _by_searches,
    "/videos": _by_film,
}
_SOUND = Span(Decimal(8), Decimal(50))
"""Tokens of a second of sound: 8 to 17 in models of OpenAI, 25 to 32 in Gemini, 50 in Whisper."""
_SPOKEN, _SAID_OF_NOISE = 10, 50
"""Tokens of text that a second may have, and any call."""
_DEAREST_SECOND = Decimal("0.01")
"""USD. Some models list the price of an hour, and none asks 36 dollars for it."""
_MAXIMA = ("max_completion_tokens", "max_tokens", "max_output_tokens")
_VARIABLE = "the price is variable: the catalogue names none"
_LISTED = "prices as the catalogue lists them, and another provider may ask others"
_REPAIRED = "an answer that does not fit may be asked for once more, for about as much again"


def _told(cost: Span, *basis: str) -> Estimate:
    high = None if cost.high is None else float(cost.high)
    return Estimate(float(cost.low), high, basis=basis)


def _between(count: Span) -> str:
    low = f"{count.low:,.0f}"
    if count.high is None:
        return f"{low} or more"
    return low if count.high == count.low else f"{low} to {count.high:,.0f}"


def _each(price: Span) -> str:
    """Write the price of one as that of a million, which people compare."""
    low, high = (
        format_usd(float(side * 1_000_000)) for side in (price.low, price.high or price.low)
    )
    return f"{low} per million" if low == high else f"{low} to {high} per million"
