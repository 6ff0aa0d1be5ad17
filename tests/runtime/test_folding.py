"""A stream folds into the response that would have come whole, however it is cut."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrouter_connector.runtime.dialects import DIALECTS
from support import cut_streams

Json = Any
CUTS: dict[str, tuple[Callable[[Random], Json], Callable[[Random, Json], list[Json]]]] = {
    "chat": (cut_streams.completion, cut_streams.completion_chunks),
    "messages": (cut_streams.message, cut_streams.message_events),
    "responses": (cut_streams.response, cut_streams.response_events),
}
randoms = st.integers(0, 2**64).map(Random)


def folded(dialect: str, events: list[Json], done: bool = False) -> Json:
    fold = DIALECTS[dialect].fold()
    for event in events:
        list(fold.add(event))
    return fold.complete(done)


@pytest.mark.parametrize("dialect", CUTS)
@given(rng=randoms)
@settings(max_examples=150, deadline=None)
def test_a_stream_folds_into_the_very_response(dialect: str, rng: Random) -> None:
    whole_of, cut = CUTS[dialect]
    whole = whole_of(rng)
    assert folded(dialect, cut(rng, whole)) == whole


@given(rng=randoms)
@settings(max_examples=100, deadline=None)
def test_a_response_without_its_last_event_is_put_together(rng: Random) -> None:
    whole = cut_streams.response(rng)
    *events, _ = cut_streams.response_events(rng, whole)
    usage = {"usage": None}  # which only the last event tells
    assert folded("responses", events, done=True) == whole | usage


def chunk(*choices: Json, **more: Json) -> Json:
    return {"id": "gen-1", "model": "a/b", "choices": list(choices), **more}


def deltas(*found: Json) -> list[Json]:
    """Give chunks, each with a delta, and the last one with a finish reason."""
    chunks = [chunk({"index": 0, "delta": one}) for one in found]
    return [*chunks, chunk({"index": 0, "delta": {}, "finish_reason": "stop"})]


def message_of(*found: Json) -> Json:
    return folded("chat", deltas(*found))["choices"][0]["message"]


def call(name: str | None = None, arguments: Json = None, **more: Json) -> Json:
    function = {"name": name, "arguments": arguments}
    kept = {key: value for key, value in function.items() if value is not None}
    return {"tool_calls": [{"function": kept, **more}]}


TOOLS: dict[str, tuple[list[Json], list[tuple[str, Json]]]] = {
    "another id at the same index": (
        [call("a", "{}", id="1", index=0), call("b", '{"x"', id="2", index=0),
         call(None, ":1}", index=0)],
        [("a", "{}"), ("b", '{"x":1}')],
    ),
    "ids and no index": (
        [call("a", "{", id="1"), call(None, "}"), call("b", "{", id="2"), call(None, "}", id="2")],
        [("a", "{}"), ("b", "{}")],
    ),
    "the same id again and again": (
        [call("a", "{", id="1", index=0), call(None, "}", id="1", index=0)],
        [("a", "{}")],
    ),
    "an id that comes late": (
        [call("a", "{", index=0), call(None, "}", index=0, id="1")],
        [("a", "{}")],
    ),
    "the same id at another index": (
        [call("a", "{}", id="x", index=0), call("b", "{}", id="x", index=1)],
        [("a", "{}"), ("b", "{}")],
    ),
    "neither id nor index": (
        [call("a", '{"x":1}'), call("a", '{"x":2}'), call("b", "{}")],
        [("a", '{"x":1}'), ("a", '{"x":2}'), ("b", "{}")],
    ),
    "the name in each piece": (
        [call("a", "{", index=0), call("a", '"x":1}', index=0)],
        [("a", '{"x":1}')],
    ),
    "out of order": (
        [call("b", "{", id="2", index=1), call("a", "{}", id="1", index=0), call("", "}", index=1)],
        [("a", "{}"), ("b", "{}")],
    ),
    "an object": ([call("a", {"x": 1}, index=0), call("", "", index=0)], [("a", {"x": 1})]),
    "an object behind an empty text": (
        [call("a", "", index=0), call(None, {"x": 1}, index=0)],
        [("a", {"x": 1})],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", TOOLS)
def test_tool_calls_are_distinguished(case: str) -> None:
    pieces, expected = TOOLS[case]
    found = [one["function"] for one in message_of(*pieces)["tool_calls"]]
    assert [(one["name"], one["arguments"]) for one in found] == expected


def test_a_message_in_place_of_a_delta_is_the_whole_so_far() -> None:
    whole = {"role": "assistant", "content": "Hello", "tool_calls": [{"id": "1", "index": 0}]}
    chunks = [
        chunk({"index": 0, "delta": {"content": "Hel"}}),
        chunk({"index": 0, "message": whole, "finish_reason": "stop"}),
    ]
    fold = DIALECTS["chat"].fold()
    shown = [event.text for one in chunks for event in fold.add(one)]
    message = fold.complete(False)["choices"][0]["message"]
    assert (shown, message["content"], len(message["tool_calls"])) == (["Hel", "lo"], "Hello", 1)


def test_reasoning_is_shown_once_under_whichever_name() -> None:
    fold = DIALECTS["chat"].fold()
    chunks = deltas(
        {"reasoning": "Let ", "reasoning_content": "Let "},
        {"reasoning_content": "me "},
        {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "see"}]}]},
        {"content": "Yes"},
    )
    events = [event for one in chunks for event in fold.add(one)]
    assert [event.reasoning for event in events if event.reasoning] == ["Let ", "me ", "see"]
    assert [event.text for event in events if event.text] == ["Yes"]
    assert DIALECTS["chat"].text_of(fold.response) == "Yes"


def test_reasoning_details_without_an_index_are_joined_when_they_follow() -> None:
    text = {"type": "reasoning.text", "format": "x"}
    sealed = [{"type": "reasoning.encrypted", "data": one} for one in ("YQ==", "Yg==")]
    pieces = [text | {"text": "Let "}, text | {"text": "me"}, text | {"signature": "c2ln"}, *sealed]
    found = message_of(*({"reasoning_details": [one]} for one in pieces))["reasoning_details"]
    assert found == [text | {"text": "Let me", "signature": "c2ln"}, *sealed]


def test_an_error_in_one_chunk_is_not_taken_back_by_the_next() -> None:
    failed = {"code": 502, "message": "Boom"}
    for nothing in (None, "", {}, {"code": 0, "message": "Success"}):
        chunks = [chunk(error=failed), chunk(error=nothing), *deltas({"content": "x"})]
        assert folded("chat", chunks)["error"] == failed


def test_a_long_text_in_many_deltas_takes_linear_time() -> None:
    fold = DIALECTS["chat"].fold()
    pieces = {"content": "x" * 150, "audio": {"data": "y" * 150}, "reasoning": "z" * 150}
    one = chunk({"index": 0, "delta": pieces})
    for _ in range(20_000):
        fold.add(one)
    message = fold.response["choices"][0]["message"]
    assert len(message["content"]) == len(message["audio"]["data"]) == 3_000_000
