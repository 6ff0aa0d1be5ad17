"""Every fault model fails as its line in the table says."""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from openrouter_connector.sandbox import Sandbox, fault_table

Complete = Callable[..., dict[str, Any]]
Stream = Callable[..., list[dict[str, Any]]]
Chunks = Callable[[str], list[Any]]
DOCS = Path(__file__).parents[2] / "docs" / "sandbox.md"
BODIES: dict[str, dict[str, Any]] = {
    "/chat/completions": {"messages": [{"role": "user", "content": "Hello"}]},
    "/images": {"prompt": "a boat", "resolution": "512"},
    "/audio/speech": {"input": "Hello", "response_format": "mp3"},
    "/audio/transcriptions": {"input_audio": {"data": "AAAA", "format": "wav"}},
    "/videos": {"prompt": "a boat"},
    "/messages": {"messages": [{"role": "user", "content": "Hello"}]},
    "/responses": {"input": "Hello"},
    "/embeddings": {"input": "Hello"},
    "/rerank": {"query": "Hello", "documents": ["Hello", "World"]},
}


def post(client: httpx.Client, model: str, path: str = "/chat/completions", **more: Any) -> Any:
    return client.post(path, json={"model": f"sandbox/{model}"} | BODIES[path] | more)


@pytest.mark.parametrize("path", BODIES)
@pytest.mark.parametrize(
    ("model", "status"),
    [
        *(("rate-limited", 429), ("daily-limit", 429), ("no-credits", 402), ("forbidden", 403)),
        *(("no-endpoints", 404), ("unavailable", 503), ("bad-gateway", 502), ("overloaded", 529)),
        *(("edge-timeout", 524), ("server-error", 500), ("bad-request", 400)),
    ],
)
def test_a_refusing_fault_works_at_every_endpoint(
    client: httpx.Client, path: str, model: str, status: int
) -> None:
    response = post(client, model, path)
    assert response.status_code == status
    error = response.json()["error"]
    assert error["type"] if path == "/messages" else error["code"] == status
    assert "Retry-After" not in response.headers


def test_the_daily_limit_names_its_source_and_its_reset(client: httpx.Client) -> None:
    response = post(client, "daily-limit")
    metadata = response.json()["error"]["metadata"]
    assert metadata["limit_source"] == "openrouter_free_tier_daily"
    assert int(response.headers["X-RateLimit-Reset"]) / 1000 > time.time()
    assert "free-models-per-day" in response.json()["error"]["message"]


