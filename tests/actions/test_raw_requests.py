"""`sendChatCompletion`, `createMessage`, `createResponse`: an API's own request and its reply."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from openrouter_connector import Connector, Event, IncompleteError, InputError
from openrouter_connector.sandbox import Sandbox
from support.performing import Perform
from support.scripted_server import completion, response, scripted

HELLO = [{"role": "user", "content": "Hello {you}"}]
WEATHER = {"type": "object", "properties": {"city": {"type": "string"}}}
ASKED: dict[str, dict[str, Any]] = {
    "sendChatCompletion": {"model": "sandbox/echo", "messages": HELLO},
    "createMessage": {"model": "sandbox/echo", "messages": HELLO, "maxTokens": 100},
    "createResponse": {"model": "sandbox/echo", "input": "Hello {you}"},
}
TEXT: dict[str, Callable[[Any], str]] = {
    "sendChatCompletion": lambda response: response["choices"][0]["message"]["content"],
    "createMessage": lambda response: response["content"][0]["text"],
    "createResponse": lambda response: response["output"][0]["content"][0]["text"],
}
each = pytest.mark.parametrize("action", ASKED)


@pytest.fixture
def stream(connector: Connector, played: Sandbox) -> Callable[[str, Any], list[Event]]:
    """Perform an action at the sandbox in pieces; gives its events."""

    async def streamed(action: str, parameters: Any) -> list[Event]:
        async with connector.connect(played.token, base_url=played.base_url) as session:
            return [event async for event in session.stream(action, parameters)]

    return lambda action, parameters: asyncio.run(streamed(action, parameters))


@each
def test_the_whole_reply_comes_out(perform: Perform, action: str) -> None:
    result = perform(action, ASKED[action])
    assert TEXT[action](result.output).endswith("Hello {you}")
    assert result.metadata.cost == result.output["usage"]["cost"] > 0
    assert (result.metadata.generation_id or "").startswith("gen-")


@each
def test_a_stream_gives_what_the_whole_would(
    perform: Perform, stream: Callable[[str, Any], list[Event]], action: str
) -> None:
    *_, last = events = stream(action, ASKED[action])
    assert last.result
    told = "".join(event.text for event in events if event.type == "delta")
    assert len(events) > 3
    assert (
        told
        == TEXT[action](last.result.output)
        == TEXT[action](perform(action, ASKED[action]).output)
    )


@each
def test_a_stream_may_be_requested_by_a_parameter(
    perform: Perform, sent: Callable[[], Any], action: str
) -> None:
    result = perform(action, ASKED[action] | {"stream": True})
    assert sent()["stream"] is True
    assert TEXT[action](result.output) == TEXT[action](perform(action, ASKED[action]).output)


@pytest.mark.parametrize(
    ("action", "tool", "called"),
    [
        (
            "sendChatCompletion",
            {"type": "function", "function": {"name": "weather", "parameters": WEATHER}},
            lambda response: response["choices"][0]["message"]["tool_calls"][0]["function"]["name"],
        ),
        (
            "createMessage",
            {"name": "weather", "input_schema": WEATHER},
            lambda response: next(b for b in response["content"] if b["type"] == "tool_use")[
                "name"
            ],
        ),
        (
            "createResponse",
            {"type": "function", "name": "weather", "parameters": WEATHER},
            lambda response: next(i for i in response["output"] if i["type"] == "function_call")[
                "name"
            ],
        ),
    ],
)
def test_a_tool_is_called(perform: Perform, action: str, tool: Any, called: Any) -> None:
    forced = {"type": "any"} if action == "createMessage" else "required"
    result = perform(action, ASKED[action] | {"tools": [tool], "toolChoice": forced})
    assert called(result.output) == "weather"


def test_keys_of_values_stay_as_they_are_and_names_of_parameters_do_not(
    perform: Perform, sent: Callable[[], Any]
) -> None:
    perform(
        "sendChatCompletion",
        ASKED["sendChatCompletion"]
        | {
            "cacheControl": {"ttl": "1h"},
            "extraBody": {"someThing": 1},
            "metadata": {"myKey": "x"},
            "reasoning": {"maxTokens": 100},
            "sessionId": "s",
            "stop": "END",
            "trace": {"trace_id": "t", "myOwn": 1},
            "provider": {"sortBy": {"by": "price", "partition": "none"}, "preferredMaxLatency": 2},
        },
    )
    assert sent() == ASKED["sendChatCompletion"] | {
        "cache_control": {"type": "ephemeral", "ttl": "1h"},
        "someThing": 1,
        "metadata": {"myKey": "x"},
        "reasoning": {"max_tokens": 100},
        "session_id": "s",
        "stop": "END",
        "trace": {"trace_id": "t", "myOwn": 1},
        "provider": {"sort": {"by": "price", "partition": "none"}, "preferred_max_latency": 2},
    }


def test_of_two_ways_to_sort_the_finer_one_counts(
    perform: Perform, sent: Callable[[], Any]
) -> None:
    provider = {"sort": "latency", "sortBy": {"by": "price"}}
    result = perform("createResponse", ASKED["createResponse"] | {"provider": provider})
    assert sent()["provider"] == {"sort": {"by": "price"}}
    assert [*result.metadata.warnings] == [
        "provider.sort is hidden by other values and was not sent"
    ]


def test_a_budget_belongs_to_thinking_with_one(perform: Perform, sent: Callable[[], Any]) -> None:
    asked = ASKED["createMessage"] | {"maxTokens": 4000}
    perform("createMessage", asked | {"thinking": {"type": "enabled", "budgetTokens": 1024}})
    assert sent()["thinking"] == {"type": "enabled", "budget_tokens": 1024}
    with pytest.raises(InputError, match=r"thinking.budgetTokens: is missing"):
        perform("createMessage", asked | {"thinking": {"type": "enabled"}})


@each
def test_all_that_is_wrong_is_reported_at_once(
    perform: Perform, count: Callable[[], int], action: str
) -> None:
    wrong = {"temperature": 3, "tempreature": 1, "serviceTier": 5, "stream": "yes"}
    with pytest.raises(InputError) as caught:
        perform(action, wrong)
    message = "input" if action == "createResponse" else "messages"
    assert {problem.path for problem in caught.value.problems} == {*wrong, "model", message}
    assert count() == 0


@pytest.mark.parametrize(
    ("action", "parameters", "told"),
    [
        ("sendChatCompletion", {"messages": []}, "messages: has 0 items; the minimum is 1"),
        (
            "sendChatCompletion",
            {"messages": ["Hi"]},
            r"messages\[0\]: must be an object, not text",
        ),
        ("sendChatCompletion", {"stop": ["a"] * 5}, "stop: has 5 items; the maximum is 4"),
        ("sendChatCompletion", {"stop": 5}, "stop: must be text or a list, not a number"),
        ("sendChatCompletion", {"user": "u" * 257}, "user: has 257 characters; the maximum is 256"),
        ("sendChatCompletion", {"toolChoice": "must"}, "'must' is not one of auto, none, required"),
        ("createMessage", {"messages": []}, "messages: has 0 items; the minimum is 1"),
        ("createMessage", {"system": 5}, "system: must be text or a list, not a number"),
        ("createResponse", {"input": ""}, "input: has 0 characters; the minimum is 1"),
        ("createResponse", {"input": []}, "input: has 0 items; the minimum is 1"),
        ("createResponse", {"input": ["Hi"]}, r"input\[0\]: must be an object, not text"),
        ("createResponse", {"store": True}, "store: True is not one of False"),
    ],
)
def test_what_the_api_would_refuse_is_refused_before(
    perform: Perform, count: Callable[[], int], action: str, parameters: Any, told: str
) -> None:
    with pytest.raises(InputError, match=told):
        perform(action, ASKED[action] | parameters)
    assert count() == 0


@each
def test_an_answer_that_was_cut_off_keeps_what_came(perform: Perform, action: str) -> None:
    whole = TEXT[action](perform(action, ASKED[action]).output)
    names = {"createMessage": "maxTokens", "createResponse": "maxOutputTokens"}
    most = {names.get(action, "maxTokens"): 3}
    with pytest.raises(IncompleteError) as caught:
        perform(action, ASKED[action] | most)
    assert caught.value.partial and whole.startswith(caught.value.partial)


def test_a_model_of_another_kind_is_noticed_before_paying(
    connector: Connector, played: Sandbox
) -> None:
    async def checked() -> Any:
        async with connector.connect(played.token, base_url=played.base_url) as session:
            return await session.check(
                "createMessage", ASKED["createMessage"] | {"model": "sandbox/speaker"}
            )

    (problem,) = asyncio.run(checked()).problems
    assert problem.path == "model"
    assert "sandbox/speaker outputs speech, not text" in problem.message


def test_a_field_that_the_model_does_not_take_is_not_shown(
    connector: Connector, played: Sandbox
) -> None:
    async def drawn() -> Any:
        async with connector.connect(played.token, base_url=played.base_url) as session:
            asked = ASKED["sendChatCompletion"] | {"model": "sandbox/bare"}
            return await session.form("sendChatCompletion", asked)

    view = asyncio.run(drawn())
    assert "messages" in view.visible and "tools" not in view.visible
    assert view.disabled["tools"] == "sandbox/bare does not support it"


def test_an_error_that_came_as_a_success_is_one(perform: Perform) -> None:
    broken = completion(None, choices=[], error={"code": 502, "message": "Upstream broke"})
    with (
        scripted(response(broken)) as server,
        pytest.raises(IncompleteError, match="Upstream broke"),
    ):
        perform("sendChatCompletion", ASKED["sendChatCompletion"], base_url=server.base_url)
    assert len(server.requests) == 1
