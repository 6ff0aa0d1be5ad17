"""The server that `prompt` asks: the one of the connection, or another with a key of its own."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from openrouter_connector import Connector, FileStore
from support.prompt_answers import OWN_KEY, PROMPT, perform_prompt
from support.scripted_server import Answer, Scripted, completion, response, scripted

Json = Any


@pytest.mark.parametrize(("key", "header"), [("key-of-it", "Bearer key-of-it"), (None, None)])
def test_another_server_gets_its_own_key_and_never_the_connections(
    connector: Connector, store: FileStore, key: str | None, header: str | None
) -> None:
    with (
        scripted(response(completion())) as here,
        scripted(response(completion("Yes"))) as there,
    ):
        base_url = f"http://127.0.0.1:{there.port}/v1"
        parameters = {**PROMPT, "baseUrl": base_url, "apiKey": key}
        options: Any = {"base_url": here.base_url, "files": store}
        result = connector.run("prompt", parameters, OWN_KEY, **options)
    assert result.output["output"] == "Yes"
    assert here.requests == []
    (request,) = there.requests
    assert request.path == "/v1/chat/completions"
    assert request.headers.get("authorization") == header
    assert OWN_KEY not in str(request)
    assert request.json.keys() == {"model", "messages"}


def test_a_server_that_is_named_needs_no_connection(connector: Connector, store: FileStore) -> None:
    with scripted(response(completion("Yes"))) as server:
        parameters = {**PROMPT, "baseUrl": server.base_url}
        result = connector.run("prompt", parameters, files=store)
    assert result.output == {"output": "Yes", "errorStatus": None}
    assert "authorization" not in server.requests[0].headers


def test_the_connections_own_server_is_the_one_without_more(
    connector: Connector, store: FileStore
) -> None:
    _, server = perform_prompt(connector, response(completion()), store)
    assert server.requests[0].headers["authorization"] == f"Bearer {OWN_KEY}"


def listed(connector: Connector, answer: Answer) -> tuple[Any, Scripted]:
    async def asked(base_url: str) -> Any:
        async with connector.connect(OWN_KEY, base_url=base_url, attempts=1) as session:
            parameters = {"baseUrl": there.base_url, "apiKey": "key-of-it"}
            return await session.options("prompt", "model", parameters)

    with scripted(response({"data": []})) as here, scripted(answer) as there:
        choices = asyncio.run(asked(here.base_url))
        assert here.requests == []
    return choices, there


def test_the_models_of_the_other_server_are_offered(connector: Connector) -> None:
    rows = [{"id": "qwen", "object": "model", "owned_by": "vllm"}, {"id": "phi"}]
    choices, server = listed(connector, response({"object": "list", "data": rows}))
    assert [option["value"] for option in choices.options] == ["qwen", "phi"]
    assert server.requests[0].headers["authorization"] == "Bearer key-of-it"


def test_a_server_without_a_list_of_models_can_be_used(
    connector: Connector, store: FileStore
) -> None:
    choices, _ = listed(connector, response({"detail": "Not Found"}, 404))
    assert (choices.options, bool(choices.message)) == ((), True)
    result, server = perform_prompt(
        connector, response(completion("Hello")), store, model="whatever"
    )
    assert result.output["output"] == "Hello"
    assert [request.method for request in server.requests] == ["POST"]
