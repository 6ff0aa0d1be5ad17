"""What is sent again and what never is; every request is counted at the server."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import time
from typing import Any

import pytest

from openrouter_connector import (
    ApiError,
    Connector,
    CredentialError,
    FileStore,
    IncompleteError,
    InputError,
    RateLimitedError,
    Timeouts,
    UnavailableError,
)
from support.scripted_server import (
    ASK,
    CLOSES,
    HANGS,
    RESETS,
    Answer,
    Ask,
    completion,
    response,
    scripted,
)

NOW = {"Retry-After": "0"}
GOOD = response(completion("Hello"))
THING = response({"value": "here"})
LATER = {"error": {"code": 503, "message": "later"}}


def refused(status: int, headers: dict[str, str] | None = NOW) -> Answer:
    return response({"error": {"code": status, "message": "no"}}, status, headers=headers)


@pytest.mark.parametrize("status", [429, 502, 503, 529])
def test_a_post_that_was_not_served_is_sent_again(ask: Ask, status: int) -> None:
    with scripted(refused(status), refused(status), GOOD) as server:
        result = ask(server.base_url)
    assert (result.output, result.metadata.attempts) == ("Hello", 3)
    bodies = [request.body for request in server.requests]
    assert len(bodies) == 3 and len(set(bodies)) == 1


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 408, 413, 422, 500, 504, 524])
def test_a_post_that_may_have_been_served_is_not_sent_again(ask: Ask, status: int) -> None:
    with (
        scripted(refused(status), GOOD) as server,
        pytest.raises((ApiError, CredentialError)) as caught,
    ):
        ask(server.base_url)
    assert len(server.requests) == 1
    assert caught.value.to_json()["status"] == status


def test_a_502_of_a_proxy_does_not_prove_that_nothing_was_served(ask: Ask) -> None:
    page = response("<h1>502 Bad Gateway</h1><hr>nginx", 502, kind="text/html")
    with scripted(page, GOOD) as server, pytest.raises(UnavailableError) as caught:
        ask(server.base_url)
    assert (len(server.requests), caught.value.status) == (1, 502)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 524, 529])
def test_a_get_is_sent_again(get: Ask, status: int) -> None:
    with scripted(refused(status), THING) as server:
        assert get(server.base_url).output == "here"
    assert [request.path for request in server.requests] == ["/api/v1/things/a%20b/c"] * 2


@pytest.mark.parametrize("status", [400, 402, 403, 404, 422])
def test_a_get_that_is_refused_for_good_is_not_sent_again(get: Ask, status: int) -> None:
    with scripted(refused(status), THING) as server, pytest.raises(ApiError):
        get(server.base_url)
    assert len(server.requests) == 1


def test_there_is_an_end_to_trying(ask: Ask) -> None:
    with scripted(refused(503)) as server, pytest.raises(UnavailableError) as caught:
        ask(server.base_url)
    assert (len(server.requests), caught.value.attempts, caught.value.retryable) == (4, 4, True)


def test_how_often_it_is_tried_can_be_chosen(ask: Ask) -> None:
    with scripted(refused(429)) as server, pytest.raises(RateLimitedError) as caught:
        ask(server.base_url, attempts=1)
    assert (len(server.requests), caught.value.attempts) == (1, 1)


def test_retry_after_is_waited_for(ask: Ask) -> None:
    started = time.monotonic()
    with scripted(refused(429, {"Retry-After": "0.3"}), GOOD) as server:
        ask(server.base_url)
    assert time.monotonic() - started >= 0.3
    assert len(server.requests) == 2


def test_without_retry_after_it_is_tried_again_all_the_same(ask: Ask) -> None:
    with scripted(refused(429, None), GOOD) as server:
        ask(server.base_url)
    assert len(server.requests) == 2


@pytest.mark.parametrize("asked", ["3600", "61", "1e9"])
def test_a_server_that_asks_for_too_long_a_wait_is_not_waited_for(ask: Ask, asked: str) -> None:
    with (
        scripted(refused(429, {"Retry-After": asked}), GOOD) as server,
        pytest.raises(RateLimitedError) as caught,
    ):
        ask(server.base_url)
    assert len(server.requests) == 1
    assert caught.value.to_json()["retryAfter"] == float(asked)


@pytest.mark.parametrize("asked", ["soon", "Wed, 21 Oct 2026 07:28:00 GMT", "", "-5", "inf", "nan"])
def test_a_retry_after_that_is_no_number_does_no_harm(ask: Ask, asked: str) -> None:
    with scripted(refused(429, {"Retry-After": asked}), GOOD) as server:
        ask(server.base_url)
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "error",
    [
        {"message": "Rate limit exceeded: free-models-per-day. Add 10 credits"},
        {"message": "no", "metadata": {"limit_source": "openrouter_free_tier_daily"}},
    ],
)
def test_the_quota_of_a_day_is_not_waited_for(ask: Ask, error: Any) -> None:
    with (
        scripted(response({"error": error}, 429, headers=NOW), GOOD) as server,
        pytest.raises(RateLimitedError),
    ):
        ask(server.base_url)
    assert len(server.requests) == 1


def test_no_connection_is_tried_again_and_said_clearly(ask: Ask, get: Ask) -> None:
    with scripted(GOOD) as server:
        gone = server.base_url
    with pytest.raises(UnavailableError, match=r"no connection to 127\.0\.0\.1") as caught:
        ask(gone, attempts=2)
    assert (caught.value.attempts, caught.value.retryable) == (2, True)
    assert "billed" not in caught.value.message
    with pytest.raises(UnavailableError) as caught:
        get(gone, attempts=2)
    assert caught.value.attempts == 2


@pytest.mark.parametrize("end", [CLOSES, RESETS], ids=["closed", "reset"])
def test_a_post_whose_answer_was_lost_is_not_sent_again(ask: Ask, end: Answer) -> None:
    with (
        scripted(end, GOOD) as server,
        pytest.raises(UnavailableError, match="may have been billed") as caught,
    ):
        ask(server.base_url)
    assert (len(server.requests), caught.value.retryable) == (1, False)


@pytest.mark.parametrize("end", [CLOSES, RESETS], ids=["closed", "reset"])
def test_a_get_whose_answer_was_lost_is_sent_again(get: Ask, end: Answer) -> None:
    with scripted(end, THING) as server:
        assert get(server.base_url).output == "here"
    assert len(server.requests) == 2


def test_a_post_that_is_not_answered_in_time_is_not_sent_again(ask: Ask) -> None:
    with (
        scripted(HANGS, GOOD) as server,
        pytest.raises(UnavailableError, match=r"no byte arrived for 0\.2 s"),
    ):
        ask(server.base_url, timeouts=Timeouts(idle=0.2))
    assert len(server.requests) == 1


def test_a_get_that_is_not_answered_in_time_is_sent_again(get: Ask) -> None:
    with scripted(HANGS, THING) as server:
        assert get(server.base_url, timeouts=Timeouts(idle=0.2)).output == "here"
    assert len(server.requests) == 2


def test_a_lost_get_says_that_it_was_requested_again(get: Ask) -> None:
    with scripted(CLOSES) as server, pytest.raises(UnavailableError) as caught:
        get(server.base_url, attempts=2)
    assert len(server.requests) == 2
    assert caught.value.retryable and "billed" not in caught.value.message


def test_an_answer_that_stalls_midway_is_incomplete(ask: Ask) -> None:
    half = Answer((b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",), then="hang")
    with (
        scripted(half, GOOD) as server,
        pytest.raises(IncompleteError, match=r"no byte arrived for 0\.2 s"),
    ):
        ask(server.base_url, timeouts=Timeouts(idle=0.2))
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_the_token_stays(ask: Ask, status: int) -> None:
    with scripted(GOOD) as elsewhere:
        to = {"Location": f"{elsewhere.base_url}/chat/completions"}
        with (
            scripted(response(b"", status, headers=to)) as server,
            pytest.raises(ApiError, match="redirects") as caught,
        ):
            ask(server.base_url)
    assert (len(server.requests), elsewhere.requests) == (1, [])
    assert caught.value.status == status


@pytest.mark.parametrize("place", ['"quoted"\\', "/x?sig=hidden-part", ""])
def test_a_redirect_to_an_odd_place_is_reported_without_its_query(ask: Ask, place: str) -> None:
    with (
        scripted(response(b"", 302, headers={"Location": place})) as server,
        pytest.raises(ApiError, match="redirects") as caught,
    ):
        ask(server.base_url)
    assert "hidden-part" not in str(caught.value)


def test_what_comes_back_is_unpacked(ask: Ask) -> None:
    packed = gzip.compress(json.dumps(completion("Hello")).encode())
    with scripted(response(packed, headers={"Content-Encoding": "gzip"})) as server:
        assert ask(server.base_url).output == "Hello"
    assert "br" not in server.requests[0].headers["accept-encoding"]


def test_what_is_packed_wrongly_is_incomplete(ask: Ask) -> None:
    with (
        scripted(response(b"not gzip", headers={"Content-Encoding": "gzip"})) as server,
        pytest.raises(IncompleteError),
    ):
        ask(server.base_url)
    assert len(server.requests) == 1


def test_a_refusal_that_is_packed_wrongly_is_still_a_refusal(ask: Ask) -> None:
    with (
        scripted(response(b"not gzip", 402, headers={"Content-Encoding": "gzip"})) as server,
        pytest.raises(ApiError, match="402"),
    ):
        ask(server.base_url)


def test_what_is_no_http_at_all_is_reported(ask: Ask) -> None:
    with (
        scripted(Answer((b"220 mail.example ESMTP\r\n",), then="close")) as server,
        pytest.raises(UnavailableError),
    ):
        ask(server.base_url)
    assert len(server.requests) == 1


def test_the_calls_of_a_session_share_a_connection(
    connector: Connector, store: FileStore, concurrent: bool
) -> None:
    async def three(base_url: str) -> None:
        options: Any = {"files": store, "concurrent": concurrent}
        async with connector.connect("sk-or-v1-test", base_url=base_url, **options) as session:
            for _ in range(3):
                await session.perform("ask", ASK)

    with scripted(GOOD) as server:
        asyncio.run(three(server.base_url))
    assert (len(server.requests), server.connections) == (3, 1)


def test_further_headers_go_with_every_call(ask: Ask) -> None:
    with scripted(GOOD) as server:
        ask(server.base_url, headers={"HTTP-Referer": "https://app.example", "X-Title": "App"})
    sent = server.requests[0].headers
    assert sent["http-referer"] == "https://app.example"
    assert sent["authorization"] == "Bearer sk-or-v1-test"
    assert sent["content-type"] == "application/json"


@pytest.mark.parametrize("base_url", ["openrouter.ai/api/v1", "ftp://openrouter.ai", "http://"])
def test_an_invalid_base_url_is_reported(ask: Ask, base_url: str) -> None:
    with pytest.raises(InputError, match="http"):
        ask(base_url)


@pytest.mark.parametrize("token", [None, "", "  "])
def test_without_a_token_openrouter_is_not_called(connector: Connector, token: str | None) -> None:
    with pytest.raises(CredentialError, match="token"):
        connector.run("ask", ASK, token)


@pytest.mark.parametrize("token", ["sk-or-…", "sk-or-\nx", "sk or"])
def test_a_token_that_can_be_none_is_refused_and_not_shown(ask: Ask, token: str) -> None:
    with pytest.raises(CredentialError) as caught:
        ask("http://127.0.0.1:1", token=token)
    assert token not in str(caught.value)


def test_a_token_is_sent_without_the_spaces_around_it(ask: Ask) -> None:
    with scripted(GOOD) as server:
        ask(server.base_url, token=" sk-or-v1-test\n")
    assert server.requests[0].headers["authorization"] == "Bearer sk-or-v1-test"


@pytest.mark.parametrize("title", ["Café", "a\nb", "a\tb", "日本"])
def test_what_no_header_can_hold_is_reported_before_anything_is_sent(ask: Ask, title: str) -> None:
    with scripted(response(completion())) as server:
        for given in ({"parameters": {"appTitle": title}}, {"headers": {"X-Title": title}}):
            with pytest.raises(InputError) as caught:
                ask(server.base_url, **given)
            assert caught.value.problems[0].path in ("appTitle", "X-Title")
        assert server.requests == []


def test_a_token_does_not_go_unencrypted_beyond_this_machine(ask: Ask) -> None:
    with pytest.raises(InputError, match="unencrypted"):
        ask("http://192.0.2.1/api/v1")


def test_a_server_that_does_not_read_on_is_given_up(connector: Connector, concurrent: bool) -> None:
    async def told(deaf: socket.socket) -> None:
        place = f"http://127.0.0.1:{deaf.getsockname()[1]}/api/v1"
        options: Any = {"concurrent": concurrent, "timeouts": Timeouts(idle=0.2), "attempts": 1}
        async with connector.connect("sk-or-v1-test", base_url=place, **options) as session:
            try:
                await session.perform("ask", {**ASK, "userPrompt": "x" * 20_000_000})
            finally:
                deaf.close()
                await asyncio.sleep(0.05)  # what was not read is dropped with the connection

    with (
        socket.create_server(("127.0.0.1", 0)) as deaf,
        pytest.raises(UnavailableError, match=r"no byte arrived for 0\.2 s"),
    ):
        asyncio.run(told(deaf))
