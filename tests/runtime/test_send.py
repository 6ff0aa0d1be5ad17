"""Every paid request goes through the `send` that is handed in, once, and nothing else does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from openrouter_connector import (
    Call,
    Connector,
    FileStore,
    IncompleteError,
    Open,
    Response,
    Session,
    UnavailableError,
)
from openrouter_connector.sandbox import Sandbox
from support.images import DOT
from support.scripted_server import ASK, completion, response, scripted

IMAGE = f"data:image/png;base64,{DOT}"
TEXT = " ".join(f"This is sentence number {number}." for number in range(9))
PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
}
FILM = {"model": "sandbox/filmer", "prompt": "A boat", "duration": 2}


class Counted:
    """Stands for a durable runner: it notes each call that passes, and sends it on."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    @asynccontextmanager
    async def send(self, call: Call, open_: Open) -> AsyncIterator[Response]:
        """Note a call, and send it."""
        self.calls.append(call)
        async with open_(call) as opened:
            yield opened


def passed(
    connector: Connector, base_url: str, work: Callable[[Session], Awaitable[Any]], **options: Any
) -> list[str]:
    """Do some work in a session, and return the paths of the calls that passed."""
    counted = Counted()

    async def done() -> None:
        options_ = {"base_url": base_url, "send": counted.send, **options}
        async with connector.connect("sk-or-v1-test", **options_) as session:
            await work(session)

    asyncio.run(done())
    return [call.path for call in counted.calls]


def performing(action: str, parameters: Any) -> Callable[[Session], Awaitable[Any]]:
    """Return work that performs one action."""
    return lambda session: session.perform(action, parameters)


def paid(sandbox: Sandbox) -> list[str]:
    """List the paid requests that a sandbox received."""
    posts = [one for one in sandbox.requests if one.method == "POST"]
    return [one.path.removeprefix("/api/v1").partition("?")[0] for one in posts]


@pytest.mark.parametrize(
    ("action", "parameters", "count"),
    [
        ("ask", ASK | {"model": "sandbox/echo"}, 1),
        ("createSpeech", {"model": "sandbox/speaker", "voice": "alba", "input": "Hello"}, 1),
        (
            "createSpeech",
            {"model": "sandbox/speaker", "voice": "alba", "input": TEXT, "partLength": 80},
            4,
        ),
        (
            "analyzeImages",
            {"model": "sandbox/vision", "taskType": "caption", "images": [IMAGE] * 3},
            3,
        ),
        ("createVideo", FILM, 1),
        (
            "ask",
            ASK
            | {
                "model": "sandbox/prose-json",
                "response": {"responseFormat": "JSON", "responseSchema": PERSON},
            },
            2,
        ),
    ],
    ids=["a call", "a file", "parts", "rows", "a job", "a repair round"],
)
def test_each_paid_request_passes_once(
    connector: Connector, store: FileStore, action: str, parameters: Any, count: int
) -> None:
    with Sandbox() as sandbox:
        work = performing(action, parameters)
        seen = passed(connector, sandbox.base_url, work, files=store)
        assert len(seen) == count
        assert sorted(seen) == sorted(paid(sandbox))


def test_a_relayed_call_passes_once_and_a_relayed_get_does_not(
    connector: Connector, store: FileStore
) -> None:
    async def work(session: Session) -> None:
        body = {"model": "a/b", "messages": [{"role": "user", "content": "Hi"}]}
        for call in (Call("POST", "/chat/completions", body=body), Call("GET", "/models")):
            async with session.relay(call) as relayed:
                await relayed.json()

    with scripted(response(completion("Hello")), response({"data": []})) as server:
        assert passed(connector, server.base_url, work, files=store) == ["/chat/completions"]
        assert [one.method for one in server.requests] == ["POST", "GET"]


def test_what_is_sent_again_since_it_was_not_served_passes_once(
    connector: Connector, store: FileStore
) -> None:
    busy = response({"error": {"message": "busy"}}, 503)
    with scripted(busy, response(completion("Hello"))) as server:
        work = performing("ask", ASK)
        assert passed(connector, server.base_url, work, files=store) == ["/chat/completions"]
        assert len(server.requests) == 2


def test_a_call_that_is_stopped_on_its_way_is_not_sent(
    connector: Connector, store: FileStore
) -> None:
    @asynccontextmanager
    async def stop(call: Call, open_: Open) -> AsyncIterator[Response]:
        raise UnavailableError("not now")
        yield

    with scripted(response(completion("Hello"))) as server:
        with pytest.raises(UnavailableError, match="not now"):
            connector.run("ask", ASK, "sk-or-x", base_url=server.base_url, files=store, send=stop)
        assert server.requests == []


def test_an_error_in_a_response_reaches_who_sent_it(connector: Connector, store: FileStore) -> None:
    seen: list[BaseException] = []

    @asynccontextmanager
    async def watch(call: Call, open_: Open) -> AsyncIterator[Response]:
        try:
            async with open_(call) as response:
                yield response
        except IncompleteError as error:
            seen.append(error)
            raise

    with scripted(response("{not JSON")) as server, pytest.raises(IncompleteError):
        connector.run("ask", ASK, "sk-or-x", base_url=server.base_url, files=store, send=watch)
    assert len(seen) == 1
