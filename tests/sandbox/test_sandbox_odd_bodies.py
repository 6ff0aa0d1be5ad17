"""Whatever a client sends, the sandbox answers in the envelope, and never breaks."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from support.images import DOT

Path = tuple[str | int, ...]
STRANGE: list[Any] = [None, True, -1, 3.5, "", "strange", [], [{}], {}, {"type": "strange"}]
PICTURE = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{DOT}"}}
BODIES: dict[str, dict[str, Any]] = {
    "/chat/completions": {
        "model": "sandbox/echo",
        "models": ["sandbox/vision"],
        "messages": [
            {"role": "system", "content": "Be brief"},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": 'Like {"type": "object"}'},
                    PICTURE,
                    {
                        "type": "file",
                        "file": {"filename": "a", "file_data": "data:a/b;base64,AAAA"},
                    },
                    {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
                ],
            },
        ],
        "response_format": {
            "type": "json_schema",
            "json_schema": {
                "name": "x",
                "schema": {
                    "type": "object",
                    "properties": {"a": {"type": "array", "items": {"type": "integer"}}},
                    "required": ["a"],
                },
            },
        },
        "tools": [
            {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
        ],
        "tool_choice": "required",
        "reasoning": {"effort": "low", "exclude": False},
        "provider": {"only": ["sandbox"], "max_price": {"prompt": 5}},
        "plugins": [{"id": "web", "enabled": True}],
        "stop": ["zz"],
        "max_tokens": 50,
        "logprobs": True,
        "stream": False,
    },
    "/images": {
        "model": "sandbox/painter",
        "prompt": "p",
        "n": 1,
        "aspect_ratio": "1:1",
        "resolution": "512",
        "output_format": "jpeg",
        "output_compression": 5,
        "seed": 1,
        "input_references": [PICTURE],
    },
    "/audio/speech": {"model": "sandbox/speaker", "input": "hi", "voice": "alba", "speed": 1},
    "/audio/transcriptions": {
        "model": "sandbox/listener",
        "input_audio": {"data": "AAAA", "format": "wav"},
        "language": "en",
        "response_format": "verbose_json",
        "timestamp_granularities": ["word"],
    },
    "/videos": {"model": "sandbox/filmer", "prompt": "x", "duration": 2, "resolution": "480p"},
    "/messages": {
        "model": "sandbox/ponderer",
        "max_tokens": 3000,
        "system": [{"type": "text", "text": "Be brief"}],
        "messages": [
            {
                "role": "assistant",
                "content": [{"type": "tool_use", "id": "t1", "name": "f", "input": {}}],
            },
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "Hello"},
                    {
                        "type": "image",
                        "source": {"type": "base64", "media_type": "image/png", "data": DOT},
                    },
                    {"type": "document", "title": "a", "source": {"type": "text", "data": "x"}},
                    {"type": "document", "source": {"type": "content", "content": [{"text": "x"}]}},
                    {"type": "tool_result", "tool_use_id": "t1", "content": [{"text": "x"}]},
                ],
            },
        ],
        "tools": [{"name": "f", "input_schema": {"type": "object"}}],
        "tool_choice": {"type": "tool", "name": "f"},
        "thinking": {"type": "enabled", "budget_tokens": 1024},
        "output_config": {
            "effort": "low",
            "format": {"type": "json_schema", "schema": {"type": "object"}},
        },
        "stop_sequences": ["zz"],
        "provider": {"only": ["sandbox"]},
    },
    "/responses": {
        "model": "sandbox/echo",
        "instructions": "Be brief",
        "input": [
            {"role": "user", "content": [{"type": "input_text", "text": "Hello"}]},
            {
                "role": "user",
                "content": [
                    {"type": "input_image", "image_url": f"data:image/png;base64,{DOT}"},
                    {"type": "input_file", "filename": "a", "file_data": "data:a/b;base64,AAAA"},
                    {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
                ],
            },
            {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c1", "output": "x"},
        ],
        "text": {"format": {"type": "json_schema", "name": "x", "schema": {"type": "object"}}},
        "tools": [{"type": "function", "name": "f", "parameters": {"type": "object"}}],
        "tool_choice": {"type": "function", "name": "f"},
        "reasoning": {"effort": "low"},
        "max_output_tokens": 50,
        "include": ["reasoning.encrypted_content"],
        "metadata": {"a": "b"},
    },
    "/embeddings": {
        "model": "sandbox/indexer-large",
        "input": [{"content": [{"type": "text", "text": "x"}, PICTURE]}],
        "dimensions": 8,
        "encoding_format": "base64",
        "provider": {"only": ["sandbox"]},
    },
    "/rerank": {
        "model": "sandbox/ranker",
        "query": "x",
        "documents": ["x", {"text": "y"}],
        "top_n": 1,
    },
}


def places(node: Any, path: Path = ()) -> Iterator[Path]:
    inner = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in inner:
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from places(value, (*path, key))


def changed(body: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    whole = copy.deepcopy(body)
    node: Any = whole
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    return whole


@pytest.mark.parametrize("path", BODIES)
def test_a_strange_value_anywhere_never_breaks_the_sandbox(client: httpx.Client, path: str) -> None:
    for place in places(BODIES[path]):
        for value in STRANGE:
            response = client.post(path, json=changed(BODIES[path], place, value))
            assert response.status_code < 500, (place, value, response.text)
            if response.status_code >= 400:
                error = response.json()["error"]
                assert error["message"]
                assert path == "/messages" or error["code"] == response.status_code


SCHEMA = {
    "type": "object",
    "properties": {
        "class": {"type": "string", "enum": ["a", "b"], "description": "x"},
        "boxes": {
            "type": "array",
            "items": {
                "properties": {
                    "box": {"type": "array", "items": {"type": "integer", "maximum": 1000}},
                    "label": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                    "confidence": {"type": "number", "minimum": 0},
                }
            },
            "maxItems": 2,
        },
        "count": {"$ref": "#/$defs/count"},
    },
    "$defs": {"count": {"type": "integer"}},
}


@pytest.mark.parametrize("model", ["vision", "stray-boxes", "fenced-json", "prose-json"])
def test_a_strange_schema_with_an_image_never_breaks_the_sandbox(
    client: httpx.Client, model: str
) -> None:
    body = {"model": f"sandbox/{model}", "messages": [{"role": "user", "content": [PICTURE]}]}
    for place in places(SCHEMA):
        for value in (*STRANGE, {"$ref": "#/$defs/nothing"}, {"$ref": "#/$defs/count"}):
            described = {"name": "x", "schema": changed(SCHEMA, place, value)}
            form = {"type": "json_schema", "json_schema": described}
            response = client.post("/chat/completions", json=body | {"response_format": form})
            assert response.status_code in (200, 400), (place, value, response.text)


@pytest.mark.parametrize("body", [b"", b"[]", b"3", b'"x"', b"\xff"])
@pytest.mark.parametrize("path", BODIES)
def test_a_body_must_be_an_object(client: httpx.Client, path: str, body: bytes) -> None:
    assert client.post(path, content=body).status_code == 400
