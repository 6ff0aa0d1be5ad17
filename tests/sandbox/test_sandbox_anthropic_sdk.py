"""Anthropic's official SDK works with the sandbox."""

from __future__ import annotations

from collections.abc import Iterator

import anthropic
import pytest

from openrouter_connector.sandbox import Sandbox

PROMPT = "Say this back"


@pytest.fixture(scope="module")
def claude(served: Sandbox) -> Iterator[anthropic.Anthropic]:
    base = served.base_url.removesuffix("/v1")
    with anthropic.Anthropic(base_url=base, auth_token=served.token, max_retries=0) as client:
        yield client


def user(text: str = PROMPT) -> list[anthropic.types.MessageParam]:
    return [{"role": "user", "content": text}]


def test_it_chats(claude: anthropic.Anthropic) -> None:
    message = claude.messages.create(model="sandbox/thinker", max_tokens=500, messages=user())
    thinking, answer = message.content
    assert thinking.type == "thinking"
    assert answer.type == "text"
    assert PROMPT in answer.text
    assert message.stop_reason == "end_turn"


def test_it_streams(claude: anthropic.Anthropic) -> None:
    streaming = claude.messages.stream(model="sandbox/thinker", max_tokens=500, messages=user())
    with streaming as stream:
        text = "".join(stream.text_stream)
        assert stream.get_final_message().usage.output_tokens > 0
    assert PROMPT in text


def test_it_calls_tools(claude: anthropic.Anthropic) -> None:
    schema: dict[str, object] = {"type": "object", "properties": {"city": {"type": "string"}}}
    with claude.messages.stream(
        model="sandbox/echo",
        max_tokens=500,
        messages=user(),
        tools=[{"name": "weather", "input_schema": schema}],
        tool_choice={"type": "any"},
    ) as stream:
        (block,) = stream.get_final_message().content
    assert block.type == "tool_use"
    assert block.input == {"city": "sandbox city"}


def test_it_raises_what_the_sandbox_refuses(claude: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.RateLimitError):
        claude.messages.create(model="sandbox/rate-limited", max_tokens=9, messages=user())
    with pytest.raises(anthropic.BadRequestError, match="not a valid model"):
        claude.messages.create(model="no/such", max_tokens=9, messages=user())
    streaming = claude.messages.stream(
        model="sandbox/breaks-mid-stream", max_tokens=500, messages=user()
    )
    with pytest.raises(anthropic.APIError, match="disconnected"), streaming as stream:
        stream.until_done()
