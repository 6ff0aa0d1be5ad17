"""A token is never in a result, an error, a log, a file or a repr, whatever a server does."""

from __future__ import annotations

import asyncio
import json
import logging
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from canary import ANSWERS, CANARY, hidden_in
from openrouter_connector import Connector, ConnectorError, FileStore, Timeouts
from openrouter_connector.sandbox import Sandbox
from scripted import ASK, Answer, reply, scripted
from sounds import wav, word


@pytest.fixture
def listening(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Hear every logger, as loud as it can."""
    with caplog.at_level(logging.DEBUG):
        for name in list(logging.root.manager.loggerDict):
            caplog.set_level(logging.DEBUG, name)
        yield caplog


def told_by(error: BaseException) -> str:
    """Give all that an error, and those behind it, can be made to say."""
    found = "".join(traceback.format_exception(error))
    seen: list[BaseException | None] = [error]
    while seen and (one := seen.pop()) is not None:
        found += f"{one!s} {one!r} {one.args!r}"
        if isinstance(one, ConnectorError):
            found += json.dumps(one.to_json()) + repr(vars(one))
        seen += [one.__cause__, one.__context__]
        seen = [other for other in seen if other is not None]
    return found


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
    assert CANARY not in told
    # Stock httpx shows at DEBUG which headers came back, those of an echo among them.
    heard = [record for record in listening.records if not record.name.startswith("httpcore")]
    assert all(CANARY not in record.getMessage() for record in heard)
    assert CANARY not in "".join(capfd.readouterr())
    assert hidden_in(tmp_path) == []


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


def test_the_token_does_not_go_where_a_file_lies(
    connector: Connector, sandbox: Sandbox, tmp_path: Path
) -> None:
    store = FileStore(tmp_path / "files", allow_private=True)
    with scripted(reply("Hello", kind="text/plain")) as elsewhere:
        url = f"http://127.0.0.1:{elsewhere.port}/n.txt"
        entry = {"extension": "txt", "mimeType": "text/plain", "name": "n.txt", "url": url}
        connector.run(
            "ask", ASK | {"model": "sandbox/echo", "attachments": [entry]}, CANARY,
            base_url=sandbox.base_url, files=store,
        )  # fmt: skip
    assert CANARY not in json.dumps(elsewhere.requests[0].headers)
