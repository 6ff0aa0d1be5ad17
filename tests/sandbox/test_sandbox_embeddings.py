"""Embeddings: each form of input, both encodings, and similar vectors for similar texts."""

from __future__ import annotations

import base64
import math
import struct
from typing import Any

import httpx
import pytest

PIXEL = "data:image/png;base64,AAAA"


def embed(client: httpx.Client, value: Any, **more: Any) -> dict[str, Any]:
    body = {"model": "sandbox/indexer", "input": value} | more
    response = client.post("/embeddings", json=body)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def vectors(client: httpx.Client, value: Any, **more: Any) -> list[list[float]]:
    return [row["embedding"] for row in embed(client, value, **more)["data"]]


def nearness(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def test_a_text_becomes_the_same_vector_of_length_one_every_time(client: httpx.Client) -> None:
    (one,), (other,) = vectors(client, "Boats on a lake"), vectors(client, "Boats on a lake")
    assert one == other
    assert len(one) == 256
    assert math.isclose(math.hypot(*one), 1, abs_tol=1e-5)


def test_similar_texts_get_similar_vectors(client: httpx.Client) -> None:
    boat, boats, tax = vectors(
        client, ["The boat sails on the lake", "Boats sail on the lakes", "File your tax return"]
    )
    assert nearness(boat, boats) > 0.4 > nearness(boat, tax)


@pytest.mark.parametrize(
    ("value", "count", "tokens"),
    [
        ("Hello there", 1, 3),
        (["Hello", "there"], 2, 4),
        ([1, 2, 3], 1, 3),
        ([[1, 2], [3]], 2, 3),
        ([{"content": [{"type": "text", "text": "Hello"}]}], 1, 2),
    ],
    ids=["text", "texts", "tokens", "lists-of-tokens", "content"],
)
def test_every_form_of_input_is_read(
    client: httpx.Client, value: Any, count: int, tokens: int
) -> None:
    found = embed(client, value)
    assert [row["index"] for row in found["data"]] == list(range(count))
    assert found["usage"]["prompt_tokens"] == found["usage"]["total_tokens"] == tokens
    assert found["usage"]["cost"] == pytest.approx(tokens * 0.02 / 1_000_000)
    assert found["model"] == "sandbox/indexer-20260414"


def test_base64_encodes_the_same_numbers(client: httpx.Client) -> None:
    (plain,) = vectors(client, "Hello", dimensions=8)
    (packed,) = vectors(client, "Hello", dimensions=8, encoding_format="base64")
    assert isinstance(packed, str)
    assert struct.unpack("<8f", base64.b64decode(packed)) == pytest.approx(plain)


def test_an_image_is_embedded_by_a_model_with_image_input(client: httpx.Client) -> None:
    image = {"type": "image_url", "image_url": {"url": PIXEL}}
    value = [{"content": [image]}, {"content": [image]}]
    one, other = vectors(client, value, model="sandbox/indexer-large")
    assert one == other
    assert len(one) == 1024
    response = client.post("/embeddings", json={"model": "sandbox/indexer", "input": value})
    assert (response.status_code, response.json()["error"]["message"]) == (
        404,
        "No endpoints found that support image input",
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"input": ""}, "input"),
        ({"input": []}, "input"),
        ({"input": ["Hello", ""]}, "input"),
        ({"input": ["Hello", 3]}, "input"),
        ({"input": ["x"] * 2049}, "at most 2048 inputs"),
        ({"input": "x" * 33_000}, "maximum context length is 8192 tokens"),
        ({"dimensions": 0}, "dimensions"),
        ({"dimensions": 257}, "256"),
        ({"encoding_format": "hex"}, "encoding_format"),
        ({"model": "sandbox/echo"}, "sandbox/echo does not support embeddings"),
        ({"model": "no/such"}, "no/such is not a valid model ID"),
        ({"provider": {"favourite": "x"}}, "favourite"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_invalid_embedding_inputs_are_refused(
    client: httpx.Client, body: dict[str, Any], expected: str
) -> None:
    response = client.post("/embeddings", json={"model": "sandbox/indexer", "input": "x"} | body)
    assert response.status_code == 400
    assert expected in response.json()["error"]["message"]


def test_a_model_that_embeds_does_not_chat(client: httpx.Client) -> None:
    body = {"model": "sandbox/indexer", "messages": [{"role": "user", "content": "Hello"}]}
    error = client.post("/chat/completions", json=body).json()["error"]
    assert error["code"] == 400
    assert error["availability"]["code"] == "wrong_endpoint"
    assert error["message"].endswith("Use the /embeddings endpoint instead.")
