"""What a call will cost is told as a low and a high side, and how both were reckoned."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrouter_connector import Connector
from openrouter_connector.openrouter.billing import estimate
from openrouter_connector.openrouter.profile import OPENROUTER
from openrouter_connector.runtime.preflight.estimate import Estimate
from openrouter_connector.runtime.preflight.interval import Interval
from openrouter_connector.sandbox import Sandbox
from openrouter_connector.values import Call, ModelInfo
from support.planned_calls import file, held, row, taking

PROMPT = OPENROUTER.prompt_format

Prices = list[dict[str, Any]]


def cost(connector: Connector, action: str, described: Any, **values: Any) -> Estimate:
    found = held(connector, action, described, **values).estimate
    assert found is not None
    return found


def of_call(
    path: str, body: dict[str, Any], model: dict[str, Any], prices: Prices | None = None
) -> Estimate:
    found = estimate(Call("POST", path, body=body), ModelInfo("models", model), PROMPT, prices)
    assert found is not None
    return found


def priced(**pricing: Any) -> dict[str, Any]:
    return row(pricing=pricing)


def test_an_answer_costs_from_one_token_to_as_many_as_are_requested(connector: Connector) -> None:
    prompt = "x" * 599  # with what a message costs itself, between 100 and 210 tokens
    found = cost(connector, "ask", row(), userPrompt=prompt, maxTokens=500)
    assert found.low == pytest.approx(101e-6 + 2e-6, abs=5e-6)
    assert found.high == pytest.approx(205e-6 + 1000e-6, abs=10e-6)
    assert "an answer of 1 to 500 tokens at $2.00 per million" in found.basis
    assert found.currency == "USD"


def test_without_a_limit_the_answer_may_fill_what_the_model_can(connector: Connector) -> None:
    capped = cost(connector, "ask", row())
    assert capped.high == pytest.approx(1000 * 2e-6, rel=0.01)
    filling = cost(connector, "ask", row(top_provider={}))
    assert filling.high == pytest.approx(10_000 * 2e-6, rel=0.01)
    endless = cost(connector, "ask", row(top_provider=None, context_length=None))
    assert endless.high is None


def test_a_free_model_costs_nothing_for_certain(connector: Connector) -> None:
    free = row(pricing={"prompt": "0", "completion": "0"}, context_length=None, top_provider={})
    found = cost(connector, "ask", free)
    assert (found.low, found.high, found.basis) == (0, 0, ("the model is free",))


@pytest.mark.parametrize(
    "pricing",
    [
        {"prompt": "-1", "completion": "-1"},
        {"prompt": "0.1"},
        {"prompt": None, "completion": "0.1"},
        {"prompt": "free", "completion": "0"},
        {"prompt": "0", "completion": "1e999999"},
        {},
        None,
    ],
    ids=str,
)
def test_a_price_that_is_negative_or_missing_is_variable(
    connector: Connector, pricing: Any
) -> None:
    found = cost(connector, "ask", row(pricing=pricing))
    assert found.high is None
    assert "the price is variable" in found.basis[0]


def test_a_request_and_its_images_have_their_own_prices(connector: Connector) -> None:
    each = priced(prompt="0", completion="0", request="0.01", image="0.002")
    images = [file("a.png", "image/png"), file("b.png", "image/png")]
    found = cost(connector, "ask", each, attachments=images)
    assert (found.low, found.high) == (0.014, 0.014)


def test_thinking_is_billed_at_its_own_price_when_that_is_the_dearer(connector: Connector) -> None:
    thinker = priced(prompt="0", completion="0.001", internal_reasoning="0.002")
    found = cost(connector, "ask", thinker, maxTokens=10)
    assert (found.low, found.high) == (0.001, 0.02)


OVERRIDES = [{"min_prompt_tokens": 1000, "prompt": "0.5"}]


def test_a_long_prompt_has_the_price_of_long_prompts(connector: Connector) -> None:
    tiers = priced(prompt="0.1", completion="0", overrides=OVERRIDES)
    short = cost(connector, "ask", tiers, userPrompt="word")
    assert any("at $100,000.00 per million" in line for line in short.basis)
    between = cost(connector, "ask", tiers, userPrompt="word " * 900)
    assert any("at $100,000.00 to $500,000.00 per million" in line for line in between.basis)
    long = cost(connector, "ask", tiers, userPrompt="word " * 1800)
    assert any("at $500,000.00 per million" in line for line in long.basis)


def test_the_hour_is_not_known_so_both_prices_count(connector: Connector) -> None:
    night = [{"utc_start": 1630, "utc_end": 30, "completion": "0.5"}]
    found = cost(
        connector, "ask", priced(prompt="0", completion="1", overrides=night), maxTokens=10
    )
    assert (found.low, found.high) == (0.5, 10)


def test_a_discount_makes_the_low_side_lower(connector: Connector) -> None:
    cut = priced(prompt="0", completion="1", discount=0.25)
    found = cost(connector, "ask", cut, maxTokens=1)
    assert (found.low, found.high) == (0.75, 1)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"plugins": [{"id": "web"}]}, "web searches are billed in addition"),
        ({"model": "lab/one:online"}, "web searches are billed in addition"),
        ({"models": ["lab/two"]}, "a fallback model may answer, at its own price"),
        ({"attachments": [file("a.wav", "audio/wav")]}, "the tokens of documents, audio"),
        ({"attachments": [file("a.pdf", "application/pdf")]}, "reading the document may be"),
    ],
    ids=["web", "online", "fallback", "sound", "document"],
)
def test_what_cannot_be_counted_leaves_the_high_side_open(
    connector: Connector, values: dict[str, Any], told: str
) -> None:
    found = cost(connector, "ask", row(), **values)
    assert found.high is None
    assert any(line.startswith(told) for line in found.basis)


def test_sound_that_is_billed_besides_makes_no_model_free(connector: Connector) -> None:
    listening = priced(prompt="0", completion="0", audio="0.00001")
    found = cost(connector, "ask", listening, attachments=[file("a.wav", "audio/wav")])
    assert (found.low, found.high) == (0, None)


def test_speech_is_billed_by_the_character(connector: Connector) -> None:
    voice = priced(prompt="0.000012", completion="0")
    found = cost(connector, "createSpeech", voice, source="speechModels", input="Straße " * 100)
    assert found.low == found.high == pytest.approx(700 * 0.000012)
    assert found.basis == ("700 characters at $12.00 per million",)


def test_the_length_of_sound_is_not_known_before(connector: Connector) -> None:
    listener = taking("audio", gives="transcription")
    found = cost(connector, "createTranscription", listener, file=file("a.wav", "audio/wav"))
    assert (found.low, found.high) == (0, None)
    assert found.basis == ("audio is billed by its length, which is not known in advance",)


LISTENERS = [
    ({"prompt": "0.0001", "completion": "0"}, 0.06, 0.06, "at $0.006 a minute, if the catalogue"),
    ({"prompt": "0", "completion": "0"}, 0, 0, "the model is free"),
    ({"prompt": "0.1", "completion": "0"}, 0, None, "does not name the unit of its price"),
    ({"prompt": "-1", "completion": "-1"}, 0, None, "the price is variable"),
    ({"prompt": "0.000001", "completion": "0.00001"}, 0.0048, 0.0905, "8 to 50 tokens each"),
    ({"audio": "0.000001", "prompt": "0", "completion": "0.00001"}, 0.0048, 0.0905, "at $1.00"),
]  # fmt: skip


@pytest.mark.parametrize(("pricing", "low", "high", "told"), LISTENERS, ids=lambda one: str(one))
def test_sound_of_a_known_length_is_billed_by_it_or_by_its_tokens(
    pricing: dict[str, str], low: float, high: float | None, told: str
) -> None:
    call, model = Call("POST", "/audio/transcriptions", body={}), row(pricing=pricing)
    found = estimate(call, ModelInfo("models", model), PROMPT, seconds=Interval.of(600))
    assert found is not None
    assert found.low == pytest.approx(low)
    assert found.high == (high if high is None else pytest.approx(high))
    assert any(told in line for line in found.basis)


def lines(*told: tuple[str, str, float]) -> dict[str, Any]:
    names = ("billable", "unit", "cost_usd")
    return {"pricing": [dict(zip(names, line, strict=True)) for line in told]}


def test_images_cost_what_the_cheapest_and_the_dearest_endpoint_ask() -> None:
    prices = [
        lines(("output_image", "image", 0.04)),
        lines(("output_image", "image", 0.03), ("input_text", "token", 0)),
    ]
    found = of_call("/images", {"prompt": "x", "n": 3}, {}, prices)
    assert (found.low, found.high) == (0.09, 0.12)


def test_images_are_billed_by_the_variant_that_is_requested() -> None:
    both: Prices = [
        {"billable": "output_image", "unit": "image", "cost_usd": usd, "variant": tier}
        for tier, usd in (("1K", 0.02), ("4K", 0.08))
    ]
    large = of_call("/images", {"prompt": "x", "resolution": "4K"}, {}, [{"pricing": both}])
    assert (large.low, large.high) == (0.08, 0.08)
    any_size = of_call("/images", {"prompt": "x"}, {}, [{"pricing": both}])
    assert (any_size.low, any_size.high) == (0.02, 0.08)


def test_images_to_start_from_are_billed_too() -> None:
    prices = [lines(("output_image", "image", 0.04), ("input_reference", "image", 0.01))]
    body = {"prompt": "x", "input_references": [{"type": "image_url"}, {"type": "image_url"}]}
    assert of_call("/images", body, {}, prices).high == pytest.approx(0.06)


def test_megapixels_are_counted_where_the_size_tells_them() -> None:
    prices = [lines(("output_image", "megapixel", 0.01))]
    assert of_call("/images", {"prompt": "x", "size": "2000x1000"}, {}, prices).high == 0.02
    assert of_call("/images", {"prompt": "x", "resolution": "2K"}, {}, prices).high == 0.04
    assert of_call("/images", {"prompt": "x"}, {}, prices).high is None


def test_images_by_the_token_or_without_a_price_are_not_estimated() -> None:
    by_token = of_call("/images", {"prompt": "x"}, {}, [lines(("output_image", "token", 0.01))])
    assert (by_token.low, by_token.high) == (0, None)
    assert "billed by tokens" in by_token.basis[0]
    for prices in (None, [], [{"pricing": None}], [lines(("input_text", "token", 0.01))]):
        assert "no endpoint" in of_call("/images", {"prompt": "x"}, {}, prices).basis[0]


def test_a_video_is_billed_by_the_second_or_at_once() -> None:
    seconds = {"pricing_skus": {"duration_seconds": "0.05", "duration_seconds_1080p": "0.1"}}
    found = of_call("/videos", {"duration": 4}, seconds)
    assert (found.low, found.high) == (0.2, 0.4)
    assert of_call("/videos", {}, seconds).high is None
    assert of_call("/videos", {}, {"pricing_skus": {"generate": "0.5"}}).high == 0.5
    assert "no price" in of_call("/videos", {}, {"pricing_skus": None}).basis[0]


def test_what_has_no_body_is_not_billed() -> None:
    assert estimate(Call("GET", "/models"), ModelInfo("models", row()), PROMPT) is None


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (Estimate(0, 0, basis=("the model is free",)), "costs $0.00: the model is free"),
        (Estimate(0.5, 0.5), "costs $0.50"),
        (Estimate(0.00012, 1234.5), "costs $0.00012 to $1,234.50"),
        (Estimate(0.1, None), "costs $0.10 or more"),
        (Estimate(0, None, basis=("why",)), "the cost is not known in advance: why"),
    ],
)
def test_an_estimate_is_written_in_a_sentence(found: Estimate, sentence: str) -> None:
    assert found.sentence() == sentence


def test_an_estimate_is_exchanged_as_json() -> None:
    found = Estimate(0.5, None, basis=("why",)).to_json()
    assert found == {"low": 0.5, "high": None, "currency": "USD", "basis": ["why"]}


JUNK = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
LINES = st.dictionaries(
    st.sampled_from(["billable", "unit", "cost_usd", "variant"]),
    JUNK | st.sampled_from(["output_image", "image", "megapixel", "token", "input_reference"]),
)


@given(
    st.lists(st.dictionaries(st.just("pricing"), JUNK | st.lists(LINES | JUNK)) | JUNK),
    st.dictionaries(st.sampled_from(["n", "size", "resolution", "input_references"]), JUNK),
)
def test_no_price_list_is_too_strange(prices: Any, body: dict[str, Any]) -> None:
    found = of_call("/images", body, {}, prices)
    assert found.high is None or 0 <= found.low <= found.high < float("inf")


CALLS: list[tuple[str, str, dict[str, Any]]] = [
    ("ask", "echo", {"userPrompt": "How are you? " * 50, "maxTokens": 2000}),
    ("ask", "echo:free", {"userPrompt": "Hello"}),
    ("ask", "thinker", {"userPrompt": "Think about it"}),
    ("ask", "vision", {"userPrompt": "这是什么？" * 30}),
    ("createSpeech", "speaker", {"input": "Good evening", "voice": "alba"}),
    ("createImage", "painter", {"imageMessages": [{"content": "A fox"}], "size": "2K"}),
]


@pytest.mark.parametrize(
    ("action", "model", "values"), CALLS, ids=[f"{c[0]}-{c[1]}" for c in CALLS]
)
def test_what_a_call_then_costs_lies_within_its_estimate(
    connector: Connector, sandbox: Sandbox, action: str, model: str, values: dict[str, Any]
) -> None:
    async def both() -> tuple[Estimate, float]:
        async with connector.connect(sandbox.token, base_url=sandbox.base_url) as session:
            parameters = {"model": f"sandbox/{model}", **values}
            found = (await session.check(action, parameters)).estimate
            result = await session.perform(action, parameters)
            assert found is not None and result.metadata.cost is not None
            return found, result.metadata.cost

    found, paid = asyncio.run(both())
    assert found.high is not None
    assert found.low <= paid <= found.high
