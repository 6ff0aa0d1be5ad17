"""Chat through OpenAI's Responses API."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from support.images import DOT

Chunks = Callable[[str], list[Any]]
Events = Callable[..., list[dict[str, Any]]]
GO = {
    "type": "function",
    "name": "go",
    "parameters": {"type": "object", "properties": {"to": {"type": "string"}}},
}


def post(client: httpx.Client, value: Any = "Hello", **more: Any) -> httpx.Response:
    return client.post("/responses", json={"model": "sandbox/echo", "input": value} | more)


def complete(client: httpx.Client, value: Any = "Hello", **more: Any) -> dict[str, Any]:
    response = post(client, value, **more)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


@pytest.fixture
def stream(client: httpx.Client, chunks: Chunks) -> Events:
    def read(value: Any = "Hello", **more: Any) -> list[dict[str, Any]]:
        response = post(client, value, stream=True, **more)
        assert response.headers["content-type"].startswith("text/event-stream"), response.text
        assert "event:" not in response.text
        found = chunks(response.text)
        assert [event["sequence_number"] for event in found] == list(range(len(found)))
        return found

    return read


def text(response: dict[str, Any]) -> str:
    messages = [item for item in response["output"] if item["type"] == "message"]
    return "".join(part["text"] for item in messages for part in item["content"])


def test_a_response_repeats_the_input_and_the_instructions(client: httpx.Client) -> None:
    response = complete(client, instructions="Be brief", metadata={"a": "b"}, temperature=0.5)
    assert "You said: Hello" in text(response)
    assert "My system prompt is: Be brief" in text(response)
    assert response["id"].startswith("gen-")
    assert (response["status"], response["instructions"]) == ("completed", "Be brief")
    assert (response["metadata"], response["temperature"]) == ({"a": "b"}, 0.5)
    costs = response["usage"]["cost_details"]
    assert costs["upstream_inference_input_cost"] < costs["upstream_inference_output_cost"]


def test_a_conversation_arrives(client: httpx.Client) -> None:
    items = [
        {"role": "user", "content": "Go"},
        {"type": "reasoning", "id": "rs_1", "summary": []},
        {"type": "function_call", "call_id": "c1", "name": "go", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c1", "output": "Gone"},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "A"}]},
        {
            "role": "user",
            "content": [
                {"type": "input_text", "text": "Look"},
                {
                    "type": "input_image",
                    "detail": "auto",
                    "image_url": f"data:image/png;base64,{DOT}",
                },
                {"type": "input_file", "filename": "a.pdf", "file_data": "data:a/b;base64,AAAA"},
                {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
                {"type": "input_video", "video_url": "https://sandbox.example/a.mp4"},
            ],
        },
    ]
    answer = text(complete(client, items))
    for part in ("You said: Look", "1 image (", "1 file (a.pdf", "1 audio clip (wav", "1 video ("):
        assert part in answer


def test_reasoning_is_an_item_before_the_message(client: httpx.Client) -> None:
    params = {"model": "sandbox/thinker", "include": ["reasoning.encrypted_content"]}
    reasoning, message = complete(client, **params)["output"]
    assert (reasoning["type"], message["type"]) == ("reasoning", "message")
    assert reasoning["content"][0]["text"].startswith("The user wrote")
    assert reasoning["encrypted_content"]
    hidden = complete(client, model="sandbox/ponderer", reasoning={"effort": "low"})["output"][0]
    assert hidden["encrypted_content"] is None


def test_a_schema_is_followed(client: httpx.Client) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
    form = {"type": "json_schema", "name": "x", "schema": schema, "strict": True}
    response = complete(client, text={"format": form})
    assert json.loads(text(response)) == {"a": 1}
    assert response["text"]["format"]["name"] == "x"
    assert json.loads(text(complete(client, text={"format": {"type": "json_object"}})))["answer"]


def test_a_fault_violates_the_schema(client: httpx.Client) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
    form = {"type": "json_schema", "name": "x", "schema": schema}
    broken = text(complete(client, model="sandbox/prose-json", text={"format": form}))
    assert broken.startswith("Sure!")
    assert '"a"' not in broken
    assert "{" not in text(complete(client, model="sandbox/never-json", text={"format": form}))


def test_a_required_tool_is_called(client: httpx.Client) -> None:
    for choice in ("required", {"type": "function", "name": "go"}):
        response = complete(client, tools=[GO], tool_choice=choice)
        (call,) = response["output"]
        assert (call["type"], call["name"]) == ("function_call", "go")
        assert json.loads(call["arguments"]) == {"to": "sandbox to"}
        assert (response["tools"], response["tool_choice"]) == ([GO], choice)


def test_searches_are_cited_and_images_are_items(client: httpx.Client) -> None:
    part = complete(client, tools=[{"type": "web_search"}])["output"][0]["content"][0]
    assert [note["type"] for note in part["annotations"]] == ["url_citation"] * 2
    params = {"model": "sandbox/illustrator", "modalities": ["image", "text"]}
    drawn = complete(client, **params)["output"][-1]
    assert (drawn["type"], drawn["result"][:5]) == ("image_generation_call", "iVBOR")


def test_the_events_of_a_text_come_in_their_order(client: httpx.Client, stream: Events) -> None:
    events = stream()
    kinds = list(dict.fromkeys(event["type"].removeprefix("response.") for event in events))
    assert kinds == [
        *("created", "in_progress", "output_item.added", "content_part.added"),
        *("output_text.delta", "output_text.done", "content_part.done", "output_item.done"),
        "completed",
    ]
    assert events[0]["response"]["usage"] is None
    assert "".join(event.get("delta", "") for event in events) == text(complete(client))
    assert text(events[-1]["response"]) == text(complete(client))


def test_the_events_of_reasoning_and_of_a_call(stream: Events) -> None:
    kinds = [event["type"] for event in stream(model="sandbox/thinker")]
    assert kinds.index("response.reasoning_text.done") < kinds.index("response.output_text.delta")
    events = stream(tools=[GO], tool_choice="required")
    kinds = list(dict.fromkeys(event["type"].removeprefix("response.") for event in events))
    assert kinds == [
        *("created", "in_progress", "output_item.added", "function_call_arguments.delta"),
        *("function_call_arguments.done", "output_item.done", "completed"),
    ]
    assert events[2]["item"]["arguments"] == ""


def test_a_token_limit_makes_a_response_incomplete(client: httpx.Client, stream: Events) -> None:
    for response in (
        complete(client, max_output_tokens=2),
        complete(client, model="sandbox/length"),
    ):
        assert response["status"] == "incomplete"
        assert response["incomplete_details"] == {"reason": "max_output_tokens"}
    assert stream(max_output_tokens=2)[-1]["type"] == "response.incomplete"
    (reasoning,) = complete(client, model="sandbox/thinks-too-long")["output"]
    assert reasoning["type"] == "reasoning"


def test_faults_alter_a_finished_answer(client: httpx.Client) -> None:
    assert complete(client, model="sandbox/null-content")["output"] == []
    assert complete(client, model="sandbox/null-choices")["output"] is None
    assert complete(client, model="sandbox/nested-completion")["provider"]["output"]
    for model, count in (("ok-with-error", 0), ("ok-with-choice-error", 1)):
        failed = complete(client, model=f"sandbox/{model}")
        assert (failed["status"], failed["error"]["code"]) == ("failed", "server_error")
        assert failed["error_type"] == "provider_unavailable"
        assert len(failed["output"]) == count


def test_a_stream_fails(stream: Events) -> None:
    early = stream(model="sandbox/ok-with-error")[-1]
    assert (early["type"], early["code"]) == ("error", "server_error")
    *events, last = stream(model="sandbox/breaks-mid-stream")
    assert (last["type"], last["response"]["status"]) == ("response.failed", "failed")
    assert any(event["type"] == "response.output_text.delta" for event in events)


def test_a_stream_ends_early(client: httpx.Client, stream: Events) -> None:
    assert "[DONE]" not in post(client, model="sandbox/no-done", stream=True).text
    assert stream(model="sandbox/no-done")[-1]["type"] == "response.completed"
    assert stream(model="sandbox/cut-stream")[-1]["type"] == "response.output_item.done"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"input": []}, "input"),
        ({"input": [3]}, "input[0]"),
        ({"input": [{"role": "robot", "content": "x"}]}, "input[0].role"),
        ({"input": [{"role": "user", "content": [{"type": "text"}]}]}, "input[0].content[0].type"),
        (
            {"input": [{"role": "user", "content": [{"type": "input_image", "image_url": "x"}]}]},
            "input[0].content[0].image_url",
        ),
        ({"store": True}, "store"),
        ({"previous_response_id": "gen-1"}, "previous_response_id"),
        ({"tools": [{"type": "function", "function": {"name": "go"}}]}, "tools"),
        ({"text": {"format": {"type": "json_schema", "schema": {}}}}, "text.format.name"),
        ({"reasoning": {"effort": "huge"}}, "reasoning.effort"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_wrong_request_is_refused(
    client: httpx.Client, body: dict[str, Any], expected: str
) -> None:
    response = post(client, **body)
    assert response.status_code == 400
    assert expected in response.json()["error"]["message"]
