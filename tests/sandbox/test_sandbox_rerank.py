"""Documents sorted by their relevance to a query."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

DOCUMENTS = ["a red car", "boats in blue water", {"text": "a blue boat"}]


def rank(client: httpx.Client, **more: Any) -> dict[str, Any]:
    body = {"model": "sandbox/ranker", "query": "Blue boats?", "documents": DOCUMENTS} | more
    response = client.post("/rerank", json=body)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def test_documents_are_sorted_by_the_words_they_share(client: httpx.Client) -> None:
    results = rank(client)["results"]
    assert [row["index"] for row in results] == [1, 2, 0]
    scores = [row["relevance_score"] for row in results]
    assert 1 > scores[0] > scores[1] > scores[2] == 0


def test_a_document_is_returned_as_an_object(client: httpx.Client) -> None:
    documents = [row["document"] for row in rank(client)["results"]]
    assert documents == [
        {"text": "boats in blue water"},
        {"text": "a blue boat"},
        {"text": "a red car"},
    ]


def test_the_list_is_cut_at_top_n(client: httpx.Client) -> None:
    assert [row["index"] for row in rank(client, top_n=1)["results"]] == [1]
    assert len(rank(client, top_n=99)["results"]) == 3


def test_equals_keep_their_order(client: httpx.Client) -> None:
    assert [row["index"] for row in rank(client, documents=["x", "y", "z"])["results"]] == [0, 1, 2]


def test_a_search_through_a_hundred_documents_is_a_unit(client: httpx.Client) -> None:
    assert rank(client, documents=["x"] * 101)["usage"]["search_units"] == 2
    assert rank(client)["usage"]["cost"] == 0.001


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"documents": []}, 400),
        ({"documents": ["x"] * 10_000}, 400),
        ({"documents": "x"}, 400),
        ({"documents": [3]}, 400),
        ({"documents": [{}]}, 400),
        ({"query": ""}, 400),
        ({"top_n": 0}, 400),
        ({"model": "sandbox/echo"}, 400),
        ({"model": "sandbox/indexer"}, 400),
        ({"documents": [{"image": "https://sandbox.example/x.png"}]}, 404),
    ],
    ids=lambda value: str(value)[:30],
)
def test_invalid_rerank_inputs_are_refused(
    client: httpx.Client, body: dict[str, Any], status: int
) -> None:
    params = {"model": "sandbox/ranker", "query": "x", "documents": ["x"]} | body
    response = client.post("/rerank", json=params)
    assert response.status_code == status
    assert response.json()["error"]["code"] == status