def test_the_reason_of_a_bad_request_is_json_in_a_string(client: httpx.Client) -> None:
    raw = post(client, "bad-request").json()["error"]["metadata"]["raw"]
    assert json.loads(raw)["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("path", BODIES)
@pytest.mark.parametrize(
    ("model", "status", "after"),
    [("rate-limited-once", 429, "1"), ("unavailable-once", 503, None)],
)
def test_a_fault_of_once_fails_once_per_request(
    client: httpx.Client, path: str, model: str, status: int, after: str | None
) -> None:
    for _ in range(2):
        first, second = post(client, model, path), post(client, model, path)
        assert (first.status_code, first.headers.get("Retry-After")) == (status, after)
        assert second.status_code in (200, 202)
    assert post(client, model, path, seed=7).status_code == status
    assert post(client, model, path, seed=7).status_code in (200, 202)


def test_null_content(complete: Complete, stream: Stream) -> None:
    assert complete("sandbox/null-content")["choices"][0]["message"]["content"] is None
    found = stream("sandbox/null-content")
    assert "".join(c["delta"]["content"] for chunk in found for c in chunk["choices"]) == ""


def test_null_choices(complete: Complete, stream: Stream) -> None:
    whole = complete("sandbox/null-choices")
    assert whole["choices"] is None
    assert "error" not in whole
    assert stream("sandbox/null-choices")[0]["choices"] is None


def test_ok_with_error(complete: Complete, stream: Stream) -> None:
    whole = complete("sandbox/ok-with-error")
    assert (whole["choices"], whole["error"]["code"]) == (None, 502)
    assert stream("sandbox/ok-with-error")[0]["error"]["code"] == 502


@pytest.mark.parametrize("model", ["sandbox/ok-with-choice-error", "sandbox/breaks-mid-stream"])
def test_an_error_after_some_text(complete: Complete, stream: Stream, model: str) -> None:
    choice = complete(model)["choices"][0]
    assert choice["finish_reason"] == "error"
    assert choice["error"]["code"] == 502
    *before, last = stream(model)
    text = "".join(c["delta"]["content"] for chunk in before for c in chunk["choices"])
    assert text == choice["message"]["content"] == "This is the sandbox answering; no model "
    assert last["error"]["code"] == 502


def test_a_nested_completion(complete: Complete, stream: Stream) -> None:
    nested = complete("sandbox/nested-completion")
    assert "choices" not in nested
    assert nested["provider"]["choices"][0]["message"]["content"]
    assert stream("sandbox/nested-completion")[-1]["usage"]


def test_a_connection_that_drops(client: httpx.Client) -> None:
    for path in BODIES:
        with pytest.raises(httpx.RemoteProtocolError):
            post(client, "drops-connection", path)
    with pytest.raises(httpx.RemoteProtocolError):
        post(client, "drops-connection", stream=True)


def test_a_stream_without_done(client: httpx.Client, chunks: Chunks) -> None:
    text = post(client, "no-done", stream=True).text
    assert "[DONE]" not in text
    assert chunks(text)[-1]["usage"]
    assert post(client, "no-done").json()["choices"]


def test_a_stream_that_is_cut(client: httpx.Client, chunks: Chunks) -> None:
    found = chunks(post(client, "cut-stream", stream=True).text)
    assert found
    assert not any("usage" in chunk for chunk in found)
    assert {chunk["choices"][0]["finish_reason"] for chunk in found} == {None}


def test_cut_by_length(complete: Complete, stream: Stream) -> None:
    for choice in (
        complete("sandbox/length")["choices"][0],
        stream("sandbox/length")[-2]["choices"][0],
    ):
        assert choice["finish_reason"] == "length"


def test_thinking_too_long(complete: Complete, stream: Stream) -> None:
    choice = complete("sandbox/thinks-too-long")["choices"][0]
    assert (choice["message"]["content"], choice["finish_reason"]) == (None, "length")
    assert choice["message"]["reasoning"]
    assert any("reasoning" in c["delta"] for c in stream("sandbox/thinks-too-long")[0]["choices"])


def test_responses_that_are_not_json(client: httpx.Client) -> None:
    for path in BODIES:
        assert post(client, "html", path).text.startswith("<!DOCTYPE html>")
        assert post(client, "empty", path).content == b""
        assert post(client, "wrong-shape", path).json().keys() == {"status", "result"}
    for path in BODIES.keys() - {"/audio/speech"}:
        with pytest.raises(ValueError, match=r"Unterminated|Expecting|delimiter"):
            post(client, "truncated-json", path).json()


def test_a_gzip_bomb_is_small_and_becomes_huge(served: Sandbox, client: httpx.Client) -> None:
    body = {"model": "sandbox/gzip-bomb"} | BODIES["/chat/completions"]
    with client.stream("POST", "/chat/completions", json=body) as response:
        assert response.headers["Content-Encoding"] == "gzip"
        packed = b"".join(response.iter_raw())
    assert len(packed) < 5_000_000
    beginning = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(packed[:100_000])
    assert len(beginning) > 90_000_000
    assert beginning.isspace()


def test_slow_sends_keep_alives(client: httpx.Client) -> None:
    for path in ("/chat/completions", "/audio/speech", "/videos"):
        began = time.monotonic()
        response = post(client, "slow", path)
        assert time.monotonic() - began >= 0.3
        assert response.status_code in (200, 202)
    response = post(client, "slow")
    assert response.text.startswith("\n\n\n")
    assert response.json()["choices"]
    assert post(client, "slow", stream=True).text.startswith(": OPENROUTER PROCESSING\n\n" * 8)


def test_whitespace_first(client: httpx.Client) -> None:
    for path in BODIES.keys() - {"/audio/speech"}:
        response = post(client, "whitespace-first", path)
        assert response.text.startswith("\n   ")
        assert "error" not in response.json() or path == "/responses"


def test_prose_json_is_valid_the_second_time(complete: Complete) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
    params = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}

    def answer(messages: list[dict[str, str]]) -> tuple[str, Any]:
        completion = complete("sandbox/prose-json", messages=messages, response_format=params)
        text = completion["choices"][0]["message"]["content"]
        return text, json.loads(text[text.index("{") : text.rindex("}") + 1])

    messages = [{"role": "user", "content": "Give me one"}]
    text, first = answer(messages)
    assert first == {}
    messages += [{"role": "assistant", "content": text}, {"role": "user", "content": "Repair it"}]
    assert answer(messages)[1] == {"a": 1}


def test_never_json(complete: Complete) -> None:
    completion = complete("sandbox/never-json", response_format={"type": "json_object"})
    assert "{" not in completion["choices"][0]["message"]["content"]


@pytest.mark.parametrize(("path", "rows"), [("/embeddings", "data"), ("/rerank", "results")])
def test_faults_alter_a_list(client: httpx.Client, path: str, rows: str) -> None:
    assert post(client, "null-content", path).json()[rows] == []
    assert post(client, "null-choices", path).json()[rows] is None
    late = post(client, "ok-with-error", path)
    assert (late.status_code, late.json()["error"]["code"]) == (200, 502)
    assert post(client, "length", path).json()[rows]


def test_every_fault_is_listed_with_its_description(client: httpx.Client) -> None:
    found = client.get("/models?output_modalities=all&q=fault").json()["data"]
    rows = fault_table().splitlines()[2:]
    assert [model["id"] for model in found] == [row.split("`")[1] for row in rows]
    assert all(model["description"].startswith("Simulates a failure.") for model in found)


def test_the_table_in_the_docs_is_current() -> None:
    assert fault_table() in DOCS.read_text("utf-8")
