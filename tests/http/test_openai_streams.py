"""Streams of the OpenAI client: unbuffered, complete or an error, closed on disconnect."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest

from openrouter_connector.faces.http.sessions import StartupConnection
from support.disconnects import DisconnectServer, disconnect_server, eventually
from support.http_face import TOKEN, Serve, Served
from support.openai_client import HELLO, async_openai_client, openai_client
from support.scripted_server import Answer, completion, delta, events, response, scripted

KEY = "sk-or-v1-0123456789abcdef"
SAID = (delta("Hel"), delta("lo"))
USAGE = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5, "cost": 0.25}
FAILED = {"code": 502, "message": "Provider disconnected"}
BODY = {"model": "a/b", "messages": HELLO, "stream": True}


def there(serve: Serve, base_url: str) -> Served:
    return serve(startup={"there": StartupConnection(KEY, base_url)})


def streamed(client: openai.OpenAI, **options: Any) -> Iterator[str]:
    chunks = client.chat.completions.create(model="a/b", messages=HELLO, stream=True, **options)
    return (choice.delta.content or "" for chunk in chunks for choice in chunk.choices)


def raw(served: Served) -> str:
    """Return the raw body."""
    result = served.api.post("/openai/v1/chat/completions", json=BODY)
    assert result.headers["content-type"] == "text/event-stream; charset=utf-8"
    return result.text


def test_a_stream_ends_with_its_usage(played: Served) -> None:
    with openai_client(played) as client:
        chunks = list(
            client.chat.completions.create(
                model="sandbox/echo",
                messages=HELLO,
                stream=True,
                stream_options={"include_usage": True},
            )
        )

    text = "".join(choice.delta.content or "" for one in chunks for choice in one.choices)
    assert text.endswith("You said: Hello")
    assert [choice.finish_reason for one in chunks for choice in one.choices][-1] == "stop"
    assert chunks[-1].usage and chunks[-1].usage.total_tokens > 0


@pytest.mark.parametrize("pieces", [5, 1 << 16])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_stream_arrives_byte_by_byte_as_it_was(serve: Serve, pieces: int, end: str) -> None:
    chunks = (f": OPENROUTER PROCESSING{end}{end}", delta("ü🙂 [DONE]\ndata: [DONE]"), *SAID)
    last = delta(None, "stop", usage=USAGE)
    with scripted(events(*chunks, last, end=end, pieces=pieces)) as api:
        came = raw(there(serve, api.base_url))
    sent = b"".join(events(*chunks, last, end=end).pieces[1:]).decode()

    assert came.replace("\r\n", "\n").rstrip("\n").split("\n\ndata: [DONE]")[-1] == ""
    body, _, _ = sent.rpartition("data: [DONE]")
    assert came.startswith(body)
    assert came.count("data: [DONE]\n\n") == 1


@pytest.mark.parametrize("size", [1, 7, 20])
@pytest.mark.parametrize("finish", ["stop", None])
def test_a_key_that_comes_over_several_chunks_is_hidden(
    serve: Serve, size: int, finish: str | None
) -> None:
    text = f"here {KEY} it is, ask s"
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    chunks = [*map(delta, pieces[:-1]), delta(pieces[-1], finish)]
    with scripted(events(*chunks)) as api, openai_client(there(serve, api.base_url)) as client:
        assert "".join(streamed(client)) == "here [token] it is, ask s"


@pytest.mark.parametrize("size", [1, 7, 20])
@pytest.mark.parametrize("finish", ["tool_calls", None])
def test_a_key_in_the_arguments_of_a_tool_call_is_hidden(
    serve: Serve, size: int, finish: str | None
) -> None:
    text = f'{{"key": "{KEY}", "more": "sk-or'
    arguments = [text[at : at + size] for at in range(0, len(text), size)]
    named = {"name": "pay", "arguments": ""}
    first: dict[str, Any] = {"id": "call_1", "type": "function", "function": named}
    calls = [first, *({"function": {"arguments": part}} for part in arguments)]
    chunks = [
        {"id": "gen-1", "choices": [{"index": 0, "delta": {"tool_calls": [{"index": 1, **call}]}}]}
        for call in calls
    ]
    with (
        scripted(events(*chunks, delta("", finish))) as api,
        openai_client(there(serve, api.base_url)) as client,
    ):
        came = list(client.chat.completions.create(model="a/b", messages=HELLO, stream=True))
    parts = [
        call for one in came for choice in one.choices for call in choice.delta.tool_calls or ()
    ]
    assert {call.index for call in parts} == {1}
    assert parts[0].function and parts[0].function.name == "pay"
    shown = "".join(call.function.arguments or "" for call in parts if call.function)
    assert shown == text.replace(KEY, "[token]")


def test_a_chunk_is_there_before_the_next_one_is(serve: Serve) -> None:
    with (
        disconnect_server(*events(delta("Hel"), done=False).pieces) as api,
        openai_client(there(serve, api.base_url)) as client,
    ):
        chunks = client.chat.completions.create(model="a/b", messages=HELLO, stream=True)
        assert next(chunks).choices[0].delta.content == "Hel"  # and no other ever comes
        chunks.close()
        assert api.left.wait(3)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(events(*SAID, done=False), id="closed"),
        pytest.param(events(*SAID, done=False, then="reset"), id="reset"),
        pytest.param(events(*SAID, 'data: {"id": "gen-1", "choi', done=False), id="cut off"),
        pytest.param(events(*SAID, delta("", error=FAILED)), id="error"),
        pytest.param(events(*SAID, {"error": FAILED}), id="error alone"),
        pytest.param(events(*SAID, delta("", error=FAILED), pieces=9), id="error in pieces"),
        pytest.param(events(*SAID, delta("", "error", usage=USAGE)), id="finish reason error"),
        pytest.param(events(*SAID, {"choices": None, "id": "gen-1"}), id="null choices"),
    ],
)
def test_a_stream_that_fails_is_an_error_behind_what_came(serve: Serve, answer: Answer) -> None:
    with scripted(answer) as api, openai_client(there(serve, api.base_url)) as client:
        texts, came = streamed(client), ""
        with pytest.raises(openai.APIError) as failed:
            for text in texts:
                came += text
        assert came == "Hello"
        assert isinstance(failed.value.body, dict)
        assert set(failed.value.body) == {"message", "type", "param", "code"}
        assert "[DONE]" not in raw(there(serve, api.base_url))
        assert len(api.requests) == 2  # each was sent once


def test_a_stream_that_fails_is_an_error_of_the_async_client_too(serve: Serve) -> None:
    async def ask(served: Served) -> str:
        came = ""
        async with async_openai_client(served) as client:
            chunks = await client.chat.completions.create(model="a/b", messages=HELLO, stream=True)
            with pytest.raises(openai.APIError, match="broke off"):
                async for chunk in chunks:
                    came += chunk.choices[0].delta.content or ""
        return came

    with scripted(events(*SAID, done=False)) as api:
        assert asyncio.run(ask(there(serve, api.base_url))) == "Hello"
        assert len(api.requests) == 1


def test_what_fails_before_the_first_chunk_has_its_status(serve: Serve) -> None:
    refused = response({"error": {"code": 404, "message": "No endpoints found"}}, 404)
    empty, error = events(done=False), events({"error": {"code": 429, "message": "Later"}})
    with (
        scripted(refused, empty, error) as api,
        openai_client(there(serve, api.base_url)) as client,
    ):
        for kind in (openai.NotFoundError, openai.InternalServerError, openai.RateLimitError):
            with pytest.raises(kind):
                streamed(client)
        assert len(api.requests) == 3


def test_a_stream_that_ends_without_a_word_is_whole_once_it_has_a_reason(serve: Serve) -> None:
    with scripted(events(*SAID, delta("", "stop"), done=False)) as api:
        served = there(serve, api.base_url)
        with openai_client(served) as client:
            assert "".join(streamed(client)) == "Hello"
        assert raw(served).endswith("data: [DONE]\n\n")


def test_a_last_line_without_its_end_counts(serve: Serve) -> None:
    last = f"data: {json.dumps(delta('lo', 'stop'))}"
    with (
        scripted(events(delta("Hel"), last, done=False)) as api,
        openai_client(there(serve, api.base_url)) as client,
    ):
        assert "".join(streamed(client)) == "Hello"


def test_a_whole_answer_to_a_wish_for_a_stream_is_streamed(serve: Serve) -> None:
    with (
        scripted(response(completion("Hello"))) as api,
        openai_client(there(serve, api.base_url)) as client,
    ):
        assert list(streamed(client)) == ["Hello"]


def test_the_cost_of_a_failed_stream_is_kept(serve: Serve, audit: Path) -> None:
    failed = events(*SAID, delta("", error=FAILED, usage=USAGE))
    with scripted(failed) as api, openai_client(there(serve, api.base_url)) as client:
        with pytest.raises(openai.APIError):
            list(streamed(client))
        assert eventually(lambda: bool(audit.read_text()))
    line = json.loads(audit.read_text())

    known = (line["outcome"], line["cost"], line["generationId"])
    assert known == ("IncompleteError", 0.25, "gen-1")


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("begun", [True, False])
def test_the_call_upstream_is_closed_when_the_client_leaves(
    serve: Serve, stream: bool, begun: bool, audit: Path
) -> None:
    async def ask_and_leave(served: Served, api: DisconnectServer) -> None:
        async with async_openai_client(served) as client:
            create: Any = client.chat.completions.create
            asking = asyncio.create_task(create(model="a/b", messages=HELLO, stream=stream))
            assert await asyncio.to_thread(api.asked.wait, 10)
            asking.cancel()
            await asyncio.wait((asking,))

    pieces = events(delta("Hel"), done=False).pieces if begun else ()
    with disconnect_server(*pieces) as api:
        asyncio.run(ask_and_leave(there(serve, api.base_url), api))
        assert api.left.wait(3)
        assert eventually(lambda: bool(audit.read_text()))

    assert json.loads(audit.read_text())["outcome"] == "disconnected"


def test_the_token_of_the_connection_is_taken_out_of_a_stream(serve: Serve) -> None:
    with scripted(events(delta(f"You sent {KEY}"), delta("", "stop"), pieces=5)) as api:
        served = there(serve, api.base_url)
        with openai_client(served) as client:
            assert "".join(streamed(client)) == "You sent [token]"
        assert KEY not in raw(served) and TOKEN not in raw(served)


NO_ANSWERS = {
    "done alone": events(),
    "nothing": events(done=False),
    "a null": events("data: null\n\n"),
    "usage alone": events({"id": "gen-1", "choices": [], "usage": USAGE}),
    "no JSON": events("data: hello\n\n"),
    "JSON that was cut": events(*SAID, 'data: {"id": "x", "choi\n\n'),
    "JSON that was cut, and no blank line": events(*SAID, 'data: {"id": "x", "choi\n'),
    "an empty finish reason": events(delta("Hel", ""), delta("lo", ""), done=False),
    "a finish reason null as a text": events(delta("Hel", "null"), done=False),
    "one of two choices": events(
        *[{**delta(), "choices": [{"index": n, "delta": {}}]} for n in (0, 1)],
        delta("", "stop"),
        done=False,
    ),
    "an error": events(*SAID, {"error": FAILED}),
    "an error as a text": events(*SAID, {"error": "Boom"}),
}


@pytest.mark.parametrize("answer", NO_ANSWERS.values(), ids=NO_ANSWERS)
def test_a_stream_without_a_whole_answer_ends_in_an_error(serve: Serve, answer: Answer) -> None:
    with scripted(answer) as api:
        result = there(serve, api.base_url).api.post("/openai/v1/chat/completions", json=BODY)
    assert '"error":{"message":' in result.text and "[DONE]" not in result.text
    assert '"choi\n' not in result.text


NOTHINGS: list[Any] = [None, "", {}]
WHOLE = {
    "a null among others": events(SAID[0], "data: null\n\n", delta("lo", "stop")),
    "errors that are none": events(
        *[{**one, "error": nothing} for one in SAID for nothing in NOTHINGS],
        {**delta("", "stop"), "error": {"code": 0, "message": "Success"}},
    ),
    "several lines of data": events('data: {"choices":\ndata: [{"finish_reason": "stop"}]}\n\n'),
    "no line break at the end": events(f"data: {json.dumps(delta('Hello', 'STOP'))}", done=False),
}


@pytest.mark.parametrize("answer", WHOLE.values(), ids=WHOLE)
def test_a_stream_with_a_whole_answer_ends_well(serve: Serve, answer: Answer) -> None:
    with scripted(answer) as api:
        came = raw(there(serve, api.base_url))
    assert came.endswith("data: [DONE]\n\n") and '"error":{"message":' not in came
