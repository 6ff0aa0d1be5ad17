"""`createEmbeddings` and `createRerank`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from openrouter_connector import ApiError, Connector, IncompleteError, InputError
from openrouter_connector.sandbox import Sandbox
from support.performing import Perform
from support.scripted_server import response, scripted

EMBED = {"model": "sandbox/indexer", "input": "A red boat"}
RANK = {"model": "sandbox/ranker", "query": "red boat", "documents": ["A cat", "A red boat"]}


def test_a_text_becomes_a_vector(perform: Perform, sent: Callable[[], Any]) -> None:
    result = perform("createEmbeddings", EMBED)
    (one,) = result.output
    assert len(one["embedding"]) > 8
    assert all(isinstance(number, float) for number in one["embedding"])
    assert sent() == EMBED
    assert (result.metadata.usage or {})["cost"] == result.metadata.cost


def test_texts_that_resemble_each_other_lie_closer(perform: Perform) -> None:
    texts = ["A red boat", "A red boat sails", "Tax law of 1987"]
    boat, sails, tax = (
        one["embedding"] for one in perform("createEmbeddings", EMBED | {"input": texts}).output
    )
    assert _product(boat, sails) > _product(boat, tax)


def test_what_is_asked_of_the_vectors_is_sent(perform: Perform, sent: Callable[[], Any]) -> None:
    more = {"dimensions": 16, "encodingFormat": "base64", "inputType": "search_query", "user": "u"}
    result = perform("createEmbeddings", EMBED | more)
    assert isinstance(result.output[0]["embedding"], str)
    assert sent() == EMBED | {
        "dimensions": 16, "encoding_format": "base64", "input_type": "search_query", "user": "u",
    }  # fmt: skip


@pytest.mark.parametrize(
    "given",
    [
        ["a", "b"],
        [1, 2, 3],
        [[1, 2], [3]],
        [{"content": [{"type": "text", "text": "A boat"}]}],
    ],
)
def test_every_kind_of_input_is_sent_as_it_is(
    perform: Perform, sent: Callable[[], Any], given: Any
) -> None:
    vector = {"object": "embedding", "embedding": [0.5], "index": 0}
    answer = {"object": "list", "data": [vector], "model": "a/b"}
    with scripted(response(answer)) as server:
        asked = EMBED | {"input": given}
        result = perform("createEmbeddings", asked, base_url=server.base_url)
    assert server.requests[0].json["input"] == given
    assert result.output == [vector]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("", "input: has 0 characters; the minimum is 1"),
        ([], "input: has 0 items; the minimum is 1"),
        (["a", ""], r"input\[1\]: has 0 characters; the minimum is 1"),
        ([[1], []], r"input\[1\]: has 0 items; the minimum is 1"),
        ({"text": "a"}, "input: must be text or a list, not an object"),
    ],
)
def test_an_invalid_input_is_refused(
    perform: Perform, count: Callable[[], int], given: Any, told: str
) -> None:
    with pytest.raises(InputError, match=told):
        perform("createEmbeddings", EMBED | {"input": given})
    assert count() == 0


def test_documents_are_sorted(perform: Perform, sent: Callable[[], Any]) -> None:
    result = perform("createRerank", RANK | {"topN": 1})
    (best,) = result.output
    assert (best["index"], best["document"]) == (1, {"text": "A red boat"})
    assert sent() == RANK | {"top_n": 1}
    assert (result.metadata.cost or 0) > 0


def test_documents_with_images_are_sent_as_they_are(perform: Perform) -> None:
    documents = ["A cat", {"text": "A boat", "image": "https://example.com/boat.png"}]
    results = [{"index": 1, "relevance_score": 0.5}]
    with scripted(response({"model": "a/b", "results": results})) as server:
        asked = RANK | {"documents": documents}
        assert perform("createRerank", asked, base_url=server.base_url).output == results
    assert server.requests[0].json["documents"] == documents


def test_ten_thousand_documents_are_sent_and_come_back(perform: Perform) -> None:
    documents = [f"Document {number}" for number in range(10_000)]
    results = [
        {"index": number, "relevance_score": 0.5, "document": {"text": text}}
        for number, text in enumerate(documents)
    ]
    with scripted(response({"model": "a/b", "results": results})) as server:
        asked = RANK | {"documents": documents}
        assert perform("createRerank", asked, base_url=server.base_url).output == results
    assert server.requests[0].json["documents"] == documents


def test_more_documents_than_a_model_takes_are_refused_once(
    perform: Perform, count: Callable[[], int]
) -> None:
    with pytest.raises(ApiError, match="1000 documents"):
        perform("createRerank", RANK | {"documents": ["x"] * 10_000})
    assert count() == 1


def test_of_ten_thousand_documents_the_wrong_one_is_named(
    perform: Perform, count: Callable[[], int]
) -> None:
    documents: list[Any] = ["x"] * 10_000
    documents[7_777] = 5
    with pytest.raises(InputError) as caught:
        perform("createRerank", RANK | {"documents": documents, "topN": 0})
    assert sorted(map(str, caught.value.problems)) == [
        "documents[7777]: must be text or an object, not a number",
        "topN: 0 is less than 1",
    ]
    assert count() == 0


def test_no_documents_are_refused(perform: Perform, count: Callable[[], int]) -> None:
    with pytest.raises(InputError, match="documents: has 0 items; the minimum is 1"):
        perform("createRerank", RANK | {"documents": []})
    with pytest.raises(InputError, match="documents: is missing"):
        perform("createRerank", {"model": "sandbox/ranker", "query": "x"})
    assert count() == 0


@pytest.mark.parametrize(("action", "asked"), [("createEmbeddings", EMBED), ("createRerank", RANK)])
def test_a_model_of_another_kind_is_refused(
    perform: Perform, connector: Connector, played: Sandbox, action: str, asked: Any
) -> None:
    wrong = asked | {"model": "sandbox/echo"}
    with pytest.raises(ApiError):
        perform(action, wrong)

    async def checked() -> Any:
        async with connector.connect(played.token, base_url=played.base_url) as session:
            return await session.check(action, wrong)

    (problem,) = asyncio.run(checked()).problems
    assert (problem.path, "sandbox/echo outputs text" in problem.message) == ("model", True)


@pytest.mark.parametrize(("action", "asked"), [("createEmbeddings", EMBED), ("createRerank", RANK)])
def test_a_reply_without_a_list_is_incomplete(perform: Perform, action: str, asked: Any) -> None:
    with scripted(response({"model": "a/b"})) as server, pytest.raises(IncompleteError):
        perform(action, asked, base_url=server.base_url)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("action", "model"),
    [("createEmbeddings", "sandbox/indexer"), ("createRerank", "sandbox/ranker")],
)
def test_only_fitting_models_are_offered(
    connector: Connector, played: Sandbox, action: str, model: str
) -> None:
    async def offered() -> Any:
        async with connector.connect(played.token, base_url=played.base_url) as session:
            return await session.options(action, "model")

    values = {option["value"] for option in asyncio.run(offered()).options}
    assert model in values and "sandbox/echo" not in values


def _product(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))
