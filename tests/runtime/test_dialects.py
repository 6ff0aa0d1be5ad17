"""Anthropic's messages and OpenAI's responses: whole, in pieces, cut short, refused, broken off."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from openrouter_connector import Connector, Event, IncompleteError, Result
from support.scripted_server import Answer, Json, events, scripted
from support.scripted_server import response as json_response

MESSAGE = {"model": "a/b", "maxTokens": 50, "messages": [{"role": "user", "content": "Hello"}]}
RESPONSE = {"model": "a/b", "input": "Hello"}
USAGE = {"input_tokens": 3, "output_tokens": 2, "cost": 0.5}


def message(*content: Json, **more: Json) -> Json:
    told = {"id": "msg-1", "type": "message", "role": "assistant", "model": "a/b"}
    return {**told, "content": list(content), "stop_reason": "end_turn", "usage": USAGE, **more}


def text(words: str) -> Json:
    return {"type": "text", "text": words}


def output(words: str) -> Json:
    part = {"type": "output_text", "text": words, "annotations": []}
    return {"type": "message", "role": "assistant", "content": [part]}


def response(*items: Json, **more: Json) -> Json:
    told = {"id": "gen-1", "object": "response", "status": "completed", "model": "a/b"}
    return {**told, "output": list(items), "usage": USAGE, **more}


def performed(action: str, parameters: Json, answer: Answer, connector: Connector) -> Result:
    with scripted(answer) as server:
        options: Any = {"base_url": server.base_url, "attempts": 1}
        return connector.run(action, parameters, "sk-or-v1-test", **options)


def streamed(action: str, parameters: Json, answer: Answer, connector: Connector) -> list[Event]:
    async def all_of(base_url: str) -> list[Event]:
        async with connector.connect("sk-or-v1-test", base_url=base_url) as session:
            return [event async for event in session.stream(action, parameters)]

    with scripted(answer) as server:
        return asyncio.run(all_of(server.base_url))


def shown(told: list[Event]) -> tuple[str, str]:
    return "".join(one.text for one in told), "".join(one.reasoning for one in told)


def test_a_message_comes_as_it_is_with_its_cost(connector: Connector) -> None:
    result = performed("createMessage", MESSAGE, json_response(message(text("Hi"))), connector)
    assert result.output["content"] == [text("Hi")]
    assert (result.metadata.cost, result.metadata.finish_reason) == (0.5, "end_turn")


@pytest.mark.parametrize(
    ("answer", "told", "partial"),
    [
        (message(text("Hel"), stop_reason="max_tokens"), "cut off at the token limit", "Hel"),
        (message(text("No"), stop_reason="refusal"), "refused", "No"),
        (message(), "no content", None),
        (message(content=None), "no content", None),
        ({"type": "error", "error": {"type": "api_error", "message": "Boom"}}, "Boom", None),
    ],
)
def test_a_message_that_is_not_whole_is_an_error(
    connector: Connector, answer: Json, told: str, partial: str | None
) -> None:
    with pytest.raises(IncompleteError, match=told) as caught:
        performed("createMessage", MESSAGE, json_response(answer), connector)
    assert caught.value.partial == partial


def test_a_stream_of_a_message_folds_into_the_message(connector: Connector) -> None:
    chunks = [
        {"type": "message_start", "message": message(stop_reason=None, usage={"input_tokens": 3})},
        {"type": "ping"},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking"}},
        _delta(0, thinking="Hm"),
        _delta(0, signature="s1g"),
        {"type": "content_block_start", "index": 1, "content_block": text("")},
        _delta(1, text="Hel"),
        _delta(1, text="lo"),
        _delta(1, citation={"url": "u"}),
        {"type": "content_block_start", "index": 2, "content_block": {"type": "tool_use"}},
        _delta(2, partial_json='{"a"'),
        _delta(2, partial_json=": 1}"),
        "event: content_block_stop\ndata: null\n\n",
        {"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": USAGE},
        {"type": "message_stop"},
    ]
    told = streamed("createMessage", MESSAGE, events(*chunks, done=False), connector)
    assert shown(told) == ("Hello", "Hm")
    result = told[-1].result
    assert result and result.metadata.cost == 0.5
    assert result.output["content"] == [
        {"type": "thinking", "thinking": "Hm", "signature": "s1g"},
        {"type": "text", "text": "Hello", "citations": [{"url": "u"}]},
        {"type": "tool_use", "input": {"a": 1}},
    ]


def _delta(index: int, **delta: Json) -> Json:
    return {"type": "content_block_delta", "index": index, "delta": delta}


@pytest.mark.parametrize(
    ("end", "told"),
    [
        ([], "broke off"),
        ([{"type": "error", "error": {"type": "overloaded_error", "message": "Busy"}}], "Busy"),
        ([{"type": "message_delta", "delta": {"stop_reason": "max_tokens"}}], "cut off"),
    ],
)
def test_a_broken_stream_of_a_message_keeps_its_text(
    connector: Connector, end: list[Json], told: str
) -> None:
    chunks = [
        {"type": "message_start", "message": message(stop_reason=None)},
        _delta(0, text="Hel"),
    ]
    with pytest.raises(IncompleteError, match=told) as caught:
        streamed("createMessage", MESSAGE, events(*chunks, *end, done=False), connector)
    assert caught.value.partial == "Hel"


def test_a_response_comes_as_it_is_with_its_cost(connector: Connector) -> None:
    result = performed("createResponse", RESPONSE, json_response(response(output("Hi"))), connector)
    assert result.output["output"] == [output("Hi")]
    assert (result.metadata.cost, result.metadata.generation_id) == (0.5, "gen-1")


@pytest.mark.parametrize(
    ("answer", "told", "partial"),
    [
        (
            response(
                output("Hel"),
                status="incomplete",
                incomplete_details={"reason": "max_output_tokens"},
            ),
            "raise max_output_tokens",
            "Hel",
        ),
        (
            response(status="incomplete", incomplete_details={"reason": "content_filter"}),
            "incomplete: content_filter",
            None,
        ),
        (
            response(status="failed", error={"code": "server_error", "message": "Boom"}),
            "Boom",
            None,
        ),
        (response(status="cancelled"), "ended as cancelled", None),
        (response(output=None), "no output", None),
        (response(), "no output", None),
    ],
)
def test_a_response_that_is_not_whole_is_an_error(
    connector: Connector, answer: Json, told: str, partial: str | None
) -> None:
    with pytest.raises(IncompleteError, match=told) as caught:
        performed("createResponse", RESPONSE, json_response(answer), connector)
    assert caught.value.partial == partial


STARTED = {"type": "response.created", "response": response(status="in_progress", usage=None)}
PIECES = [
    {"type": "response.reasoning_text.delta", "delta": "Hm"},
    {"type": "response.output_text.delta", "delta": "Hel"},
    {"type": "response.output_text.delta", "delta": "lo"},
]


@pytest.mark.parametrize(
    "end",
    [
        [{"type": "response.completed", "response": response(output("Hello"))}],
        [
            {"type": "response.output_item.done", "output_index": 0, "item": output("Hello")},
            {"type": "response.completed", "response": response()},
        ],
        [],
    ],
    ids=["whole at the end", "item by item", "without an end"],
)
def test_a_stream_of_a_response_folds_into_the_response(
    connector: Connector, end: list[Json]
) -> None:
    told = streamed("createResponse", RESPONSE, events(STARTED, *PIECES, *end), connector)
    assert shown(told) == ("Hello", "Hm")
    result = told[-1].result
    assert result and result.output["output"] == [output("Hello")]
    assert result.output["status"] == "completed"


@pytest.mark.parametrize(
    ("end", "told"),
    [
        ([], "broke off"),
        ([{"type": "response.queued", "response": response(status="queued")}], "broke off"),
        ([{"type": "error", "code": "server_error", "message": "Boom"}], "Boom"),
        (
            [
                {
                    "type": "response.failed",
                    "response": response(status="failed", error={"message": "No"}),
                }
            ],
            "No",
        ),
    ],
)
def test_a_broken_stream_of_a_response_keeps_its_text(
    connector: Connector, end: list[Json], told: str
) -> None:
    answer = events(STARTED, *PIECES, *end, done=False)
    with pytest.raises(IncompleteError, match=told) as caught:
        streamed("createResponse", RESPONSE, answer, connector)
    assert caught.value.partial == "Hello"


def test_blocks_without_an_index_are_kept_apart(connector: Connector) -> None:
    chunks = [
        {"type": "message_start", "message": message(stop_reason=None)},
        {"type": "content_block_start", "content_block": text("")},
        {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "first"}},
        {"type": "content_block_start", "content_block": text("")},
        {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "second"}},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}},
        {"type": "message_stop"},
    ]
    told = streamed("createMessage", MESSAGE, events(*chunks, done=False), connector)
    assert told[-1].result
    assert told[-1].result.output["content"] == [text("first"), text("second")]
