"""The answers of the sandbox's chat models."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import httpx
import jsonschema
import pytest

from support.clock import Clock
from support.images import DOT

Complete = Callable[..., dict[str, Any]]
DOT_OF_1500_BYTES = base64.b64encode(base64.b64decode(DOT).ljust(1500, b"x")).decode()
PIXEL = f"data:image/png;base64,{DOT_OF_1500_BYTES}"


def content(completion: dict[str, Any]) -> Any:
    return completion["choices"][0]["message"]["content"]


def refused(client: httpx.Client, **body: Any) -> tuple[int, str]:
    messages = [{"role": "user", "content": "Hi"}]
    response = client.post("/chat/completions", json={"messages": messages} | body)
    return response.status_code, response.json()["error"]["message"]


def test_the_answer_repeats_the_prompt_exactly(complete: Complete) -> None:
    prompt = 'Braces {x}, %s, "quotes", ünïcode ✓\n\tand a line'
    assert prompt in content(complete(prompt=prompt))
    assert "sandbox" in content(complete())


def test_the_answer_names_attachments_and_system_prompt(complete: Complete) -> None:
    parts = [
        {"type": "text", "text": "Look"},
        {"type": "image_url", "image_url": {"url": PIXEL}},
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
        {"type": "file", "file": {"filename": "a.pdf", "file_data": PIXEL}},
        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
    ]
    messages = [{"role": "system", "content": "Be brief"}, {"role": "user", "content": parts}]
    completion = complete(messages=messages)
    answer = content(completion)
    assert "2 images (image/png, 1.5 kB; https://example.com/a.png, by link)" in answer
    assert "1 file (a.pdf, 1.5 kB)" in answer
    assert "1 audio clip (wav, 3 bytes)" in answer
    assert "Be brief" in answer
    note = completion["choices"][0]["message"]["annotations"][0]
    assert note["file"]["name"] == "a.pdf"


def test_the_same_request_has_the_same_answer(complete: Complete) -> None:
    assert content(complete()) == content(complete())


def test_the_response_has_the_fields_of_a_real_one(client: httpx.Client) -> None:
    body = {"model": "sandbox/echo", "messages": [{"role": "user", "content": "Hi"}]}
    response = client.post("/chat/completions", json=body)
    completion = response.json()
    assert completion["id"] == response.headers["X-Generation-Id"]
    assert completion["model"] == "sandbox/echo-20260914"
    assert completion["provider"] == "Sandbox"
    assert completion["choices"][0]["native_finish_reason"] == "stop"


def test_the_cost_follows_from_the_prices_of_the_model(complete: Complete) -> None:
    usage = complete("sandbox/kestrel-pro", "word " * 400)["usage"]
    dollars = usage["prompt_tokens"] * 1.75e-6 + usage["completion_tokens"] * 14e-6
    assert usage["cost"] == pytest.approx(dollars)
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert complete("sandbox/echo:free")["usage"]["cost"] == 0


def test_a_long_prompt_costs_the_override_price(complete: Complete) -> None:
    usage = complete("sandbox/long-read", "x" * 800_000, max_tokens=1)["usage"]
    assert usage["prompt_tokens"] == 200_000
    assert usage["cost_details"]["upstream_inference_prompt_cost"] == pytest.approx(1.2)


@pytest.mark.parametrize(
    "model", ["~sandbox/echo-latest", "sandbox/auto", "sandbox/echo:nitro", "sandbox/echo-20260914"]
)
def test_aliases_routers_variants_and_slugs_lead_to_echo(complete: Complete, model: str) -> None:
    assert complete(model)["model"] == "sandbox/echo-20260914"


def test_without_a_model_the_default_answers(client: httpx.Client) -> None:
    response = client.post(
        "/chat/completions", json={"messages": [{"role": "user", "content": "x"}]}
    )
    assert response.json()["model"] == "sandbox/echo-20260914"


@pytest.mark.parametrize("limit", ["max_tokens", "max_completion_tokens"])
def test_a_token_limit_cuts_the_text(complete: Complete, limit: str) -> None:
    completion = complete(**{limit: 5})
    assert len(content(completion)) == 20
    assert completion["choices"][0]["finish_reason"] == "length"
    assert completion["usage"]["completion_tokens"] == 5


def test_a_stop_word_ends_the_text(complete: Complete) -> None:
    assert content(complete(prompt="one two three", stop=["two"])).endswith("one ")


def test_reasoning_can_use_up_the_token_limit(complete: Complete) -> None:
    message = complete("sandbox/thinker")["choices"][0]["message"]
    assert message["reasoning"] == message["reasoning_details"][0]["text"]
    starved = complete("sandbox/thinker", max_tokens=3)
    assert content(starved) is None
    assert starved["choices"][0]["finish_reason"] == "length"
    assert starved["usage"]["completion_tokens_details"]["reasoning_tokens"] == 3


def test_reasoning_is_returned_on_request_and_can_be_excluded(complete: Complete) -> None:
    def reasoning(**more: Any) -> Any:
        return complete("sandbox/ponderer", **more)["choices"][0]["message"]["reasoning"]

    assert reasoning() is None
    assert reasoning(reasoning={"effort": "high"}) is not None
    assert reasoning(reasoning={"max_tokens": 2000}) is not None
    assert reasoning(reasoning_effort="low") is not None
    assert reasoning(reasoning={"effort": "none"}) is None
    hidden = complete("sandbox/ponderer", reasoning={"effort": "high", "exclude": True})
    assert hidden["choices"][0]["message"]["reasoning"] is None
    assert hidden["usage"]["completion_tokens_details"]["reasoning_tokens"] > 0


def test_logprobs_are_returned_on_request(complete: Complete) -> None:
    found = complete(logprobs=True, top_logprobs=1)["choices"][0]["logprobs"]["content"]
    assert "".join(entry["token"] for entry in found) == content(complete())


def test_the_first_fallback_that_works_answers(complete: Complete) -> None:
    models = ["sandbox/rate-limited", "sandbox/vision", "sandbox/echo"]
    assert complete("sandbox/unavailable", models=models)["model"].startswith("sandbox/vision")


@pytest.mark.parametrize("path", ["chat/completions", "messages", "responses"])
def test_more_than_three_fallbacks_are_refused(client: httpx.Client, path: str) -> None:
    body = {"model": "sandbox/echo", "input": "Hi", "messages": [{"role": "user", "content": "Hi"}]}
    for count, status in ((3, 200), (4, 400)):
        response = client.post(f"/{path}", json=body | {"models": ["sandbox/echo"] * count})
        assert response.status_code == status
    assert response.json()["error"]["message"] == "'models' array must have 3 items or fewer."


def test_an_unknown_model_is_refused_even_with_fallbacks(client: httpx.Client) -> None:
    response = client.post(
        "/chat/completions",
        json={
            "model": "a/b",
            "models": ["sandbox/echo"],
            "messages": [{"role": "user", "content": ""}],
        },
    )
    assert response.status_code == 400
    assert response.json()["error"]["message"] == "a/b is not a valid model ID"
    assert response.json()["error"]["availability"]["code"] == "model_not_found"


def test_a_search_adds_citations_and_its_price(complete: Complete) -> None:
    plain, searched = complete(), complete(plugins=[{"id": "web"}])
    notes = searched["choices"][0]["message"]["annotations"]
    assert [note["type"] for note in notes] == ["url_citation", "url_citation"]
    assert searched["usage"]["cost"] == pytest.approx(plain["usage"]["cost"] + 0.01)
    assert complete("sandbox/echo:online")["choices"][0]["message"]["annotations"] == notes


def test_a_required_tool_is_called_with_valid_arguments(complete: Complete) -> None:
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    tools = [{"type": "function", "function": {"name": "weather", "parameters": schema}}]
    choice = complete(tools=tools, tool_choice="required")["choices"][0]
    call = choice["message"]["tool_calls"][0]
    assert choice["finish_reason"] == "tool_calls"
    assert call["function"]["name"] == "weather"
    jsonschema.validate(json.loads(call["function"]["arguments"]), schema)
    named = {"type": "function", "function": {"name": "weather"}}
    assert complete(tools=tools, tool_choice=named)["choices"][0]["message"]["tool_calls"] == [call]
    assert "tool_calls" not in complete(tools=tools)["choices"][0]["message"]


def test_images_are_generated_through_chat(complete: Complete) -> None:
    drawn = complete("sandbox/illustrator", modalities=["image", "text"])
    url = drawn["choices"][0]["message"]["images"][0]["image_url"]["url"]
    assert base64.b64decode(url.removeprefix("data:image/png;base64,")).startswith(b"\x89PNG")
    assert drawn["usage"]["completion_tokens_details"]["image_tokens"] == 1290
    assert "images" not in complete("sandbox/illustrator")["choices"][0]["message"]
    alone = complete(
        "sandbox/sketcher", modalities=["image"], image_config={"aspect_ratio": "16:9"}
    )
    assert content(alone) == ""
    assert len(alone["choices"][0]["message"]["images"]) == 1


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"messages": []}, "messages:"),
        ({"messages": [{"role": "boss", "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": "user"}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": 3}]}, "messages[0].content"),
        (
            {"messages": [{"role": "user", "content": [{"type": "x"}]}]},
            "messages[0].content[0].type",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": "x"}]}]},
            "messages[0].content[0].image_url.url",
        ),
        (
            {
                "messages": [
                    {
                        "role": "user",
                        "content": [
                            {
                                "type": "input_audio",
                                "input_audio": {
                                    "data": "data:audio/wav;base64,AAAA",
                                    "format": "wav",
                                },
                            }
                        ],
                    }
                ]
            },
            "messages[0].content[0].input_audio.data",
        ),
        ({"temperature": 2.1}, "temperature:"),
        ({"temperature": "1"}, "temperature:"),
        ({"top_p": 0}, "top_p:"),
        ({"max_tokens": 0}, "max_tokens:"),
        ({"max_tokens": True}, "max_tokens:"),
        ({"frequency_penalty": -3}, "frequency_penalty:"),
        ({"stop": ["a"] * 5}, "stop:"),
        ({"top_logprobs": 2}, "top_logprobs:"),
        ({"reasoning": "high"}, "reasoning:"),
        ({"reasoning": {"effort": "huge"}}, "reasoning.effort: Invalid option"),
        ({"reasoning": {"effort": "low", "max_tokens": 9}}, "Only one of"),
        ({"reasoning": {"effort": "low"}, "reasoning_effort": "high"}, "Only one of"),
        ({"response_format": {"type": "xml"}}, "response_format.type"),
        ({"response_format": {"type": "json_schema"}}, "response_format.json_schema.name"),
        (
            {
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": "x", "schema": {"type": "thing"}},
                }
            },
            "response_format.json_schema.schema",
        ),
        ({"modalities": ["smell"]}, "modalities:"),
        ({"tools": [{"type": "function", "function": {}}]}, "tools:"),
        ({"image_config": {"image_size": "1k"}}, "image_config:"),
        ({"provider": {"max_price": {"prompt": "cheap"}}}, "max_price:"),
        ({"provider": {"cheapest": True}}, "provider: Unrecognized key"),
        ({"plugins": [{"name": "web"}]}, "plugins:"),
        ({"model": "sandbox/thinker", "reasoning": {"enabled": False}}, "Reasoning is mandatory"),
        ({"model": "sandbox/thinker", "reasoning": {"effort": "none"}}, "Reasoning is mandatory"),
    ],
    ids=str,
)
def test_a_wrong_body_is_refused(client: httpx.Client, body: dict[str, Any], message: str) -> None:
    status, found = refused(client, **body)
    assert (status, found[: len(message)]) == (400, message)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"model": "sandbox/echo", "modalities": ["image", "text"]}, "image, text"),
        ({"model": "sandbox/sketcher", "modalities": ["image", "text"]}, "image, text"),
        ({"model": "sandbox/sketcher"}, "modalities: text"),
        ({"model": "sandbox/speaker"}, "chat"),
        ({"model": "sandbox/bare", "tools": [{"type": "openrouter:datetime"}]}, "tool use"),
        ({"provider": {"only": ["elsewhere"]}}, "No allowed providers"),
        ({"provider": {"require_parameters": True}, "top_k": 3}, "requested parameters"),
        ({"model": "sandbox/opus-grand", "provider": {"max_price": {"prompt": 1}}}, "price"),
        (
            {
                "model": "sandbox/text-only",
                "messages": [
                    {
                        "role": "user",
                        "content": [{"type": "image_url", "image_url": {"url": PIXEL}}],
                    }
                ],
            },
            "support image input",
        ),
    ],
    ids=str,
)
def test_unsupported_requests_find_no_endpoints(
    client: httpx.Client, body: dict[str, Any], message: str
) -> None:
    status, found = refused(client, **body)
    assert (status, message in found) == (404, True)


def test_a_token_limit_above_the_credits_is_refused(client: httpx.Client) -> None:
    status, found = refused(client, max_tokens=200_000)
    assert status == 402
    assert "You requested up to 200000 tokens, but can only afford 100000." in found


def test_null_means_absent(complete: Complete) -> None:
    assert content(complete(temperature=None, stop=None, reasoning=None)) == content(complete())


def test_a_generation_can_be_read_a_moment_later(
    client: httpx.Client, complete: Complete, clock: Clock
) -> None:
    name = complete(prompt="remember me")["id"]
    assert client.get("/generation", params={"id": name}).status_code == 404
    clock.now += 0.35
    found = client.get("/generation", params={"id": name}).json()["data"]
    assert (found["api_type"], found["model"]) == ("completions", "sandbox/echo-20260914")
    assert found["total_cost"] > 0
    content_ = client.get("/generation/content", params={"id": name}).json()["data"]
    assert content_["input"]["messages"][0]["content"] == "remember me"
    assert "remember me" in content_["output"]["completion"]
    assert client.get("/generation/content", params={"id": "gen-0"}).status_code == 404
