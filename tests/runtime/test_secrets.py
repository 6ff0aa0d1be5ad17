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

from openrouter_connector import Connector, ConnectorError, FileStore, Timeouts
from openrouter_connector.sandbox import Sandbox
from scripted import (
    ASK,
    CLOSES,
    HANGS,
    RESETS,
    Answer,
    completion,
    delta,
    events,
    reply,
    scripted,
)  # fmt: skip

CANARY = "sk-or-v1-c4n4ry0f7h3m1n3"
ECHO = f"you sent Authorization: Bearer {CANARY}"
FAILED = {"code": 500, "message": ECHO, "metadata": {"raw": ECHO, "provider_name": CANARY}}

ANSWERS: dict[str, Answer] = {
    "success": reply(completion("Hello")),
    "success that echoes": reply(completion(ECHO, provider=CANARY, model=CANARY)),
    "a stream": events(delta("Hello"), delta("", "stop")),
    "a stream that echoes": events(delta(ECHO), delta("", "stop", provider=CANARY)),
    "a stream that fails": events(delta(ECHO), delta("", "error", error=FAILED)),
    "a stream that is none": events(f"data: {{{CANARY}\n\n"),
    "ok with an error": reply({"error": FAILED, "choices": None}),
    "ok with an echo of another shape": reply({"headers": {"authorization": CANARY}}),
    "ok with a page": reply(f"<html>{CANARY}</html>", kind="text/html"),
    "ok with half a JSON": reply(f'{{"id": "{CANARY}'),
    "ok with a text": reply(json.dumps(CANARY)),
    **{
        str(code): reply({"error": FAILED | {"code": code}}, code, headers={"Retry-After": "0"})
        for code in (400, 401, 402, 403, 404, 408, 413, 422, 429, 500, 502, 503, 524)
    },
    "an echo as text": reply(ECHO, 400, kind="text/plain"),
    "an echo in a detail": reply({"detail": ECHO}, 422),
    "an echo in JSON in a text": reply({"error": {"message": json.dumps([FAILED])}}, 400),
    "an echo in a header": reply({}, 400, headers={"X-Generation-Id": CANARY}),
    "an echo in a good header": reply(completion(), headers={"X-Generation-Id": CANARY}),
    "a redirect": reply(b"", 302, headers={"Location": f"https://x.example/{CANARY}?t={CANARY}"}),
    "no answer": CLOSES,
    "a reset": RESETS,
    "silence": HANGS,
    "no HTTP": Answer((b"220 mail.example ESMTP\r\n",), then="close"),
    "a transfer that breaks": reply(completion(), headers={"Content-Length": "9999"}, then="close"),
    "what is packed wrongly": reply(ECHO, headers={"Content-Encoding": "gzip"}),
}


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
    assert all(CANARY not in path.read_text() for path in tmp_path.rglob("*") if path.is_file())


@pytest.mark.parametrize("action", ["createImage", "createSpeech", "createTranscription"])
def test_no_action_lets_the_token_out(
    connector: Connector,
    sandbox: Sandbox,
    store: FileStore,
    listening: pytest.LogCaptureFixture,
    tmp_path: Path,
    action: str,
) -> None:
    (tmp_path / "hum.mp3").write_bytes(b"\xff\xf3 hum")
    parameters: Any = {
        "createImage": {"model": "sandbox/painter", "imageMessages": [{"content": "x"}]},
        "createSpeech": {"model": "sandbox/speaker", "input": "x", "voice": "alba"},
        "createTranscription": {"model": "sandbox/listener", "file": tmp_path / "hum.mp3"},
    }[action]
    result = connector.run(action, parameters, CANARY, base_url=sandbox.base_url, files=store)
    assert CANARY not in repr(result) + json.dumps(result.to_json()) + listening.text
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files and all(CANARY.encode() not in path.read_bytes() for path in files)


def test_a_call_that_is_checked_holds_no_token(connector: Connector, store: FileStore) -> None:
    async def checked() -> str:
        async with connector.connect(CANARY, files=store) as session:
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
