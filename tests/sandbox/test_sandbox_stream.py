"""The events of a streamed completion."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

Complete = Callable[..., dict[str, Any]]
Stream = Callable[..., list[dict[str, Any]]]


def deltas(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [choice["delta"] for chunk in found for choice in chunk["choices"]]


def test_a_stream_begins_with_comments_and_ends_with_done(client: httpx.Client) -> None:
    body = {"messages": [{"role": "user", "content": "one two three four five"}], "stream": True}
    response = client.post("/chat/completions", json=body)
    assert response.text.startswith(": OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\ndata: {")
    assert "}\n\n: OPENROUTER PROCESSING\n\ndata: {" in response.text
    assert response.text.endswith("data: [DONE]\n\n")
    assert response.headers["X-Generation-Id"] in response.text
    assert response.headers["Cache-Control"] == "no-cache"


def test_the_chunks_add_up_to_the_answer(complete: Complete, stream: Stream) -> None:
    prompt = "  Two  spaces,\n\nlines, and an end.\n "
    found = stream(prompt=prompt)
    whole = complete(prompt=prompt)
    assert (
        "".join(delta["content"] for delta in deltas(found))
        == whole["choices"][0]["message"]["content"]
    )
    assert found[-1]["usage"] == whole["usage"]
    assert {delta["role"] for delta in deltas(found)} == {"assistant"}
    assert len(found) > 5


def test_reasoning_comes_before_the_text(stream: Stream) -> None:
    found = deltas(stream("sandbox/thinker"))
    thinking = [delta for delta in found if "reasoning" in delta]
    assert found[: len(thinking)] == thinking
    assert all(delta["content"] == "" for delta in thinking)
    thought = "".join(delta["reasoning"] for delta in thinking)
    assert thought == "".join(delta["reasoning_details"][0]["text"] for delta in thinking)


@pytest.mark.parametrize(
    ("model", "choices"),
    [
        pytest.param("sandbox/echo", [], id="no-choices"),
        pytest.param("sandbox/vision", [None], id="finish-null"),
        pytest.param("sandbox/thinker", ["stop"], id="finish-again"),
    ],
)
def test_the_usage_comes_in_three_shapes(stream: Stream, model: str, choices: list[Any]) -> None:
    last = stream(model)[-1]
    assert last["usage"]["total_tokens"] > 0
    assert [choice["finish_reason"] for choice in last["choices"]] == choices


def test_images_citations_and_tools_are_streamed(stream: Stream) -> None:
    drawn = deltas(stream("sandbox/illustrator", modalities=["image", "text"]))
    assert any("images" in delta for delta in drawn)
    assert any("annotations" in delta for delta in deltas(stream(plugins=[{"id": "web"}])))
    tools = [{"type": "function", "function": {"name": "go"}}]
    called = deltas(stream(tools=tools, tool_choice="required"))
    assert any("tool_calls" in delta for delta in called)


def test_a_refused_stream_is_plain_json(client: httpx.Client) -> None:
    response = client.post("/chat/completions", json={"messages": [], "stream": True})
    assert (response.status_code, response.headers["content-type"]) == (
        400,
        "application/json",
    )
