"""Real exchanges with OpenRouter, played again: what came then comes out of `ask` now."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from openrouter_connector import (
    Connector,
    ConnectorError,
    Event,
    FileStore,
    IncompleteError,
    RateLimitedError,
    Result,
)
from support.scripted_server import ASK, Answer, response, scripted

WHOLE = [
    "file_annotation", "google_nested_schema", "thinking_high_emits_effort_high", "tool_calling",
    "tool_optional_parameters", "usage", "web_search_annotations", "with_preset", "with_reasoning",
]  # fmt: skip
STREAMED = [
    "stream_with_native_options", "stream_with_reasoning", "web_search_annotations_stream",
]  # fmt: skip


def exchanges(shared: Path, name: str) -> Iterator[tuple[Answer, str]]:
    """Give the answers of a recording, ready to be served, and their bodies."""
    for one in json.loads((shared / "recordings" / f"{name}.json").read_text("utf-8")):
        found = one["response"]
        kind = found["headers"]["content-type"]
        yield response(found["body"], found["status"], kind=kind), found["body"]


def chunks(body: str) -> list[Any]:
    lines = [line.removeprefix("data: ") for line in body.split("\n") if line.startswith("data: ")]
    return [json.loads(line) for line in lines if line != "[DONE]"]


def streamed(connector: Connector, base_url: str, files: FileStore) -> tuple[list[Event], Any]:
    async def collected() -> tuple[list[Event], Any]:
        seen: list[Event] = []
        async with connector.connect("sk-or-x", base_url=base_url, files=files) as session:
            try:
                async for event in session.stream("ask", ASK):
                    seen.append(event)
            except ConnectorError as error:
                return seen, error
        return seen, seen[-1].result

    return asyncio.run(collected())


def expect(result: Result, response: Any) -> None:
    """Compare a result with the completion it came from."""
    choice, usage = response["choices"][0], response["usage"]
    message, metadata = choice["message"], result.metadata.to_json()
    assert result.output == (message["content"] or "")
    told = {
        "generationId": response["id"],
        "model": response["model"],
        "provider": response["provider"],
        "usage": usage,
        "finishReason": choice["finish_reason"],
        "nativeFinishReason": choice["native_finish_reason"],
        "reasoning": message.get("reasoning"),
        "reasoningDetails": message.get("reasoning_details"),
        "annotations": message.get("annotations"),
        "toolCalls": message.get("tool_calls"),
    }
    known = {key: value for key, value in told.items() if value is not None}
    assert {key: metadata.get(key) for key in told if metadata.get(key) is not None} == known
    assert metadata["cost"] == expected_cost(usage)


def expected_cost(usage: Any) -> Any:
    if usage.get("is_byok"):
        return usage["cost"] + usage["cost_details"]["upstream_inference_cost"]
    return usage.get("cost")


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_answer_comes_out_as_it_came(
    connector: Connector, store: FileStore, shared: Path, name: str
) -> None:
    for answer, body in exchanges(shared, name):
        with scripted(answer) as server:
            result = connector.run("ask", ASK, "sk-or-x", base_url=server.base_url, files=store)
            seen, again = streamed(connector, server.base_url, store)
        expect(result, json.loads(body))
        expect(again, json.loads(body))
        assert "".join(event.text for event in seen) == result.output


@pytest.mark.parametrize("name", STREAMED)
def test_a_streamed_answer_adds_up(
    connector: Connector, store: FileStore, shared: Path, name: str
) -> None:
    for answer, body in exchanges(shared, name):
        parts = chunks(body)
        choices = [part["choices"][0] for part in parts if part["choices"]]
        text = "".join(choice["delta"].get("content") or "" for choice in choices)
        usage = next(part["usage"] for part in parts if part.get("usage"))
        with scripted(answer) as server:
            seen, result = streamed(connector, server.base_url, store)
            concurrency = connector.run(
                "ask", ASK, "sk-or-x", base_url=server.base_url, files=store
            )
        assert text and result.output == concurrency.output == text
        assert "".join(event.text for event in seen) == text
        assert result.metadata.usage == usage
        assert result.metadata.cost == usage["cost"]
        assert result.metadata.finish_reason == "stop"
        assert result.metadata.model == parts[0]["model"]
        assert result.metadata.provider == parts[0]["provider"]
        assert result.metadata.generation_id == parts[0]["id"]
        pages = [page for choice in choices for page in choice["delta"].get("annotations") or ()]
        assert (result.metadata.annotations or []) == pages


def test_a_stream_that_failed_midway_is_incomplete(
    connector: Connector, store: FileStore, shared: Path
) -> None:
    for answer, _ in exchanges(shared, "stream_error"):
        with scripted(answer) as server:
            seen, error = streamed(connector, server.base_url, store)
            assert len(server.requests) == 1
        assert isinstance(error, IncompleteError)
        assert "Token limit reached" in error.message
        assert (error.code, error.provider) == (400, "Minimax")
        assert "".join(event.reasoning for event in seen).startswith("We need to respond")


def test_a_refusal_says_what_the_provider_said(
    connector: Connector, store: FileStore, shared: Path
) -> None:
    answers = [answer for answer, _ in exchanges(shared, "errors_raised")]
    with scripted(*answers) as server, pytest.raises(RateLimitedError) as caught:
        connector.run("ask", ASK, "sk-or-x", base_url=server.base_url, files=store, attempts=3)
    assert (len(server.requests), caught.value.attempts) == (3, 3)
    assert caught.value.provider == "Google"
    assert "temporarily rate-limited upstream" in caught.value.message


def test_a_model_is_found_in_the_real_catalogue(
    connector: Connector, store: FileStore, shared: Path
) -> None:
    catalogue = response((shared / "recordings" / "models.json").read_bytes())
    rows = json.loads((shared / "recordings" / "models.json").read_bytes())["data"]
    able = next(row["id"] for row in rows if "structured_outputs" in row["supported_parameters"])
    unable = next(
        row["id"] for row in rows if "structured_outputs" not in row["supported_parameters"]
    )
    schema = {"responseFormat": "JSON", "responseSchema": {"type": "object"}}

    async def body_for(model: str, base_url: str) -> Any:
        async with connector.connect("sk-or-x", base_url=base_url, files=store) as session:
            asked = ASK | {"model": model, "response": schema}
            call = (await session.check("ask", asked)).call
            assert call
            return call.body

    with scripted(catalogue) as server:
        for model, expected in ((able, "json_schema"), (f"{able}:online", "json_schema")):
            body = asyncio.run(body_for(model, server.base_url))
            assert body["response_format"]["type"] == expected
        body = asyncio.run(body_for(unable, server.base_url))
        assert body.get("response_format", {}).get("type") != "json_schema"
        assert "JSON Schema" in body["messages"][-1]["content"]
    assert {one.path for one in server.requests} == {"/api/v1/models?output_modalities=text"}
