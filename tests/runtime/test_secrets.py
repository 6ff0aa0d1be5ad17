"""A token is never in a result, an error, a log, a file or a repr, whatever a server does."""

from __future__ import annotations

import asyncio
import json
import logging
import traceback
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from openrouter_connector import (
    Connector,
    ConnectorError,
    FileStore,
    IncompleteError,
    Session,
    StoredConnection,
    Timeouts,
)
from openrouter_connector.faces.http.app import Settings
from openrouter_connector.faces.http.security import Lock
from openrouter_connector.faces.http.sessions import StartupConnection
from openrouter_connector.sandbox import Sandbox
from openrouter_connector.secret import Secret
from support.audio import wav, word
from support.canary import ANSWERS, CANARY, MALFORMED, SPELLINGS, hidden_in, holds_canary
from support.scripted_server import (
    ASK,
    Answer,
    Ask,
    Received,
    completion,
    delta,
    events,
    response,
    scripted,
)


@pytest.fixture
def listening(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Hear every logger, as loud as it can."""
    with caplog.at_level(logging.DEBUG):
        for name in list(logging.root.manager.loggerDict):
            caplog.set_level(logging.DEBUG, name)
        yield caplog


def told_by(error: BaseException) -> str:
    """Give all that an error, those behind it and what they hold can be made to say."""
    found, seen = "".join(traceback.format_exception(error)), list[BaseException]()
    waiting: list[BaseException | None] = [error]
    while waiting:
        if (one := waiting.pop()) is None or one in seen:
            continue
        seen.append(one)
        found += f"{one!s} {one!r} {one.args!r} {vars(one)!r}"
        found += "".join(map(held_by, attributes(one)))
        if isinstance(one, ConnectorError):
            found += json.dumps(one.to_json())
        waiting += [one.__cause__, one.__context__]
    return found


def attributes(thing: object) -> Iterator[object]:
    for name in dir(thing):
        if not name.startswith("__"):
            with suppress(Exception):
                yield getattr(thing, name)


def held_by(thing: object) -> str:
    """Say what a thing is, and the headers of a request or an answer."""
    headers = getattr(thing, "headers", None)
    shown = dict(headers) if isinstance(headers, Mapping) else headers
    return f"{thing!r} {shown} {getattr(thing, 'raw', '')}"


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_the_token_is_nowhere(
    connector: Connector,
    store: FileStore,
    listening: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    concurrent: bool,
    tmp_path: Path,
    answer: Answer,
    stream: bool,
) -> None:
    async def performed(base_url: str) -> str:
        options: dict[str, Any] = {
            "base_url": base_url,
            "files": store,
            "attempts": 2,
            "concurrent": concurrent,
            "timeouts": Timeouts(idle=0.2),
        }
        async with connector.connect(CANARY, **options) as session:
            told = repr(session) + str(vars(session).keys())
            try:
                if stream:
                    return told + str([event async for event in session.stream("ask", ASK)])
                result = await session.perform("ask", ASK)
                return told + repr(result) + json.dumps(result.to_json())
            except ConnectorError as error:
                return told + told_by(error)

    with scripted(answer) as server:
        told = asyncio.run(performed(server.base_url), debug=True)
    assert server.requests[0].headers["authorization"] == f"Bearer {CANARY}"
    assert not holds_canary(told)
    # Stock httpx shows at DEBUG which headers came back, those of an echo among them.
    heard = [record for record in listening.records if not record.name.startswith("httpcore")]
    assert all(CANARY not in record.getMessage() for record in heard)
    assert CANARY not in "".join(capfd.readouterr())
    assert hidden_in(tmp_path) == []


@pytest.mark.parametrize("charset", ["cp037", "utf-16", "utf-16-be", "utf-32", "iso-2022-jp"])
def test_the_token_is_hidden_once_an_answer_is_decoded(ask: Ask, charset: str) -> None:
    text = json.dumps(completion(f"here {CANARY} ."))
    if charset == "iso-2022-jp":  # its shifts change nothing, and stand in the middle of the key
        raw = text.replace("CANARY", "CAN\x1b(J\x1b(BARY").encode().replace(b"gen-1", b"gen-\xff")
    else:
        raw = text.encode(charset)

    with scripted(response(raw, kind=f"application/json; charset={charset}")) as server:
        result = ask(server.base_url, token=CANARY)

    assert result.output == "here [token] ."
    assert result.metadata.cost == 0.25


@pytest.mark.parametrize("size", [1, 3, 12, 30])
@pytest.mark.parametrize("name", ["content", "reasoning"])
def test_a_token_that_comes_in_several_chunks_is_hidden(
    connector: Connector, store: FileStore, size: int, name: str
) -> None:
    text = f"here {CANARY} ."
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    chunks = [{"choices": [{"index": 0, "delta": {name: piece}}]} for piece in pieces]

    async def streamed(base_url: str) -> list[Any]:
        async with connector.connect(CANARY, base_url=base_url, files=store) as session:
            return [event async for event in session.stream("ask", ASK)]

    with scripted(events(*chunks, delta("", "stop"), delta("done"))) as server:
        came = asyncio.run(streamed(server.base_url))

    shown = "".join(event.text + event.reasoning for event in came if event.type == "delta")
    assert shown == "here [token] .done"
    assert not holds_canary(str(came[-1].result))


def test_a_token_in_several_parts_of_an_answer_or_of_one_that_broke_off_is_hidden(ask: Ask) -> None:
    parts = [{"type": "text", "text": CANARY[at : at + 10]} for at in range(0, len(CANARY), 10)]
    broken = [delta(CANARY[at : at + 9]) for at in range(0, len(CANARY), 9)]

    with scripted(response(completion(parts)), events(*broken, done=False)) as server:  # type: ignore[arg-type]
        assert ask(server.base_url, token=CANARY).output == "[token]"
        with pytest.raises(IncompleteError) as caught:
            ask(server.base_url, token=CANARY)

    assert caught.value.partial == "[token]"
    assert not holds_canary(told_by(caught.value))


def test_an_answer_with_very_many_escapes_is_not_lost(ask: Ask) -> None:
    said = "0123456789abcdef/" * 600_000
    raw = json.dumps(completion(said)).replace("/", "\\/")

    with scripted(response(raw)) as server:
        assert ask(server.base_url, token=CANARY).output == said


@pytest.mark.parametrize("action", ["createImage", "createSpeech", "createTranscription"])
def test_no_action_lets_the_token_out(
    connector: Connector,
    sandbox: Sandbox,
    store: FileStore,
    listening: pytest.LogCaptureFixture,
    tmp_path: Path,
    action: str,
) -> None:
    (tmp_path / "hum.wav").write_bytes(wav(word(0.1)))
    parameters: Any = {
        "createImage": {"model": "sandbox/painter", "imageMessages": [{"content": "x"}]},
        "createSpeech": {"model": "sandbox/speaker", "input": "x", "voice": "alba"},
        "createTranscription": {"model": "sandbox/listener", "file": tmp_path / "hum.wav"},
    }[action]
    result = connector.run(action, parameters, CANARY, base_url=sandbox.base_url, files=store)
    assert CANARY not in repr(result) + json.dumps(result.to_json()) + listening.text
    assert any(path.is_file() for path in tmp_path.rglob("*"))
    assert hidden_in(tmp_path) == []


def test_a_call_that_is_checked_holds_no_token(
    connector: Connector, sandbox: Sandbox, store: FileStore
) -> None:
    async def checked() -> str:
        options: dict[str, Any] = {"base_url": sandbox.base_url, "files": store}
        async with connector.connect(CANARY, **options) as session:
            return repr(await session.check("ask", ASK))

    assert CANARY not in asyncio.run(checked())


@pytest.mark.parametrize("backend", ["single", "pooled", "handed in"])
def test_no_malformed_answer_lets_the_token_out(
    connector: Connector, store: FileStore, tmp_path: Path, backend: str
) -> None:
    """The canary in every spelling at every place of an answer, a few hundred of them."""
    answers = dict(MALFORMED)

    def answered(received: Received) -> Answer:
        return answers[received.json["model"]] if received.body else response({}, 404)

    async def told(session: Session, case: str, stream: bool) -> str:
        try:
            steps = session.events("ask", ASK | {"model": case}, stream=stream)
            return repr([event async for event in steps])
        except ConnectorError as error:
            return told_by(error)

    async def all_told(base_url: str) -> dict[str, str]:
        options: dict[str, Any] = {"base_url": base_url, "files": store, "attempts": 1}
        own = httpx.AsyncHTTPTransport(verify=False) if backend == "handed in" else None
        options |= {"concurrent": backend == "pooled", "backend": own}
        async with connector.connect(CANARY, timeouts=Timeouts(idle=5), **options) as session:
            return {case: await told(session, case, stream="event" in case) for case in answers}

    with scripted(answered) as server:
        found = asyncio.run(all_told(server.base_url))
    assert [case for case, text in found.items() if holds_canary(text.replace(case, ""))] == []
    assert hidden_in(tmp_path) == []


@pytest.mark.parametrize("name", SPELLINGS.values(), ids=SPELLINGS)
@pytest.mark.parametrize("form", ['filename="{}.mp3"', "filename*=UTF-8''{}.mp3"])
def test_a_file_is_not_called_by_the_token(
    connector: Connector, store: FileStore, tmp_path: Path, name: str, form: str
) -> None:
    headers = {"Content-Disposition": f"attachment; {form.format(name)}"}
    parameters = {"model": "a/b", "input": "x", "voice": "alba"}
    with scripted(
        response(b"\xff\xfb\x90\x00" * 100, kind="audio/mpeg", headers=headers)
    ) as server:
        result = connector.run(
            "createSpeech", parameters, CANARY, base_url=server.base_url, files=store
        )
    assert not holds_canary(json.dumps(result.to_json()))
    assert hidden_in(tmp_path) == []


def test_a_key_in_a_header_of_the_caller_is_hidden_as_well(ask: Ask) -> None:
    echo = response({"error": {"message": f"no such key: {CANARY}"}}, 400)
    with scripted(echo) as server, pytest.raises(ConnectorError) as caught:
        ask(server.base_url, headers={"X-Api-Key": CANARY})
    assert caught.value.message == "no such key: [token]"


def test_nothing_that_holds_a_key_shows_it(connector: Connector, sandbox: Sandbox) -> None:
    async def shown() -> dict[str, str]:
        async with connector.connect(CANARY, base_url=sandbox.base_url) as session:
            given = StartupConnection(CANARY)
            settings = Settings(CANARY, {"environment": given})
            held = ours(session, Lock(CANARY), StoredConnection("a", CANARY), given, settings)
            kinds = {type(one).__name__ for one in held}
            assert kinds >= {
                "Session",
                "Transport",
                "Services",
                "Endpoints",
                "Lock",
                "StartupConnection",
            }
            return {f"{type(one).__name__}": f"{one!r} {one!s} {inside(one)}" for one in held}

    assert [name for name, text in asyncio.run(shown()).items() if holds_canary(text)] == []


def ours(*things: object) -> list[object]:
    """Give these things, and all of ours that they hold."""
    found, waiting = list[object](), list(things)
    while waiting:
        one = waiting.pop()
        known = any(one is other for other in found)
        kind = type(one)
        if not known and kind.__module__.startswith("openrouter_connector") and kind is not Secret:
            found.append(one)
            waiting += attributes(one)
    return found


def inside(thing: object) -> str:
    return repr(vars(thing)) if hasattr(thing, "__dict__") else ""


def test_the_token_does_not_go_where_a_file_lies(
    connector: Connector, sandbox: Sandbox, tmp_path: Path
) -> None:
    store = FileStore(tmp_path / "files", allow_private=True)
    with scripted(response("Hello", kind="text/plain")) as elsewhere:
        url = f"http://127.0.0.1:{elsewhere.port}/n.txt"
        entry = {"extension": "txt", "mimeType": "text/plain", "name": "n.txt", "url": url}
        connector.run(
            "ask", ASK | {"model": "sandbox/echo", "attachments": [entry]}, CANARY,
            base_url=sandbox.base_url, files=store,
        )  # fmt: skip
    assert CANARY not in json.dumps(elsewhere.requests[0].headers)
