"""The audit log: one line for each run, without content and without keys."""

from __future__ import annotations

import json
import logging
import stat
from contextlib import suppress
from pathlib import Path

import pytest

from openrouter_connector.faces.http import audit as lines
from support.http_face import ASK, TOKEN, Json, Served

KEYS = {
    "time", "requestId", "connection", "action", "model", "cost", "generationId", "outcome",
    "latency", "jobId",
}  # fmt: skip


def test_a_run_leaves_a_line(played: Served, audit: Path) -> None:
    response = played.perform("ask", {**ASK, "userPrompt": "canary"})
    streamed = list(played.events(ASK))[-1][1]
    first, second = _lines(audit)

    assert set(first) == KEYS
    assert (first["connection"], first["action"], first["outcome"]) == ("sandbox", "ask", "ok")
    assert first["requestId"] == response.headers["x-request-id"]
    assert first["cost"] == response.json()["metadata"]["cost"]
    assert second["generationId"] == streamed["metadata"]["generationId"]
    assert stat.S_IMODE(audit.stat().st_mode) == 0o600


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk that is always full")
def test_a_full_disk_is_reported_once_and_the_server_continues(
    played: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    handler = lines.write_to("/dev/full")
    try:
        answers = [played.perform("ask", ASK).status_code for _ in range(3)]
    finally:
        logging.getLogger("openrouter_connector.audit").removeHandler(handler)
        with suppress(OSError):
            handler.close()

    assert answers == [200] * 3
    printed = capsys.readouterr().err
    reason = "The audit log cannot be written: No space left on device."
    assert printed == f"{reason} The server continues without it.\n"


def test_a_failure_leaves_a_line_too(played: Served, audit: Path) -> None:
    played.perform("ask", {**ASK, "model": "sandbox/no-credits"})
    played.perform("ask", {"system": "canary", "model": "what a canary said"})
    played.perform("ask", {**ASK, "model": "sk-or-v1-canary"}, connection="canary")
    lines = _lines(audit)

    assert [one["outcome"] for one in lines] == ["PaymentError", "InputError", "HTTPException"]
    assert [one["model"] for one in lines] == ["sandbox/no-credits", None, None]
    assert "canary" not in audit.read_text()
    assert TOKEN not in audit.read_text()


def _lines(audit: Path) -> list[Json]:
    return [json.loads(line) for line in audit.read_text().splitlines()]
