"""Answers that are none, or of another shape: told as such, with what did come."""

from __future__ import annotations

from typing import Any

import pytest

from openrouter_connector import Connector, FileStore, IncompleteError, InputError
from support.scripted_server import ASK, completion, response, scripted


def answered(connector: Connector, store: FileStore, message: Any, **more: Any) -> Any:
    body = completion("x", **more)
    body["choices"][0]["message"] = {"role": "assistant", **message}
    with scripted(response(body)) as server:
        return connector.run("ask", ASK, base_url=server.base_url, files=store)


def test_a_refusal_is_no_success(connector: Connector, store: FileStore) -> None:
    refusal = {"content": None, "refusal": "I will not"}
    with pytest.raises(IncompleteError, match="the model refused: I will not"):
        answered(connector, store, refusal)


def test_parts_of_text_are_joined(connector: Connector, store: FileStore) -> None:
    parts = [{"type": "text", "text": "Hel"}, {"type": "text", "text": "lo"}]
    assert answered(connector, store, {"content": parts}).output == "Hello"


@pytest.mark.parametrize("content", [5, True, {"a": 1}, [1]])
def test_what_is_no_text_is_no_answer(connector: Connector, store: FileStore, content: Any) -> None:
    with pytest.raises(IncompleteError, match="the answer has no content"):
        answered(connector, store, {"content": content})


@pytest.mark.parametrize("cost", [-5, True, "free", 10**400, float("nan"), float("inf")])
def test_an_impossible_cost_is_not_counted(
    connector: Connector, store: FileStore, cost: Any
) -> None:
    found = answered(connector, store, {"content": "x"}, usage={"cost": cost})
    assert found.metadata.cost is None


ELSEWHERE = {"$id": "https://example.com/x", "$ref": "#/$defs/y"}


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        (
            {"$ref": "#/$defs/x", "$defs": {"x": ELSEWHERE, "y": {}}},
            r"contains another schema: \$defs\.x\.\$id is",
        ),
        ({"anyOf": [{"$ref": "#"}]}, "'#', which leads back to itself"),
    ],
)
def test_a_schema_that_judges_no_answer_is_refused_before_anything_is_paid(
    connector: Connector, store: FileStore, schema: Any, told: str
) -> None:
    asked = ASK | {"response": {"responseFormat": "JSON", "responseSchema": schema}}
    with scripted(response(completion("1"))) as server, pytest.raises(InputError, match=told):
        connector.run("ask", asked, base_url=server.base_url, files=store)
    assert server.requests == []


def test_a_number_too_large_for_a_float_is_judged_exactly(
    connector: Connector, store: FileStore
) -> None:
    schema = {"type": "number", "multipleOf": 0.1}
    asked = ASK | {"response": {"responseFormat": "JSON", "responseSchema": schema}}
    with scripted(response({"data": []}), response(completion("1" + "0" * 400))) as server:
        found = connector.run("ask", asked, base_url=server.base_url, files=store)
    assert found.output == 10**400
