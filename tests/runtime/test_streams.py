"""Answers in pieces: what is shown, what they add up to, and how they break."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from openrouter_connector import (
    Connector,
    ConnectorError,
    Event,
    FileStore,
    IncompleteError,
    PaymentError,
    Result,
    Timeouts,
)
from openrouter_connector.runtime.budget import Budget
from openrouter_connector.sandbox import Sandbox
from support.scripted_server import (
    ASK,
    Answer,
    Ask,
    completion,
    delta,
    events,
    response,
    scripted,
)

USAGE = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5, "cost": 0.25}
TWO = (delta("Hel"), delta("lo"))


Stream = Callable[..., Any]


@pytest.fixture
def stream(connector: Connector, store: FileStore, concurrent: bool) -> Stream:
    """Stream from a server; gives the events, and the error that ended them, if any."""

    async def collected(base_url: str, parameters: Any, options: Any) -> Any:
        seen: list[Event] = []
        async with connector.connect("sk-or-v1-test", base_url=base_url, **options) as session:
            try:
                async for event in session.stream("ask", ASK | (parameters or {})):
                    seen.append(event)
            except ConnectorError as error:
                return seen, error
        return seen, None

    def performed(base_url: str, parameters: Any = None, **options: Any) -> Any:
        options = {"files": store, "concurrent": concurrent, **options}
        return asyncio.run(collected(base_url, parameters, options))

    return performed


def result_of(seen: list[Event]) -> Result:
    assert [event.type for event in seen if event.type != "delta"] == ["started", "result"]
    assert seen[-1].result is not None
    return seen[-1].result


def texts(seen: list[Event]) -> list[str]:
    return [event.text for event in seen if event.type == "delta"]


def test_a_stream_yields_its_deltas_and_then_the_result(stream: Stream) -> None:
    with scripted(events(*TWO, delta("", "stop", usage=USAGE))) as server:
        seen, error = stream(server.base_url)
    assert error is None
    assert texts(seen) == ["Hel", "lo"]
    assert server.requests[0].json["stream"] is True
    metadata = result_of(seen).metadata
    assert result_of(seen).output == "Hello"
    assert metadata.usage == USAGE
    assert (metadata.cost, metadata.finish_reason) == (0.25, "stop")
    assert (metadata.model, metadata.provider) == ("a/b", "Somebody")
    assert metadata.generation_id == "gen-1"


USAGES = {
    "without choices": [delta("", "stop"), {**delta(), "choices": [], "usage": USAGE}],
    "with a finish reason of null": [delta("", "stop"), delta("", None, usage=USAGE)],
    "with the finish reason again": [delta("", "stop"), delta("", "stop", usage=USAGE)],
    "in the last piece": [delta("", "stop", usage=USAGE)],
}


@pytest.mark.parametrize("last", USAGES.values(), ids=USAGES)
def test_the_usage_is_found_wherever_it_is(stream: Stream, last: list[Any]) -> None:
    with scripted(events(*TWO, *last)) as server:
        seen, _ = stream(server.base_url)
    metadata = result_of(seen).metadata
    assert (metadata.cost, metadata.finish_reason) == (0.25, "stop")


def test_comments_and_other_fields_are_passed_over(stream: Stream) -> None:
    noise = (": OPENROUTER PROCESSING\n\n", "event: message\nid: 7\nretry: 10\n", ":\n\n")
    with scripted(events(*noise, TWO[0], *noise, TWO[1], delta("", "stop"))) as server:
        seen, error = stream(server.base_url)
    assert (result_of(seen).output, error) == ("Hello", None)


@pytest.mark.parametrize("pieces", [2, 7, 1 << 16])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_it_does_not_matter_how_the_bytes_are_cut(stream: Stream, end: str, pieces: int) -> None:
    chunks = (delta("Grüße "), delta("👋🏽 "), delta("世界", "stop"))
    with scripted(events(*chunks, end=end, pieces=pieces)) as server:
        seen, error = stream(server.base_url)
    assert error is None
    assert texts(seen) == ["Grüße ", "👋🏽 ", "世界"]
    assert result_of(seen).output == "Grüße 👋🏽 世界"


def test_no_space_is_needed_after_data(stream: Stream) -> None:
    with scripted(events(f"data:{json.dumps(delta('Hello', 'stop'))}\n\n")) as server:
        assert result_of(stream(server.base_url)[0]).output == "Hello"


def test_a_line_separator_inside_a_text_ends_no_event(stream: Stream) -> None:
    with scripted(events(delta("a\u2028b\u0085c", "stop"))) as server:
        assert result_of(stream(server.base_url)[0]).output == "a\u2028b\u0085c"


def test_a_stream_requests_its_usage(stream: Stream) -> None:
    with scripted(events(*TWO, delta(finish="stop"))) as server:
        stream(server.base_url)
    assert server.requests[0].json["stream_options"] == {"include_usage": True}


def test_without_done_a_finish_reason_is_the_end(stream: Stream) -> None:
    with scripted(events(*TWO, delta("", "stop"), done=False)) as server:
        assert result_of(stream(server.base_url)[0]).output == "Hello"


def test_with_done_no_finish_reason_is_needed(stream: Stream) -> None:
    with scripted(events(*TWO)) as server:
        assert result_of(stream(server.base_url)[0]).output == "Hello"


FAILED = {"code": 502, "message": "Provider disconnected"}
BROKEN = {
    "no end": events(*TWO, done=False),
    "an error beside a choice": events(*TWO, delta("", None, error=FAILED)),
    "an error, finish reason error": events(*TWO, delta("", "error", error=FAILED)),
    "an error without choices": events(*TWO, {"error": FAILED, "choices": []}),
    "an error alone, and no end": events(*TWO, {"error": FAILED}, done=False),
    "an error as a text": events(*TWO, {"error": "Provider disconnected"}),
    "what is not JSON": events(*TWO, "data: {oops\n\n"),
    "cut by length": events(*TWO, delta("", "length")),
    "stopped by a filter": events(*TWO, delta("", "content_filter")),
    "a reset": events(*TWO, done=False, then="reset", pieces=400),
    "silence": events(*TWO, done=False, then="hang"),
}


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN)
def test_a_stream_that_breaks_keeps_its_text_and_is_not_retried(
    stream: Stream, answer: Answer
) -> None:
    with scripted(answer, response(completion("Again"))) as server:
        seen, error = stream(server.base_url, timeouts=Timeouts(idle=0.3))
    assert isinstance(error, IncompleteError)
    assert error.partial == "Hello"
    assert texts(seen) == ["Hel", "lo"]
    assert len(server.requests) == 1


def test_what_a_broken_stream_did_cost_is_counted(connector: Connector, store: FileStore) -> None:
    budget = Budget(10)
    chunks = (delta("Hel"), {"id": "gen-9", "choices": [], "usage": {"cost": 0.25}})

    async def broken(base_url: str) -> None:
        options: dict[str, Any] = {"base_url": base_url, "files": store, "budget": budget}
        async with connector.connect("sk-or-v1-test", **options) as session:
            async for _ in session.stream("ask", ASK):
                pass

    with (
        scripted(events(*chunks, done=False)) as server,
        pytest.raises(IncompleteError, match="broke off") as caught,
    ):
        asyncio.run(broken(server.base_url))
    assert (caught.value.partial, caught.value.generation_id) == ("Hel", "gen-9")
    assert budget.spent == 0.25


def test_a_provider_that_failed_midway_is_retryable(stream: Stream) -> None:
    with scripted(events(*TWO, delta("", "error", error=FAILED))) as server:
        _, error = stream(server.base_url)
    assert (error.retryable, error.code, error.provider) == (True, 502, "Somebody")
    assert error.generation_id == "gen-1"


def test_a_stream_without_a_word_is_incomplete(stream: Stream) -> None:
    for answer in (events(), events(done=False), events({"error": FAILED, "choices": None})):
        with scripted(answer) as server:
            seen, error = stream(server.base_url)
        assert isinstance(error, IncompleteError) and error.partial is None
        assert texts(seen) == []


def test_a_refused_stream_is_refused_as_any_call(stream: Stream) -> None:
    with scripted(response({"error": {"message": "no money"}}, 402)) as server:
        seen, error = stream(server.base_url)
    assert isinstance(error, PaymentError) and "no money" in error.message
    assert [event.type for event in seen] == ["started"]


def test_a_stream_that_was_not_served_is_sent_again(stream: Stream) -> None:
    busy = response({"error": {"message": "busy"}}, 503, headers={"Retry-After": "0"})
    with scripted(busy, events(*TWO, delta("", "stop"))) as server:
        seen, _ = stream(server.base_url)
    assert result_of(seen).metadata.attempts == 2


def test_a_whole_answer_to_a_streamed_request_is_one_delta(stream: Stream) -> None:
    with scripted(response(completion("Hello"))) as server:
        seen, _ = stream(server.base_url)
    assert texts(seen) == ["Hello"]
    assert result_of(seen).metadata.cost == 0.25


def test_a_stream_in_answer_to_a_plain_call_is_folded(ask: Ask) -> None:
    with scripted(events(*TWO, delta("", "stop", usage=USAGE))) as server:
        result = ask(server.base_url)
    assert (result.output, result.metadata.cost) == ("Hello", 0.25)
    assert "stream" not in server.requests[0].json


def test_reasoning_comes_apart_from_the_text(stream: Stream) -> None:
    def thinks(text: str) -> Any:
        detail = {"type": "reasoning.text", "text": text, "index": 0}
        piece = {"content": "", "reasoning": text, "reasoning_details": [detail]}
        return {**delta(), "choices": [{"index": 0, "delta": piece, "finish_reason": None}]}

    with scripted(events(thinks("Let me "), thinks("see"), delta("Yes", "stop"))) as server:
        seen, _ = stream(server.base_url)
    assert [event.reasoning for event in seen if event.reasoning] == ["Let me ", "see"]
    assert result_of(seen).output == "Yes"
    metadata = result_of(seen).metadata
    assert metadata.reasoning == "Let me see"
    assert "".join(part["text"] for part in metadata.reasoning_details) == "Let me see"


def test_deltas_of_tool_calls_are_joined_by_their_index(stream: Stream) -> None:
    def calls(*parts: Any) -> Any:
        choice = {"index": 0, "delta": {"tool_calls": list(parts)}, "finish_reason": None}
        return {**delta(), "choices": [choice]}

    chunks = [
        calls({"index": 0, "id": "c0", "type": "function", "function": {"name": "look"}}),
        calls({"index": 1, "id": "c1", "function": {"name": "go", "arguments": "{}"}}),
        calls({"index": 0, "function": {"arguments": '{"at":'}}),
        calls({"index": 0, "function": {"arguments": '"sea"}'}}),
    ]
    with scripted(events(*chunks, delta(None, "tool_calls"))) as server:
        seen, error = stream(server.base_url)
    assert error is None
    found = result_of(seen).metadata.tool_calls
    assert [call["function"] for call in found] == [
        {"name": "look", "arguments": '{"at":"sea"}'},
        {"name": "go", "arguments": "{}"},
    ]


def test_a_stream_can_be_left_early(connector: Connector, store: FileStore) -> None:
    async def first(base_url: str) -> str:
        async with connector.connect("sk-or-v1-test", base_url=base_url, files=store) as session:
            steps = session.stream("ask", ASK)
            async for event in steps:
                if event.type == "delta":
                    await steps.aclose()
                    return event.text
        raise AssertionError

    with scripted(events(*TWO, done=False, then="hang")) as server:
        assert asyncio.run(first(server.base_url)) == "Hel"


@pytest.mark.parametrize("model", ["echo", "ponderer", "thinker", "no-done", "nested-completion"])
def test_the_sandbox_streams_what_it_would_say_at_once(
    stream: Stream, connector: Connector, sandbox: Sandbox, store: FileStore, model: str
) -> None:
    asked = {"model": f"sandbox/{model}"}
    seen, error = stream(sandbox.base_url, asked)
    whole = connector.run("ask", ASK | asked, sandbox.token, base_url=sandbox.base_url, files=store)
    assert error is None
    assert result_of(seen).output == whole.output == "".join(texts(seen))
    assert result_of(seen).metadata.usage == whole.metadata.usage
    assert result_of(seen).metadata.reasoning == whole.metadata.reasoning


@pytest.mark.parametrize("fault", ["breaks-mid-stream", "cut-stream", "drops-connection"])
def test_the_sandbox_breaks_streams_midway(stream: Stream, sandbox: Sandbox, fault: str) -> None:
    seen, error = stream(sandbox.base_url, {"model": f"sandbox/{fault}"})
    assert isinstance(error, IncompleteError)
    assert error.partial and error.partial == "".join(texts(seen))


def test_events_without_a_stream_are_steps_alone(connector: Connector) -> None:
    async def collected(base_url: str) -> list[Event]:
        async with connector.connect(base_url=base_url) as session:
            return [event async for event in session.events("ask", ASK)]

    with scripted(response(completion("Hello"))) as server:
        seen = asyncio.run(collected(server.base_url))

    assert texts(seen) == []
    assert result_of(seen).output == "Hello"
    assert "stream" not in server.requests[0].json
