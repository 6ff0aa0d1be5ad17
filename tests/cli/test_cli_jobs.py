"""Long jobs on the command line: their exit codes and their JSON."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.command import Command
from support.scripted_server import response, scripted

CONNECTOR = """
name: openRouter
version: 1
title: Videos
description: A component that makes videos.
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
description: Make a video.
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
def video_args(tmp_path: Path) -> tuple[str, ...]:
    (tmp_path / "definitions").mkdir()
    (tmp_path / "connector.yaml").write_text(CONNECTOR)
    (tmp_path / "definitions" / "create_video.yaml").write_text(ACTION)
    return ("run", "createVideo", "--connector", str(tmp_path), "-p", "prompt=A boat", "--json")


@pytest.mark.parametrize(
    ("model", "kind", "message"),
    [
        ("sandbox/job-fails", "JobFailedError", "the job ended as failed"),
        ("sandbox/job-never-ends", "JobTimedOutError", "it is still running at /videos/job-"),
    ],
)
def test_a_failed_job_exits_with_4(
    connected: Command, video_args: tuple[str, ...], model: str, kind: str, message: str
) -> None:
    result = connected(*video_args, "-p", f"model={model}")

    error = result.json["error"]
    assert (result.code, error["type"], error["retryable"]) == (4, kind, False)
    assert message in error["message"]


def test_a_finished_job_returns_its_file(connected: Command, video_args: tuple[str, ...]) -> None:
    result = connected(*video_args, "-p", "model=sandbox/filmer")

    assert (result.code, result.json["output"]["mimeType"]) == (0, "video/mp4")


def test_an_error_during_a_job_names_the_job(
    connected: Command, video_args: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = response({"id": "job-1", "status": "pending"}, 202)
    revoked = response({"error": {"code": 401, "message": "User not found."}}, 401)
    with scripted(job, revoked, job, revoked) as server:
        monkeypatch.setenv("OPENROUTER_BASE_URL", server.base_url)
        result = connected(*video_args, "-p", "model=a/b")
        message = connected(*video_args[:-1], "-p", "model=a/b")

    error = result.json["error"]
    assert (result.code, error["type"], error["jobId"]) == (3, "CredentialError", "job-1")
    assert "(job job-1)" in message.err


@pytest.mark.parametrize(("model", "code"), [("sandbox/echo", 0), ("sandbox/batch-partly", 6)])
def test_a_batch_of_which_requests_failed_exits_with_6(
    command: Command, tmp_path: Path, model: str, code: int
) -> None:
    requests = '[{"userPrompt": "a"}, {"userPrompt": "b"}]'
    words = ("-p", f"model={model}", "-p", f"requests={requests}")
    results = tmp_path / "results.jsonl"
    done = command("run", "runBatch", "--sandbox", *words, "--output", str(results))
    assert (done.code, len(results.read_text().splitlines())) == (code, 2)
