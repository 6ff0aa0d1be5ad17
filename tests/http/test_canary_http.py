"""No response, log or file of the HTTP face holds the token of a connection."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import httpx
import pytest

from support.canary import CANARY, QUICK, hidden_in, holds_canary
from support.http_face import Serve, Served
from support.scripted_server import Answer, scripted

ASK = {"model": "a/b", "userPrompt": "Hello"}
SSE = {"Accept": "text/event-stream"}


def calls(served: Served) -> list[httpx.Response]:
    """Make every call that uses the stored connection."""
    post, asked = served.api.post, {"parameters": ASK}
    return [
        post("/api/actions/ask/form", json=asked),
        post("/api/actions/ask/options/model", json={"refresh": True}),
        post("/api/actions/ask/check", json=asked),
        post("/api/actions/ask/perform", json=asked),
        post("/api/actions/ask/perform", json=asked, headers=SSE),
        post("/api/actions/ask/perform", json={"parameters": {"model": CANARY}}),
        post("/api/connections/Canary/test"),
        served.api.get("/api/connections"),
        served.api.patch("/api/connections/Canary", json={"title": "A title"}),
        post("/api/export", json={"action": "ask", "parameters": ASK}),
    ]


def held_by(answers: list[httpx.Response]) -> list[str]:
    return [
        f"{one.request.method} {one.request.url}"
        for one in answers
        if holds_canary(one.text + repr(one.headers.raw))
    ]


@pytest.mark.usefixtures("audit")
@pytest.mark.parametrize("answer", QUICK.values(), ids=QUICK)
def test_no_output_holds_the_token(
    serve: Serve, tmp_path: Path, caplog: pytest.LogCaptureFixture, answer: Answer
) -> None:
    options: dict[str, Any] = {"name": "Canary", "token": CANARY}
    with scripted(answer) as server, caplog.at_level(logging.DEBUG):
        served = serve(allow_private=True)
        new = options | {"baseUrl": server.base_url}
        answers = [served.api.post("/api/connections", json=new)]
        assert answers[0].status_code == 201
        if "silence" not in str(answer.then) and answer.then != "hang":
            answers += calls(served)
            assert {one.headers["authorization"] for one in server.requests} == {f"Bearer {CANARY}"}
        answers.append(served.api.delete("/api/connections/Canary"))
    assert held_by(answers) == []
    ours = [one for one in caplog.records if not one.name.startswith(("httpcore", "httpx"))]
    assert [one for one in ours if holds_canary(one.getMessage())] == []
    assert hidden_in(tmp_path) == []
