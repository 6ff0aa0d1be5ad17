"""LiteLLM's proxy: its own models, its own refusals, and llama.cpp behind it."""

from __future__ import annotations

from pathlib import Path

import pytest

from openrouter_connector import (
    ApiError,
    ConnectorError,
    CredentialError,
    IncompleteError,
    RateLimitedError,
    UnavailableError,
)
from third_party.running import DATA, Running, command, image

REFUSALS = [
    ("unknown", ApiError, "Invalid model name passed in model=unknown"),
    ("busy", RateLimitedError, "mock rate limit error.*Wait and try again"),
    ("broken", UnavailableError, "mock internal server error"),
    ("overfull", ApiError, "context window exceeded"),
    ("locked-out", CredentialError, "Invalid API Key"),
]


def test_its_key_is_proven_by_its_models(litellm: Running) -> None:
    assert litellm.tested().state == "ok"
    assert litellm.with_key("sk-another").tested().state == "rejected"
    assert litellm.with_key("").tested().message == "127.0.0.1 requires a key; enter one"


def test_its_models_are_offered(litellm: Running) -> None:
    assert {"tiny-llama", "greeter"} <= {one["value"] for one in litellm.models().options}
    assert [one["value"] for one in litellm.models(search="greet").options] == ["greeter"]
    found = litellm.with_key("sk-another").models()
    assert (found.disabled, found.placeholder) == (True, "Connect first")


def test_an_answer_comes_whole(litellm: Running) -> None:
    result = litellm.ask("greeter")
    assert result.output == "Good day from LiteLLM."
    assert (result.metadata.usage or {})["total_tokens"] > 0


@pytest.mark.parametrize(
    ("model", "answer"), [("greeter", "Good day from LiteLLM."), ("tiny-llama", "I see nothing.")]
)
def test_an_answer_comes_in_pieces(litellm: Running, model: str, answer: str) -> None:
    _, *pieces, last = litellm.streamed(model)
    assert len(pieces) > 1
    assert "".join(piece.text for piece in pieces) == answer
    assert last.result and last.result.output == answer


def test_a_picture_goes_through(litellm: Running, tmp_path: Path) -> None:
    assert litellm.ask("tiny-llama", attachments=[image(tmp_path, "red")]).output == "I see red."


def test_data_is_read_and_checked(litellm: Running) -> None:
    assert litellm.ask("colourist", response=DATA).output == {"colour": "red"}
    with pytest.raises(IncompleteError, match="the answer is not JSON") as caught:
        litellm.ask("greeter", response=DATA)
    assert caught.value.partial == "Good day from LiteLLM."


def test_vectors_come_back(litellm: Running) -> None:
    [found] = litellm.run("createEmbeddings", model="vectors", input=["a"]).output
    assert found["embedding"] == [0.5, 0.25]


@pytest.mark.parametrize(("model", "kind", "told"), REFUSALS)
def test_each_refusal_is_an_error_of_its_kind(
    litellm: Running, model: str, kind: type[ConnectorError], told: str
) -> None:
    with pytest.raises(kind, match=told) as caught:
        litellm.ask(model)
    assert type(caught.value) is kind
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("model", "kind", "told"), REFUSALS)
def test_a_refusal_comes_before_the_first_piece(
    litellm: Running, model: str, kind: type[ConnectorError], told: str
) -> None:
    with pytest.raises(kind, match=told):
        litellm.streamed(model)


@pytest.mark.parametrize("key", ["sk-another", "nonsense", ""])
def test_a_wrong_key_is_told(litellm: Running, key: str) -> None:
    with pytest.raises(CredentialError, match="Check the token"):
        litellm.with_key(key).ask("greeter")


def test_a_prompt_reports_a_refusal(litellm: Running) -> None:
    told = litellm.run("prompt", model="greeter", prompt="Hello")
    assert told.output == {"output": "Good day from LiteLLM.", "errorStatus": None}
    told = litellm.run("prompt", model="busy", prompt="Hello")
    assert told.output["output"] is None
    assert "mock rate limit error" in told.output["errorStatus"]
    assert (told.metadata.error or {})["type"] == "RateLimitedError"


def test_the_command_line_asks_it(litellm: Running) -> None:
    at = ("--base-url", litellm.base_url, "--name", "proxy", "--token-stdin")
    refused = command("connect", *at, given="sk-another")
    assert (refused.code, "does not know this key" in refused.err) == (3, True)
    stored = command("connect", *at, given=litellm.key)
    assert (stored.code, "The key works." in stored.err) == (0, True)
    failed = command("run", "ask", "-p", "model=broken", "-p", "userPrompt=Hello", "--json")
    assert (failed.code, failed.json["error"]["type"]) == (4, "UnavailableError")
