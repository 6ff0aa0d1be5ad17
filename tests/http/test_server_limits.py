"""Limits for clients without a token: size and time of requests, and connections."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from contextlib import ExitStack

import pytest

from openrouter_connector import http_server
from openrouter_connector.faces.http.sessions import StartupConnection
from openrouter_connector.sandbox import Sandbox
from support.http_face import ASK, TOKEN, Serve, Served
from support.raw_client import RawClient, raw_client
from support.scripted_server import Answer, completion, response, scripted

START = b"GET /api/health HTTP/1.1\r\nHost: 127.0.0.1\r\n"
POST = b"POST /api/health HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"
MEGABYTE = b"a" * 2**20


@pytest.fixture(params=["serve", "sandbox"])
def url(request: pytest.FixtureRequest, served: Served, sandbox: Sandbox) -> str:
    return served.url if request.param == "serve" else sandbox.base_url


TOO_MUCH: dict[str, tuple[int, Iterable[bytes]]] = {
    "one long header": (431, [START, b"X: ", *[MEGABYTE] * 64]),
    "a little too much": (431, [START, b"X: " + b"a" * 70_000 + b"\r\n\r\n"]),
    "long headers": (431, [START, *[b"X: " + MEGABYTE + b"\r\n"] * 64]),
    "many headers": (431, [START, b"X: y\r\n" * 200, b"\r\n"]),
    "a header of which only the name comes": (431, [START, *[MEGABYTE] * 64]),
    "a long address": (414, [b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: h\r\n\r\n"]),
    "an address without end": (414, [b"GET /", *[MEGABYTE] * 64]),
    "empty lines without end": (431, [b"\r\n" * 2**19] * 64),
}


@pytest.mark.parametrize("status, pieces", TOO_MUCH.values(), ids=TOO_MUCH)
def test_a_head_without_end_is_refused(url: str, status: int, pieces: Iterable[bytes]) -> None:
    with raw_client(url) as line:
        all_taken = line.send(*pieces)
        heard = line.read_all()

    # What is still on its way when the connection is closed may take the answer with it.
    assert heard.startswith(f"HTTP/1.1 {status} ".encode()) or (not all_taken and not heard)


def test_a_head_within_the_bound_is_read(served: Served) -> None:
    with raw_client(served.url) as line:
        line.send(START, b"X: " + b"a" * 60_000 + b"\r\nConnection: close\r\n\r\n")
        assert not line.read_all().startswith(b"HTTP/1.1 431")


@pytest.mark.parametrize(
    "endless",
    [b"1;" + MEGABYTE, b"0\r\nX: " + MEGABYTE, b"0\r\n" + b"X: y\r\n" * 200_000],
    ids=["a chunk extension", "a trailer", "trailers"],
)
def test_what_surrounds_a_body_has_an_end(url: str, endless: bytes) -> None:
    with raw_client(url) as line:
        line.send(POST, *[endless] * 64)

        assert line.read_all().count(b"HTTP/1.1") <= 1


def test_requests_do_not_queue_up_behind_a_response(served: Served) -> None:
    body = json.dumps({"parameters": {**ASK, "model": "sandbox/slow"}}).encode()
    head = (
        f"POST /api/actions/ask/perform HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}"
    )
    with raw_client(served.url) as line:
        line.send(head.encode() + f"\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode() + body)
        line.send(*[(START + b"\r\n") * 1000] * 50)

        assert line.read_all().count(b"HTTP/1.1") <= http_server.MAX_PIPELINED + 2


def ask_over(line: RawClient, times: int, *, then: bytes = b"") -> bytes:
    """Send a paid request several times at once, and other bytes; return the responses."""
    body = json.dumps({"parameters": ASK, "connection": "there"}).encode()
    head = "POST /api/actions/ask/perform HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    head += f"Authorization: Bearer {TOKEN}\r\nContent-Length: {len(body)}\r\n"
    head += "Content-Type: application/json\r\n\r\n"
    line.send((head.encode() + body) * times + then)
    return line.read_all()


def test_accepted_requests_are_answered_when_too_many_follow(serve: Serve) -> None:
    with scripted(response(completion("Hello"))) as api:
        served = serve(
            startup={"there": StartupConnection("sk-or-v1-0123456789abcdef", api.base_url)}
        )
        with raw_client(served.url) as line:
            heard = ask_over(line, 40)

    answered = heard.count(b"HTTP/1.1 200 OK")
    assert answered == heard.count(b"HTTP/1.1 ") == heard.count(b'"Hello"') == len(api.requests)
    assert answered == http_server.MAX_PIPELINED + 1


BAD_NEXT = {
    "no HTTP": b"\0\0\r\n\r\n",
    "many headers": START + b"X: y\r\n" * 200 + b"\r\n",
    "a long header": START + b"X: " + b"a" * 90_000,
    "a chunk that is none": POST + b"x\r\n",
}


@pytest.mark.parametrize("said", BAD_NEXT.values(), ids=BAD_NEXT)
def test_a_request_is_answered_whatever_follows_it(serve: Serve, said: bytes) -> None:
    slow = Answer((b"", *response(completion("Hello")).pieces), pause=0.3)
    with scripted(slow) as api:
        served = serve(
            startup={"there": StartupConnection("sk-or-v1-0123456789abcdef", api.base_url)}
        )
        with raw_client(served.url) as line:
            heard = ask_over(line, 1, then=said)

    assert heard.startswith(b"HTTP/1.1 200 OK") and b'"Hello"' in heard
    assert heard.count(b"HTTP/1.1 ") == 1


SLOW = {
    "nothing": b"",
    "half a head": START,
    "an empty line": b"\r\n",
    "half a body": b"POST /api/import HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n{",
    "half a chunk": POST + b"9\r\n{",
}


@pytest.mark.parametrize("said", SLOW.values(), ids=SLOW)
def test_an_unfinished_request_is_closed(
    url: str, said: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_server, "HEAD_TIMEOUT", 0.1)
    monkeypatch.setattr(http_server, "BODY_TIMEOUT", 0.1)
    with raw_client(url) as line:
        line.send(said)

        assert line.read_all().count(b"HTTP/1.1") <= 1


def test_a_slow_body_is_refused(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "BODY_TIMEOUT", 0.2)
    monkeypatch.setattr(http_server, "MIN_BODY_RATE", 1e12)
    head = b"POST /api/import HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer "
    with raw_client(served.url) as line:
        line.send(head + TOKEN.encode() + b"\r\nContent-Length: 9999999\r\n\r\n")
        while line.send(b"{"):
            time.sleep(0.01)

        assert line.read_all()[:12] in (b"", b"HTTP/1.1 408")


def test_a_response_may_last_longer_than_the_request_limits(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit in ("HEAD_TIMEOUT", "BODY_TIMEOUT", "BODY_IDLE_TIMEOUT", "READ_TIMEOUT"):
        monkeypatch.setattr(http_server, limit, 0.05)
    with Sandbox(slow=0.5) as sandbox:
        server = serve(startup={"sandbox": StartupConnection(sandbox.token, sandbox.base_url)})
        names = [name for name, _ in server.events({**ASK, "model": "sandbox/slow"})]

    assert names[-1] == "result"


def test_the_longest_idle_connection_makes_room(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_server, "connection_limit", lambda: 5)
    with ExitStack() as stack:
        lines = [stack.enter_context(raw_client(served.url)) for _ in range(9)]
        lines[-1].send(START + b"Connection: close\r\n\r\n")

        assert lines[-1].read_all().startswith(b"HTTP/1.1 200 ")
        assert [line.closed for line in lines[:-1]] == [True] * 4 + [False] * 4


def test_a_connection_beyond_the_limit_gets_503(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_server, "connection_limit", lambda: 1)
    unfinished = b"POST /api/import HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer "
    with raw_client(served.url) as busy:
        busy.send(unfinished + TOKEN.encode() + b"\r\nContent-Length: 9\r\n\r\n{")
        heard = b""
        while not heard:  # until the first one is known to be busy
            with raw_client(served.url) as other:
                heard = other.read_all()

    assert heard.startswith(b"HTTP/1.1 503 ")
