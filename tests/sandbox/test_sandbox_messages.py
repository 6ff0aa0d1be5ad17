"""Chat through Anthropic's Messages API."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from openrouter_connector.sandbox import Sandbox
from support.images import DOT

GO = {"name": "go", "input_schema": {"type": "object", "properties": {"to": {"type": "string"}}}}


def post(client: httpx.Client, prompt: Any = "Hello", **more: Any) -> httpx.Response:
    messages = [{"role": "user", "content": prompt}]
    body = {"model": "sandbox/echo", "max_tokens": 2000, "messages": messages} | more
    return client.post("/messages", json=body)


def complete(client: httpx.Client, prompt: Any = "Hello", **more: Any) -> dict[str, Any]:
    response = post(client, prompt, **more)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def text(message: dict[str, Any]) -> str:
    return "".join(block.get("text", "") for block in message["content"])


def stream(client: httpx.Client, prompt: Any = "Hello", **more: Any) -> list[dict[str, Any]]:
    """Return the events of a stream, each checked against the name on its `event:` line."""
    response = post(client, prompt, stream=True, **more)
    assert response.headers["content-type"].startswith("text/event-stream"), response.text
    found = []
    for frame in response.text.split("\n\n"):
        if frame.startswith("event: "):
            name, _, data = frame.partition("\n")
            event = json.loads(data.removeprefix("data: "))
            assert event["type"] == name.removeprefix("event: ")
            found.append(event)
    return found


def test_a_message_repeats_the_prompt_and_the_system_prompt(client: httpx.Client) -> None:
    message = complete(client, system=[{"type": "text", "text": "Be brief"}])
    assert "You said: Hello" in text(message)
    assert "My system prompt is: Be brief" in text(message)
    assert (message["type"], message["role"], message["stop_reason"]) == (
        *("message", "assistant"),
        "end_turn",
    )
    assert message["usage"]["input_tokens"] == 4
    assert message["usage"]["cost"] > 0


def test_images_and_documents_arrive(client: httpx.Client) -> None:
    image = {"type": "base64", "media_type": "image/png", "data": DOT}
    paper = {"type": "base64", "media_type": "application/pdf", "data": "AAAA"}
    blocks = [
        {"type": "text", "text": "Look"},
        {"type": "image", "source": image},
        {"type": "image", "source": {"type": "url", "url": "https://sandbox.example/a.png"}},
        {"type": "document", "title": "report.pdf", "source": paper},
        {
            "type": "document",
            "source": {"type": "text", "media_type": "text/plain", "data": "Note"},
        },
    ]
    answer = text(complete(client, blocks))
    assert "You said: Look\nNote" in answer
    assert "2 images (image/png, 67 bytes; https://sandbox.example/a.png, by link)" in answer
    assert "1 file (report.pdf, 3 bytes)" in answer


def test_reasoning_is_a_block_of_its_own(client: httpx.Client) -> None:
    thinking = {"type": "enabled", "budget_tokens": 1024}
    for more in ({"model": "sandbox/thinker"}, {"model": "sandbox/ponderer", "thinking": thinking}):
        message = complete(client, **more)
        assert [block["type"] for block in message["content"]] == ["thinking", "text"]
        assert message["content"][0]["signature"]
        assert message["usage"]["output_tokens_details"]["thinking_tokens"] > 0
    assert len(complete(client, model="sandbox/ponderer")["content"]) == 1
    refused = post(client, model="sandbox/thinker", thinking={"type": "disabled"})
    assert refused.status_code == 400


def test_a_required_tool_is_called_with_valid_arguments(client: httpx.Client) -> None:
    for choice in ({"type": "any"}, {"type": "tool", "name": "go"}):
        message = complete(client, tools=[GO], tool_choice=choice)
        (block,) = message["content"]
        assert (block["type"], block["name"], block["input"]) == (
            *("tool_use", "go"),
            {"to": "sandbox to"},
        )
        assert message["stop_reason"] == "tool_use"


def test_a_conversation_with_tools_goes_on(client: httpx.Client) -> None:
    called = {"type": "tool_use", "id": "t1", "name": "go", "input": {}}
    messages = [
        {"role": "user", "content": "Go"},
        {"role": "assistant", "content": [{"type": "text", "text": "I go"}, called]},
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "t1", "content": "Gone"},
                {"type": "text", "text": "And now?"},
            ],
        },
    ]
    assert "You said: And now?" in text(complete(client, messages=messages, tools=[GO]))


def test_a_message_ends_at_a_token_limit_or_a_stop_word(client: httpx.Client) -> None:
    assert complete(client, max_tokens=2)["stop_reason"] == "max_tokens"
    stopped = complete(client, stop_sequences=["never", "You said"])
    assert (stopped["stop_reason"], stopped["stop_sequence"]) == ("stop_sequence", "You said")
    assert text(stopped).endswith("no model was asked.\n\n")


def test_a_schema_is_followed(client: httpx.Client) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
    config = {"format": {"type": "json_schema", "schema": schema}}
    assert json.loads(text(complete(client, output_config=config))) == {"a": 1}


def test_a_search_is_cited(client: httpx.Client) -> None:
    tool = {"type": "web_search_20250305", "name": "web_search"}
    message = complete(client, tools=[tool])
    assert len(message["content"][0]["citations"]) == 2
    assert message["usage"]["server_tool_use"]["web_search_requests"] == 1


def test_a_fallback_answers(client: httpx.Client) -> None:
    fallbacks = [{"model": "sandbox/vision"}]
    message = complete(client, model="sandbox/unavailable", fallbacks=fallbacks)
    assert message["model"].startswith("sandbox/vision")


def test_the_events_make_the_message(client: httpx.Client) -> None:
    tools = {"tools": [GO], "tool_choice": {"type": "any"}}
    for more in ({"model": "sandbox/thinker"}, {"model": "sandbox/echo"}, tools):
        whole, events = complete(client, **more), stream(client, **more)
        assert [event["type"] for event in events[:3]] == [
            *("message_start", "ping", "content_block_start")
        ]
        assert [event["type"] for event in events[-3:]] == [
            *("content_block_stop", "message_delta", "message_stop")
        ]
        assert joined(events) == whole["content"]
        assert events[-2]["delta"]["stop_reason"] == whole["stop_reason"]
        assert events[-2]["usage"] == whole["usage"]


def joined(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Join the blocks of a stream, as a client does."""
    blocks: list[dict[str, Any]] = []
    written = ""
    for event in events:
        if event["type"] == "content_block_start":
            blocks.append(event["content_block"])
            written = ""
        elif event["type"] == "content_block_delta":
            delta = dict(event["delta"])
            kind = delta.pop("type")
            if kind == "input_json_delta":
                written += delta["partial_json"]
            for key in delta.keys() & {"text", "thinking", "signature"}:
                blocks[-1][key] += delta[key]
        elif event["type"] == "content_block_stop" and written:
            blocks[-1]["input"] = json.loads(written)
    return blocks


