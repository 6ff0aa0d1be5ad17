"""Long jobs on the command line: how they end, by exit code and JSON."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.command import Command
from support.scripted_server import response, scripted

CONNECTOR = """
name: openRouter
version: 1
title: Films
description: A component that makes films.
icon: none
baseUrl: https://openrouter.ai/api/v1
connection:
  title: Token
  type: BEARER_TOKEN
  properties: []
  environment: {token: OPENROUTER_API_KEY, baseUrl: OPENROUTER_BASE_URL}
  test: GET /key
actions: [createVideo]
"""
ACTION = """
name: createVideo
title: Create Video
description: Make a film.
request: POST /videos
properties:
  - {name: model, type: STRING, required: true}
  - {name: prompt, type: STRING, required: true}
poll:
  request: GET /videos/{id}
  status: status
  done: [completed]
  failed: [failed, cancelled, expired]
  error: error
  every: 0.1
  within: 0.5
  then: GET /videos/{id}/content
output: {type: FILE_ENTRY, file: {name: film}}
"""


@pytest.fixture
def film(tmp_path: Path) -> tuple[str, ...]:
    (tmp_path / "definitions").mkdir()
    (tmp_path / "connector.yaml").write_text(CONNECTOR)
    (tmp_path / "definitions" / "create_video.yaml").write_text(ACTION)
    return ("run", "createVideo", "--connector", str(tmp_path), "-p", "prompt=A boat", "--json")


@pytest.mark.parametrize(
    ("model", "kind", "told"),
    [
        ("sandbox/job-fails", "JobFailedError", "the job ended as failed"),
        ("sandbox/job-never-ends", "JobTimedOutError", "it is still running at /videos/job-"),
    ],
)
def test_a_job_that_gives_nothing_ends_with_4(
    connected: Command, film: tuple[str, ...], model: str, kind: str, told: str
) -> None:
    ended = connected(*film, "-p", f"model={model}")

    error = ended.json["error"]
    assert (ended.code, error["type"], error["retryable"]) == (4, kind, False)
    assert told in error["message"]


def test_a_finished_job_gives_its_file(connected: Command, film: tuple[str, ...]) -> None:
    ended = connected(*film, "-p", "model=sandbox/filmer")

    assert (ended.code, ended.json["output"]["mimeType"]) == (0, "video/mp4")


def test_a_job_is_named_whatever_ends_the_run(
    connected: Command, film: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = response({"id": "job-1", "status": "pending"}, 202)
    revoked = response({"error": {"code": 401, "message": "User not found."}}, 401)
    with scripted(job, revoked, job, revoked) as server:
        monkeypatch.setenv("OPENROUTER_BASE_URL", server.base_url)
        ended = connected(*film, "-p", "model=a/b")
        told = connected(*film[:-1], "-p", "model=a/b")

    error = ended.json["error"]
    assert (ended.code, error["type"], error["jobId"]) == (3, "CredentialError", "job-1")
    assert "(job job-1)" in told.err
