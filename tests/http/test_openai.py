"""The unmodified OpenAI client works with OpenRouter's models."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest

from openrouter_connector.connections.store import ConnectionStore, StoredConnection
from openrouter_connector.faces.http.sessions import StartupConnection
from openrouter_connector.sandbox import Sandbox
from support.http_face import TOKEN, Serve, Served
from support.openai_client import HELLO, async_openai_client, openai_client
from support.parameters import DOT
from support.scripted_server import completion, response, scripted

KEY = "sk-or-v1-0123456789abcdef"


@pytest.fixture
def client(played: Served) -> Iterator[openai.OpenAI]:
    with openai_client(played) as client:
        yield client


def test_a_chat_is_completed(client: openai.OpenAI) -> None:
    result = client.chat.completions.create(model="sandbox/echo", messages=HELLO)

    assert (result.choices[0].message.content or "").endswith("You said: Hello")
    assert result.usage and result.usage.total_tokens > 0


def test_a_chat_is_completed_by_the_client_that_is_async(played: Served) -> None:
    async def ask() -> Any:
        async with async_openai_client(played) as client:
            return await client.chat.completions.create(model="sandbox/echo", messages=HELLO)

    assert asyncio.run(ask()).choices[0].message.content.endswith("You said: Hello")


def test_headers_name_the_request_and_the_generation(client: openai.OpenAI) -> None:
    raw = client.chat.completions.with_raw_response.create(model="sandbox/echo", messages=HELLO)

    assert raw.headers["x-generation-id"] == raw.parse().id
    assert raw.headers["x-request-id"] == raw.request_id
    assert raw.retries_taken == 0


def test_tools_and_structures_are_those_of_the_api(client: openai.OpenAI) -> None:
    lookup: Any = {
        "type": "function",
        "function": {
            "name": "look_up",
            "parameters": {"type": "object", "properties": {"word": {"type": "string"}}},
        },
    }
    result = client.chat.completions.create(
        model="sandbox/echo", messages=HELLO, tools=[lookup], tool_choice="required"
    )

    assert result.choices[0].message.tool_calls
    (call,) = result.choices[0].message.tool_calls
    assert call.type == "function"
    assert call.function.name == "look_up"
    assert isinstance(json.loads(call.function.arguments), dict)


def test_a_body_arrives_as_it_was_given(serve: Serve) -> None:
    more = {"provider": {"sort": "price"}, "seed": 0, "stop": [], "x": None, "ü": "\u2028{}\n🙂"}
    with (
        scripted(response(completion())) as api,
        openai_client(serve(startup={"there": StartupConnection(KEY, api.base_url)})) as client,
    ):
        client.chat.completions.create(
            model="a/b", messages=HELLO, temperature=0.1, extra_body=more
        )

    assert api.requests[0].path == "/api/v1/chat/completions"
    given = {"model": "a/b", "messages": HELLO, "temperature": 0.1, **more}
    assert api.requests[0].json == given


def test_only_the_key_of_the_connection_and_the_name_of_the_app_go_on(serve: Serve) -> None:
    headers = {
        "HTTP-Referer": "https://app.example",
        "X-Title": "An app",
        "X-Custom": "private",
        "Cookie": "private=1",
        "OpenAI-Organization": "private",
    }
    with (
        scripted(response(completion())) as api,
        openai_client(
            serve(startup={"there": StartupConnection(KEY, api.base_url)}),
            default_headers=headers,
        ) as client,
    ):
        client.chat.completions.create(model="a/b", messages=HELLO)
    sent = api.requests[0].headers

    assert sent["authorization"] == f"Bearer {KEY}"
    assert sent["http-referer"] == "https://app.example"
    assert sent["x-openrouter-title"] == "An app"
    assert set(sent) == {
        *("authorization", "http-referer", "x-openrouter-title", "host", "accept", "user-agent"),
        *("accept-encoding", "content-type", "content-length"),
    }
    assert TOKEN not in str(api.requests)


def test_a_header_names_another_connection(serve: Serve, tmp_path: Path) -> None:
    with (
        scripted(response(completion("first"))) as one,
        scripted(response(completion("second"))) as two,
    ):
        store = ConnectionStore(tmp_path / "config")
        store.save(StoredConnection("Büro 2", "any-token", {"baseUrl": two.base_url}))
        served = serve(startup={"there": StartupConnection(KEY, one.base_url)})
        named = {"X-Connection": "B%C3%BCro%202"}
        with openai_client(served) as first, openai_client(served, default_headers=named) as second:
            result = [
                client.chat.completions.create(model="a/b", messages=HELLO)
                for client in (first, second)
            ]

    assert [one.choices[0].message.content for one in result] == ["first", "second"]


def test_a_connection_that_does_not_exist_is_not_found(played: Served) -> None:
    with (
        openai_client(played, default_headers={"X-Connection": "nobody"}) as client,
        pytest.raises(openai.NotFoundError, match="the connection 'nobody' does not exist"),
    ):
        client.chat.completions.create(model="sandbox/echo", messages=HELLO)


def test_models_are_listed(client: openai.OpenAI) -> None:
    found = {model.id: model for model in client.models.list()}

    echo = found["sandbox/echo"]
    assert (echo.object, echo.owned_by) == ("model", "sandbox")
    assert echo.created > 0
    assert echo.to_dict()["context_length"]


def test_models_are_filtered_as_the_api_does(client: openai.OpenAI) -> None:
    query = {"output_modalities": "speech"}
    found = [model.id for model in client.models.list(extra_query=query)]

    assert "sandbox/speaker" in found
    assert "sandbox/echo" not in found


def test_a_model_is_looked_up_by_its_id(client: openai.OpenAI) -> None:
    assert client.models.retrieve("sandbox/speaker").id == "sandbox/speaker"


@pytest.mark.parametrize("name", ["nobody/nothing", "nothing", "..", "a/../b", "sandbox/echo/x"])
def test_a_model_that_does_not_exist_is_not_found(client: openai.OpenAI, name: str) -> None:
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve(name.replace("..", "%2E%2E"))


def test_texts_are_embedded(client: openai.OpenAI) -> None:
    result = client.embeddings.create(model="sandbox/indexer", input=["Hello", "you"])
    plain = client.embeddings.create(
        model="sandbox/indexer", input=["Hello", "you"], encoding_format="float"
    )

    assert [row.index for row in result.data] == [0, 1]
    assert result.data[0].embedding == pytest.approx(plain.data[0].embedding, abs=1e-6)
    assert result.usage.total_tokens > 0


def test_embeddings_have_an_index_also_when_the_api_gives_none(serve: Serve) -> None:
    rows = [{"object": "embedding", "embedding": [0.5]}, {"object": "embedding", "embedding": [1]}]
    with (
        scripted(response({"object": "list", "model": "a/b", "data": rows})) as api,
        openai_client(serve(startup={"there": StartupConnection(KEY, api.base_url)})) as client,
    ):
        result = client.embeddings.create(model="a/b", input=["a", "b"])

    assert [(row.index, row.embedding) for row in result.data] == [(0, [0.5]), (1, [1])]


def test_embeddings_that_did_not_come_are_an_error_with_the_way_out(serve: Serve) -> None:
    with (
        scripted(response({"object": "list", "model": "a/b", "data": []})) as api,
        openai_client(serve(startup={"there": StartupConnection(KEY, api.base_url)})) as client,
    ):
        with pytest.raises(openai.InternalServerError, match='encoding_format="float"'):
            client.embeddings.create(model="a/b", input="a")
        assert len(api.requests) == 1


def test_a_call_leaves_a_line_in_the_audit(client: openai.OpenAI, audit: Path) -> None:
    result = client.chat.completions.create(model="sandbox/echo", messages=HELLO)
    chunks = list(client.chat.completions.create(model="sandbox/echo", messages=HELLO, stream=True))
    lines = [json.loads(line) for line in audit.read_text().splitlines()]

    answers: list[Any] = [result, chunks[-1]]
    for line, answer in zip(lines, answers, strict=True):
        assert (line["connection"], line["action"]) == ("sandbox", "openai/chat.completions")
        assert (line["model"], line["generationId"]) == (answer.model, answer.id)
        assert line["cost"] == answer.usage.to_dict()["cost"]
        assert line["outcome"] == "ok"
        assert line["latency"] > 0
    assert "Hello" not in audit.read_text()


def test_costs_count_towards_the_budget(serve: Serve, sandbox: Sandbox) -> None:
    served = serve(
        startup={"sandbox": StartupConnection(sandbox.token, sandbox.base_url)},
        budget=1e-5,
    )
    with openai_client(served) as client:
        client.chat.completions.create(model="sandbox/echo", messages=HELLO)
        with pytest.raises(openai.APIStatusError, match="budget") as refused:
            client.chat.completions.create(model="sandbox/echo", messages=HELLO, stream=True)
        assert refused.value.status_code == 402
        assert "sandbox/echo" in {model.id for model in client.models.list()}


def test_the_example_of_fals_router_runs(played: Served) -> None:
    url = f"data:image/png;base64,{b64encode(DOT).decode()}"
    content: Any = [{"type": "text", "text": "What?"}, {"type": "image_url", "image_url": url}]
    key = {"Authorization": f"Key {TOKEN}"}
    with openai_client(played, "not-needed", default_headers=key) as client:
        stream = client.chat.completions.create(
            model="sandbox/vision",
            messages=[{"role": "user", "content": content}],
            temperature=1,
            stream=True,
        )
        said = [chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices]
    assert "red" in "".join(said)