def test_errors_have_the_envelope_of_the_dialect(served: Sandbox, client: httpx.Client) -> None:
    for response, status, kind in (
        (post(client, model="sandbox/no-credits"), 402, "billing_error"),
        (post(client, model="sandbox/forbidden"), 403, "permission_error"),
        (post(client, model="sandbox/rate-limited"), 429, "rate_limit_error"),
        (post(client, model="sandbox/overloaded"), 529, "overloaded_error"),
        (post(client, model="sandbox/edge-timeout"), 524, "timeout_error"),
        (post(client, model="sandbox/bad-gateway"), 502, "api_error"),
        (post(client, model="no/such"), 400, "invalid_request_error"),
        (httpx.post(f"{served.base_url}/messages", json={}), 401, "authentication_error"),
        (client.get("/messages"), 405, "invalid_request_error"),
        (client.post("/messages", content=b"{"), 400, "invalid_request_error"),
    ):
        body = response.json()
        assert (response.status_code, body["type"], body["error"]["type"]) == (
            status,
            "error",
            kind,
        )
        assert body["request_id"] is None


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"model": None}, "model"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": "user", "content": 3}]}, "messages[0].content"),
        (
            {"messages": [{"role": "user", "content": [{"type": "smell"}]}]},
            "messages[0].content[0].type",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "image", "source": {}}]}]},
            "messages[0].content[0].source",
        ),
        ({"tools": [{"name": "go"}]}, "tools"),
        ({"tool_choice": "any"}, "tool_choice"),
        ({"thinking": {"type": "enabled", "budget_tokens": 10}}, "thinking.budget_tokens"),
        ({"thinking": {"type": "enabled", "budget_tokens": 5000}}, "max_tokens"),
        ({"output_config": {"format": {"type": "json_object"}}}, "output_config.format.type"),
        ({"models": ["a/b"], "fallbacks": [{"model": "a/b"}]}, "fallbacks"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_wrong_request_is_refused(
    client: httpx.Client, body: dict[str, Any], expected: str
) -> None:
    response = post(client, **body)
    assert response.status_code == 400
    assert expected in response.json()["error"]["message"]


def test_faults_alter_a_finished_answer(client: httpx.Client) -> None:
    assert complete(client, model="sandbox/null-content")["content"] == []
    assert complete(client, model="sandbox/null-choices")["content"] is None
    assert complete(client, model="sandbox/nested-completion")["provider"]["content"]
    assert complete(client, model="sandbox/length")["stop_reason"] == "max_tokens"
    thinking = complete(client, model="sandbox/thinks-too-long")
    assert [block["type"] for block in thinking["content"]] == ["thinking"]
    for model in ("ok-with-error", "ok-with-choice-error"):
        late = complete(client, model=f"sandbox/{model}")
        assert (late["type"], late["error"]["type"]) == ("error", "api_error")
        assert late["request_id"].startswith("gen-")


def test_a_stream_breaks_off_with_an_error(client: httpx.Client) -> None:
    (only,) = stream(client, model="sandbox/ok-with-error")
    assert only["error"]["error_type"] == "provider_unavailable"
    *events, last = stream(client, model="sandbox/breaks-mid-stream")
    assert last["type"] == "error"
    assert joined(events)[0]["text"] == "This is the sandbox answering; no model "
    assert not {"content_block_stop", "message_stop"} & {event["type"] for event in events}


def test_a_stream_ends_early(client: httpx.Client) -> None:
    assert stream(client, model="sandbox/no-done")[-1]["type"] == "message_delta"
    assert stream(client, model="sandbox/cut-stream")[-1]["type"] == "content_block_stop"
    with pytest.raises(httpx.RemoteProtocolError):
        post(client, model="sandbox/drops-connection", stream=True)
