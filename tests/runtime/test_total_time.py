"""A time for the whole call: what never ends, however little and often it comes, ends by it."""

from __future__ import annotations

import asyncio
import json
import time

import pytest

from openrouter_connector import (
    Connector,
    ConnectorError,
    IncompleteError,
    Timeouts,
    UnavailableError,
)
from support.scripted_server import (
    ASK,
    Answer,
    Ask,
    Received,
    completion,
    delta,
    response,
    scripted,
)

TIMES = Timeouts(idle=5, total=0.4)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nConnection: close\r\n\r\n"
EVENTS = HEAD % b"text/event-stream"
BEGUN = EVENTS + f"data: {json.dumps(delta('Hel'))}\n\n".encode()
ENDLESS = {
    "interim answers": (b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n",) * 2000,
    "100 Continue": (b"HTTP/1.1 100 Continue\r\n\r\n",) * 2000,
    "a header byte by byte": (b"HTTP/1.1 200 OK\r\nX: ", *(b"a",) * 2000),
    "comments": (EVENTS, *(b": OPENROUTER PROCESSING\n\n",) * 2000),
    "blank lines before JSON": (HEAD % b"application/json", *(b" \n",) * 2000),
    "JSON byte by byte": (HEAD % b"application/json", b'{"a": "', *(b"b",) * 2000),
    "empty events": (EVENTS, *(b"data:\n\n",) * 2000),
    "a stream byte by byte": (BEGUN, b"data: ", *(b"b",) * 2000),
}


CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nTransfer-Encoding: chunked\r\n\r\n"
JSON_BEGINS = CHUNKED % b"application/json"
WHOLE = json.dumps(completion("Hello")).encode()


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


AROUND_A_BODY = {
    "zeros of a chunk's size": (JSON_BEGINS, *(b"0",) * 2000),
    "an extension of a chunk": (JSON_BEGINS + b"5;", *(b"a",) * 2000),
    "trailers after half an answer": (
        JSON_BEGINS + chunk(WHOLE[:20]) + b"0\r\n",
        *(b"X: a\r\n",) * 2000,
    ),
}


def dripping(*pieces: bytes) -> Answer:
    return Answer(pieces, then="close", pause=0.02)


@pytest.mark.parametrize("pieces", ENDLESS.values(), ids=ENDLESS)
def test_what_never_ends_is_ended_and_not_retried(ask: Ask, pieces: tuple[bytes, ...]) -> None:
    started = time.monotonic()
    with (
        scripted(dripping(*pieces), response(completion())) as server,
        pytest.raises((UnavailableError, IncompleteError), match="billed") as caught,
    ):
        ask(server.base_url, timeouts=TIMES)
    assert time.monotonic() - started < 20
    assert (len(server.requests), caught.value.retryable) == (1, False)
    if b"200" in pieces[0] and b"X: " not in pieces[0]:
        assert "was not complete after 0.4 s" in caught.value.message


def test_the_text_of_a_stream_that_took_too_long_is_kept(connector: Connector) -> None:
    async def streamed(base_url: str) -> None:
        token = "sk-or-v1-test"
        async with connector.connect(token, base_url=base_url, timeouts=TIMES) as session:
            async for _ in session.stream("ask", ASK):
                pass

    with (
        scripted(dripping(BEGUN, *(b": hi\n\n",) * 2000)) as server,
        pytest.raises(IncompleteError, match=r"not complete after 0\.4 s") as caught,
    ):
        asyncio.run(streamed(server.base_url))
    assert caught.value.partial == "Hel"


def test_interim_answers_without_number_are_ended(connector: Connector) -> None:
    flood = Answer((b"HTTP/1.1 103 Early Hints\r\n\r\n" * 101, *response(completion()).pieces))
    with scripted(flood) as server, pytest.raises(UnavailableError, match="interim responses"):
        connector.run("ask", ASK, "sk-or-v1-test", base_url=server.base_url, concurrent=True)
    assert len(server.requests) == 1


def test_some_interim_answers_are_passed_over(ask: Ask) -> None:
    hints = Answer((b"HTTP/1.1 103 Early Hints\r\n\r\n" * 5, *response(completion("Hi")).pieces))
    with scripted(hints) as server:
        assert ask(server.base_url).output == "Hi"


def test_the_time_holds_for_all_attempts_of_a_get(get: Ask) -> None:
    def later(_: Received) -> Answer:
        return response({"error": {"message": "later"}}, 503, headers={"Retry-After": "30"})

    started = time.monotonic()
    with scripted(later) as server, pytest.raises(ConnectorError):
        get(server.base_url, timeouts=Timeouts(total=2))
    assert time.monotonic() - started < 20
    assert len(server.requests) == 1


def test_a_refusal_that_never_ends_is_ended(ask: Ask) -> None:
    head = b"HTTP/1.1 402 Payment Required\r\nConnection: close\r\n\r\n"
    with scripted(dripping(head, *(b" ",) * 2000)) as server, pytest.raises(ConnectorError) as told:
        ask(server.base_url, timeouts=TIMES)
    assert told.value.to_json()["status"] == 402


@pytest.mark.parametrize("concurrent", [True, False])
@pytest.mark.parametrize("pieces", AROUND_A_BODY.values(), ids=AROUND_A_BODY)
def test_bytes_around_a_body_do_not_prolong_the_call(
    ask: Ask, pieces: tuple[bytes, ...], concurrent: bool
) -> None:
    times, started = Timeouts(idle=0.3, total=0.6), time.monotonic()
    with (
        scripted(dripping(*pieces)) as server,
        pytest.raises(IncompleteError, match=r"not complete after 0\.6 s"),
    ):
        ask(server.base_url, timeouts=times, concurrent=concurrent)
    assert time.monotonic() - started < 20
    assert len(server.requests) == 1


@pytest.mark.parametrize("concurrent", [True, False])
def test_a_whole_answer_survives_endless_trailers(ask: Ask, concurrent: bool) -> None:
    trailers = dripping(JSON_BEGINS + chunk(WHOLE) + b"0\r\n", *(b"X: a\r\n",) * 2000)
    with scripted(trailers) as server:
        result = ask(server.base_url, timeouts=Timeouts(idle=0.3, total=0.6), concurrent=concurrent)
    assert result.output == "Hello"


def test_a_chunk_that_never_comes_leaves_the_text_before_it(ask: Ask) -> None:
    begun = f"data: {json.dumps(delta('Hel'))}\n\n".encode()
    head = CHUNKED % b"text/event-stream" + chunk(begun)
    with (
        scripted(dripping(head, *(b"0",) * 2000)) as server,
        pytest.raises(IncompleteError, match=r"not complete after 0\.6 s") as caught,
    ):
        ask(server.base_url, timeouts=Timeouts(idle=0.3, total=0.6))
    assert caught.value.partial == "Hel"
