"""The responses of the sandbox validate against OpenRouter's own OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from support.clock import Clock
from support.images import DOT
from support.openapi import answered, needs_document, reply_schema, validate

Chunks = Callable[[str], list[Any]]
Stream = Callable[..., list[dict[str, Any]]]
pytestmark = needs_document

MODEL = {"author": "sandbox", "slug": "echo"}
READS = [
    pytest.param("/models", {}, {}, id="models"),
    pytest.param("/models", {}, {"output_modalities": "all", "limit": 9}, id="all-models"),
    pytest.param("/models/count", {}, {}, id="count"),
    pytest.param("/model/{author}/{slug}", MODEL, {}, id="model"),
    pytest.param("/models/{author}/{slug}/endpoints", MODEL, {}, id="endpoints"),
    pytest.param("/images/models", {}, {}, id="image-models"),
    pytest.param(
        "/images/models/{author}/{slug}/endpoints",
        {"author": "sandbox", "slug": "painter"},
        {},
        id="image-endpoints",
    ),
    pytest.param("/videos/models", {}, {}, id="video-models"),
    pytest.param("/embeddings/models", {}, {}, id="embedding-models"),
    pytest.param("/endpoints/zdr", {}, {}, id="zdr-endpoints"),
    pytest.param("/models", {}, {"output_modalities": "rerank"}, id="rerank-models"),
    pytest.param("/providers", {}, {}, id="providers"),
    pytest.param("/key", {}, {}, id="key"),
    pytest.param("/models/user", {}, {"limit": 3}, id="models-of-a-key"),
    pytest.param("/presets", {}, {}, id="presets"),
    pytest.param("/presets/{slug}", {"slug": "pirate"}, {}, id="preset"),
]


@pytest.mark.parametrize(("path", "names", "query"), READS)
def test_what_is_read(
    client: httpx.Client, path: str, names: dict[str, str], query: dict[str, Any]
) -> None:
    response = client.get(path.format(**names), params=query)
    assert response.status_code == 200
    validate(response.json(), reply_schema("get", path, 200))


def test_credits(client: httpx.Client) -> None:
    response = client.get("/credits", headers={"Authorization": "Bearer sk-or-v1-management"})
    validate(response.json(), reply_schema("get", "/credits", 200))


USER = [{"role": "user", "content": "Hello"}]
TOOLS = [{"type": "function", "function": {"name": "go", "parameters": {"type": "object"}}}]
CHATS = [
    pytest.param({"model": "sandbox/echo"}, id="plain"),
    pytest.param({"model": "sandbox/echo", "logprobs": True}, id="logprobs"),
    pytest.param({"model": "sandbox/thinker"}, id="reasoning"),
    pytest.param({"model": "sandbox/thinker", "max_tokens": 3}, id="reasoning-only"),
    pytest.param({"model": "sandbox/vision"}, id="other-usage-chunk"),
    pytest.param({"plugins": [{"id": "web"}]}, id="search"),
    pytest.param({"tools": TOOLS, "tool_choice": "required"}, id="tools"),
    pytest.param({"model": "sandbox/illustrator", "modalities": ["image", "text"]}, id="pictures"),
    pytest.param({"model": "sandbox/ok-with-choice-error"}, id="choice-error"),
    pytest.param({"model": "sandbox/length"}, id="length"),
]


@pytest.mark.parametrize("body", CHATS)
def test_chat(client: httpx.Client, stream: Stream, body: dict[str, Any]) -> None:
    body = {"messages": USER} | body
    validate(body, {"$ref": "#/components/schemas/ChatRequest"})
    response = client.post("/chat/completions", json=body)
    validate(response.json(), reply_schema("post", "/chat/completions", 200))
    for chunk in stream(**{"model": "sandbox/echo"} | body):
        validate(chunk, {"$ref": "#/components/schemas/ChatStreamChunk"})


@pytest.mark.parametrize("data", [DOT, "AAAA"], ids=["a-picture", "no-picture"])
def test_chat_about_an_image(client: httpx.Client, data: str) -> None:
    part = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}}
    body = {"model": "sandbox/vision", "messages": [{"role": "user", "content": [part]}]}
    validate(body, {"$ref": "#/components/schemas/ChatRequest"})
    response = client.post("/chat/completions", json=body)
    assert response.status_code == (200 if data == DOT else 400)
    validate(response.json(), reply_schema("post", "/chat/completions", response.status_code))


def test_images(client: httpx.Client) -> None:
    body = {"model": "sandbox/painter", "prompt": "x", "resolution": "512", "n": 2}
    validate(body, {"$ref": "#/components/schemas/ImageGenerationRequest"})
    validate(client.post("/images", json=body).json(), reply_schema("post", "/images", 200))


@pytest.mark.parametrize("more", [{}, {"response_format": "verbose_json"}], ids=["json", "verbose"])
def test_transcription(client: httpx.Client, more: dict[str, Any]) -> None:
    audio = {"data": "AAAAAAAA", "format": "wav"}
    body = {"model": "sandbox/listener", "input_audio": audio} | more
    validate(body, {"$ref": "#/components/schemas/STTRequest"})
    response = client.post("/audio/transcriptions", json=body)
    validate(response.json(), reply_schema("post", "/audio/transcriptions", 200))


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/audio/speech", {"model": "sandbox/speaker", "input": "x" * 4097}, 400),
        (
            "/audio/transcriptions",
            {
                "model": "sandbox/listener",
                "input_audio": {"data": "AAAA" * 9_000_000, "format": "pcm"},
            },
            413,
        ),
    ],
    ids=["speech", "transcription"],
)
def test_what_is_too_long(
    client: httpx.Client, path: str, body: dict[str, Any], status: int
) -> None:
    response = client.post(path, json=body)
    assert response.status_code == status
    validate(response.json(), reply_schema("post", "/chat/completions", status))


def test_videos(client: httpx.Client, clock: Clock) -> None:
    job = client.post("/videos", json={"model": "sandbox/filmer", "prompt": "x"}).json()
    validate(job, reply_schema("post", "/videos", 202))
    for status in ("pending", "completed"):
        response = client.get(f"/videos/{job['id']}").json()
        validate(response, reply_schema("get", "/videos/{jobId}", 200))
        assert response["status"] == status
        clock.now += 0.35


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/chat/completions", {"messages": USER}),
        ("/images", {"model": "sandbox/painter", "prompt": "x", "resolution": "512"}),
        ("/audio/speech", {"model": "sandbox/speaker", "input": "x"}),
        ("/videos", {"model": "sandbox/filmer", "prompt": "x"}),
        ("/messages", {"model": "@preset/pirate", "messages": USER}),
        ("/responses", {"input": "x"}),
        ("/embeddings", {"model": "sandbox/indexer", "input": ["x"]}),
        ("/rerank", {"model": "sandbox/ranker", "query": "x", "documents": ["x"]}),
    ],
    ids=["chat", "image", "speech", "video", "messages", "responses", "embeddings", "rerank"],
)
def test_generations(client: httpx.Client, clock: Clock, path: str, body: dict[str, Any]) -> None:
    name = client.post(path, json=body).headers["X-Generation-Id"]
    clock.now += 0.35
    for route in ("/generation", "/generation/content"):
        response = client.get(route, params={"id": name})
        validate(response.json(), reply_schema("get", route, 200))


@pytest.mark.parametrize(
    ("model", "status"),
    [
        *(("bad-request", 400), ("no-credits", 402), ("forbidden", 403), ("no-endpoints", 404)),
        *(("rate-limited", 429), ("server-error", 500), ("bad-gateway", 502)),
        *(("unavailable", 503), ("edge-timeout", 524), ("overloaded", 529)),
    ],
)
def test_refusals(client: httpx.Client, model: str, status: int) -> None:
    response = client.post(
        "/chat/completions", json={"model": f"sandbox/{model}", "messages": USER}
    )
    validate(response.json(), reply_schema("post", "/chat/completions", status))


GO = {"name": "go", "parameters": {"type": "object"}}
MESSAGES = [
    pytest.param({}, id="plain"),
    pytest.param({"model": "sandbox/thinker"}, id="thinking"),
    pytest.param({"max_tokens": 2}, id="length"),
    pytest.param(
        {
            "tools": [{"name": "go", "input_schema": {"type": "object"}}],
            "tool_choice": {"type": "any"},
        },
        id="tools",
    ),
    pytest.param({"tools": [{"type": "web_search_20250305", "name": "web_search"}]}, id="search"),
    pytest.param({"model": "sandbox/null-content"}, id="null-content"),
]


@pytest.mark.parametrize("more", MESSAGES)
def test_messages(client: httpx.Client, chunks: Chunks, more: dict[str, Any]) -> None:
    body = {"model": "sandbox/echo", "messages": USER} | more
    validate(body, {"$ref": "#/components/schemas/MessagesRequest"})
    response = client.post("/messages", json=body)
    validate(response.json(), reply_schema("post", "/messages", 200))
    for event in chunks(client.post("/messages", json=body | {"stream": True}).text):
        validate(event, {"$ref": "#/components/schemas/MessagesStreamEvents"})


def test_a_stream_of_messages_that_breaks_off(client: httpx.Client, chunks: Chunks) -> None:
    body = {"model": "sandbox/breaks-mid-stream", "messages": USER, "stream": True}
    for event in chunks(client.post("/messages", json=body).text):
        validate(event, {"$ref": "#/components/schemas/MessagesStreamEvents"})


RESPONSES = [
    pytest.param({}, id="plain"),
    pytest.param({"model": "sandbox/thinker"}, id="reasoning"),
    pytest.param({"max_output_tokens": 2}, id="incomplete"),
    pytest.param({"tools": [{"type": "function"} | GO], "tool_choice": "required"}, id="tools"),
    pytest.param({"tools": [{"type": "openrouter:web_search"}]}, id="search"),
    pytest.param({"model": "sandbox/illustrator", "modalities": ["image", "text"]}, id="pictures"),
    pytest.param({"text": {"format": {"type": "json_object"}}}, id="json"),
    pytest.param({"model": "sandbox/ok-with-error"}, id="error"),
    pytest.param({"model": "sandbox/breaks-mid-stream"}, id="broken"),
]


@pytest.mark.parametrize("more", RESPONSES)
def test_responses(client: httpx.Client, chunks: Chunks, more: dict[str, Any]) -> None:
    body = {"model": "sandbox/echo", "input": "Hello"} | more
    validate(body, {"$ref": "#/components/schemas/ResponsesRequest"})
    response = client.post("/responses", json=body)
    validate(response.json(), reply_schema("post", "/responses", 200))
    for event in chunks(client.post("/responses", json=body | {"stream": True}).text):
        validate(event, {"$ref": "#/components/schemas/StreamEvents"})


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/embeddings", {"model": "sandbox/indexer", "input": ["a", "b"]}),
        ("/embeddings", {"model": "sandbox/indexer", "input": "a", "encoding_format": "base64"}),
        ("/rerank", {"model": "sandbox/ranker", "query": "a", "documents": ["a", {"text": "b"}]}),
    ],
    ids=["float", "base64", "rerank"],
)
def test_lists_that_are_inferred(client: httpx.Client, path: str, body: dict[str, Any]) -> None:
    request = answered()["paths"][path]["post"]["requestBody"]["content"]
    validate(body, request["application/json"]["schema"])
    validate(client.post(path, json=body).json(), reply_schema("post", path, 200))


def test_files(client: httpx.Client) -> None:
    kept = client.post("/files", files={"file": ("a.txt", b"Hello")}).json()
    validate(kept, reply_schema("post", "/files", 200))
    validate(client.get("/files").json(), reply_schema("get", "/files", 200))
    path = f"/files/{kept['id']}"
    validate(client.get(path).json(), reply_schema("get", "/files/{file_id}", 200))
    refused = client.get(f"{path}/content").json()
    validate(refused, reply_schema("get", "/files/{file_id}/content", 400))
    validate(client.delete(path).json(), reply_schema("delete", "/files/{file_id}", 200))


@pytest.mark.parametrize("end", ["", "/endpoints"])
def test_a_private_model_has_the_record_of_any_model(client: httpx.Client, end: str) -> None:
    owner = {"Authorization": "Bearer sk-or-v1-private"}
    response = client.get(f"/private/models/sandbox/house-style{end}", headers=owner)
    kind = "models" if end else "model"
    validate(response.json(), reply_schema("get", f"/{kind}/{{author}}/{{slug}}{end}", 200))


@pytest.mark.parametrize(
    ("model", "status"),
    [
        *(("bad-request", 400), ("forbidden", 403), ("no-endpoints", 404), ("rate-limited", 429)),
        *(("server-error", 500), ("unavailable", 503), ("overloaded", 529)),
    ],
)
def test_refusals_of_messages(client: httpx.Client, model: str, status: int) -> None:
    response = client.post("/messages", json={"model": f"sandbox/{model}", "messages": USER})
    validate(response.json(), reply_schema("post", "/messages", status))
