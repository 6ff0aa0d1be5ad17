"""Batches as OpenRouter's own SDK describes them: what is sent, and what an output may hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openrouter import components
from pydantic import BaseModel

from openrouter_connector import Connector
from openrouter_connector.definition.load import load_component
from openrouter_connector.definition.model import Shape
from openrouter_connector.sandbox import Sandbox
from support.parameters import few, parameters_of

DEFINITION = load_component()
BUNDLE = DEFINITION.form("createBatch").action.bundle
assert BUNDLE
REQUESTS = {
    "ask": {"userPrompt": "Hello", "attachments": ["https://example.com/a.png"]},
    "vision": {"prompt": "What?", "imageUrls": ["https://example.com/a.png"]},
    "sendChatCompletion": {"messages": [{"role": "user", "content": "Hello"}]},
    "createResponse": {"input": "Hello"},
    "createMessage": {"messages": [{"role": "user", "content": "Hello"}], "maxTokens": 9},
    "createEmbeddings": {"input": "Hello"},
}


@pytest.fixture(scope="module")
def played() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.mark.parametrize("action", BUNDLE.actions)
def test_the_sdk_understands_a_batch_and_loses_nothing_of_it(
    connector: Connector, played: Sandbox, action: str
) -> None:
    form = connector.definition.form("createBatch")
    settings = {"callbackUrl", "provider"}
    chosen = [prop for prop in form.action.properties if prop.name in settings]
    made = parameters_of(form.action.model_copy(update={"properties": chosen}))

    @few  # their parameters are the same for each action
    @given(made, st.integers(1, 3))
    def holds(parameters: Any, count: int) -> None:
        requests = [REQUESTS[action]] * count
        own = {"action": action, "model": "a/b", "requests": requests}
        model = "sandbox/indexer" if action == "createEmbeddings" else "sandbox/echo"
        sent = own | {"model": model} | parameters
        connector.run("createBatch", sent, token=played.token, base_url=played.base_url)
        body = played.requests[-1].body
        read = components.BatchSubmitBody.model_validate(body)
        understood = read.model_dump(by_alias=True, exclude_unset=True)
        understood.pop("completion_window", None)
        assert understood == body
        assert list(body)[-1] == "requests"

    holds()


@pytest.mark.parametrize(
    ("action", "model"),
    [
        ("createBatch", components.BatchObject),
        ("getBatch", components.BatchObject),
        ("listBatches", components.BatchListResponse),
        ("deleteBatch", components.BatchDeletedObject),
    ],
)
def test_what_an_output_names_is_known_to_the_sdk(action: str, model: type[BaseModel]) -> None:
    assert list(_unknown(DEFINITION.form(action).action.output, model.model_json_schema())) == []


def _unknown(shape: Shape, schema: Any, path: str = "", whole: Any = None) -> list[str]:
    """Name the parts of a shape that a schema of the SDK lacks."""
    whole = whole or schema
    found = []
    for part in shape.properties:
        known = _properties(schema, whole).get(part.name)
        if known is None:
            found.append(f"{path}{part.name}")
        else:
            inner = known["items"] if part.items else known
            found += _unknown(part.items or part, inner, f"{path}{part.name}.", whole)
    return found


def _properties(schema: Any, whole: Any) -> Any:
    """Give the properties of a schema, behind its references and alternatives."""
    waiting = [schema]
    for one in waiting:
        if "properties" in one:
            return one["properties"]
        if "$ref" in one:
            waiting.append(whole["$defs"][one["$ref"].rpartition("/")[2]])
        waiting += one.get("anyOf", [])
    return {}
