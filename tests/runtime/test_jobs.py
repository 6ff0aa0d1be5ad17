"""Long jobs: submitted once, asked for until they are done, and fetched."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from openrouter_connector import (
    ApiError,
    Connector,
    ConnectorError,
    CredentialError,
    Event,
    FileError,
    FileStore,
    IncompleteError,
    JobFailedError,
    JobTimedOutError,
)
from openrouter_connector.sandbox import Sandbox
from support.scripted_server import CLOSES, response, scripted
from support.videos import decoded

Film = Callable[..., Any]
VIDEO = response(b"film", kind="video/mp4")
NOW = {"Retry-After": "0"}


def status(name: str, code: int = 200, **more: Any) -> Any:
    return response({"id": "job/1 x", "status": name, **more}, code)


@pytest.fixture
def film(toy: Connector, sandbox: Sandbox, store: FileStore) -> Film:
    """Have a film made; gives the events."""

    async def made(model: str, options: dict[str, Any]) -> list[Event]:
        async with toy.connect(sandbox.token, **options) as session:
            asked = {"model": model, "prompt": "A {boat}"}
            return [event async for event in session.stream("createVideo", asked)]

    def performed(model: str = "sandbox/filmer", **options: Any) -> list[Event]:
        options = {"base_url": sandbox.base_url, "files": store, **options}
        return asyncio.run(made(model, options))

    return performed


def test_a_job_is_waited_for_and_its_result_fetched(
    film: Film, sandbox: Sandbox, store: FileStore
) -> None:
    seen = film()
    assert [event.type for event in seen][:2] == ["started", "progress"]
    assert [event.text for event in seen if event.type == "progress"][0::100] == ["pending"]
    assert seen[-2].text == "completed" and seen[-2].unit == "seconds"
    result = seen[-1].result
    assert result
    assert (result.output.name, result.output.mime_type) == ("video.mp4", "video/mp4")
    path = store.path_of(result.output)
    assert path and decoded(path.read_bytes()).seconds == 2
    assert result.metadata.cost == pytest.approx(0.1)
    assert result.metadata.files == (result.output,)
    posts = [request for request in sandbox.requests if request.path.endswith("/videos")]
    assert posts[-1].body == {"model": "sandbox/filmer", "prompt": "A {boat}"}


def test_a_job_that_fails_says_why(film: Film) -> None:
    with pytest.raises(JobFailedError, match=r"ended as failed: The sandbox was asked"):
        film("sandbox/job-fails")


def test_a_job_that_does_not_end_can_be_taken_up_again(film: Film) -> None:
    told = r"it is still running at /videos/job-"
    with Sandbox() as own, pytest.raises(JobTimedOutError, match=told) as caught:
        film("sandbox/job-never-ends", base_url=own.base_url)
    assert caught.value.raw["id"].startswith("job-")
    assert not caught.value.retryable  # to submit it anew would be to pay anew
    assert [request.method for request in own.requests].count("POST") == 1


def test_the_questions_are_few_and_the_id_is_one_segment(film: Film) -> None:
    answers = [status("pending", 202), status("in_progress"), status("completed"), VIDEO]
    with scripted(*answers) as server:
        seen = film(base_url=server.base_url)
    assert [(request.method, request.path) for request in server.requests] == [
        ("POST", "/api/v1/videos"),
        ("GET", "/api/v1/videos/job/1%20x"),
        ("GET", "/api/v1/videos/job/1%20x"),
        ("GET", "/api/v1/videos/job/1%20x/content"),
    ]
    assert [event.text for event in seen if event.type == "progress"] == [
        "pending", "in_progress", "completed",
    ]  # fmt: skip


def test_a_question_that_was_lost_is_tried_again_and_the_job_is_not(film: Film) -> None:
    lost = [CLOSES, response({"error": {"message": "later"}}, 500, headers=NOW)]
    answers = [status("pending", 202), *lost, status("completed"), CLOSES, VIDEO]
    with scripted(*answers) as server:
        assert film(base_url=server.base_url)[-1].result
    assert [request.method for request in server.requests].count("POST") == 1


@pytest.mark.parametrize("end", ["failed", "cancelled", "expired"])
def test_every_bad_end_is_one(film: Film, end: str) -> None:
    with (
        scripted(status("pending", 202), status(end)) as server,
        pytest.raises(JobFailedError, match=f"ended as {end}: no reason given"),
    ):
        film(base_url=server.base_url)
    assert len(server.requests) == 2


def test_a_job_that_is_done_at_once_is_not_requested(film: Film) -> None:
    with scripted(status("completed"), VIDEO) as server:
        assert film(base_url=server.base_url)[-1].result
    assert [request.method for request in server.requests] == ["POST", "GET"]


GONE = response({"error": {"message": "Job not found"}}, 404)
FAILS = response({"error": {"message": "Storage is down"}}, 500)


@pytest.mark.parametrize(
    "script",
    [
        (status("pending", 202), GONE),
        (status("pending", 202), response({"id": "job/1 x"})),
        (status("pending", 202), CLOSES),
        (status("completed", 202), FAILS),
        (status("completed", 202), response(b"", kind="video/mp4")),
    ],
    ids=["vanished", "without a status", "no answer", "no film", "an empty film"],
)
def test_a_job_that_was_submitted_is_never_retryable(film: Film, script: Any) -> None:
    with scripted(*script) as server, pytest.raises(ApiError) as caught:
        film(base_url=server.base_url, attempts=1)
    assert caught.value.job == "job/1 x"
    assert caught.value.retryable is False
    assert caught.value.to_json()["jobId"] == "job/1 x"


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (
            (status("pending", 202), response({"error": {"message": "Who?"}}, 401)),
            CredentialError,
        ),
        ((status("completed", 202), VIDEO), FileError),
    ],
    ids=["the key was revoked", "the film is too large"],
)
def test_whatever_ends_a_run_names_its_job(
    film: Film, tmp_path: Path, script: Any, kind: type[ConnectorError]
) -> None:
    small = FileStore(tmp_path / "small", largest=3)
    with scripted(*script) as server, pytest.raises(kind) as caught:
        film(base_url=server.base_url, files=small)
    assert caught.value.job == "job/1 x"
    assert caught.value.to_json()["jobId"] == "job/1 x"


def test_a_job_that_ends_without_what_it_promised_is_named(toy: Connector, tmp_path: Path) -> None:
    file = tmp_path / "toy" / "definitions" / "create_video.yaml"
    head, _, _ = file.read_text().partition("output:")
    file.write_text(f"{head}output: {{type: STRING, path: text, required: true}}")
    told = Connector.load(tmp_path / "toy")
    with (
        scripted(status("completed"), response({})) as server,
        pytest.raises(ApiError) as caught,
    ):
        told.run("createVideo", {"model": "a/b", "prompt": "A boat"}, "t", base_url=server.base_url)
    assert (caught.value.job, caught.value.retryable) == ("job/1 x", False)


def test_the_last_cost_that_a_job_tells_is_its_cost(film: Film) -> None:
    first = status("pending", 202, usage={"cost": 0.5})
    with scripted(first, status("completed", usage={"cost": 0.75}), VIDEO) as server:
        result = film(base_url=server.base_url)[-1].result
    assert result.metadata.cost == 0.75


@pytest.mark.parametrize(
    "answer",
    [
        response({"error": "gone"}),
        response("Sorry", kind="text/plain"),
        response(b"", kind="video/mp4"),
    ],
)
def test_a_video_that_is_not_one_is_incomplete(film: Film, store: FileStore, answer: Any) -> None:
    with scripted(status("completed"), answer) as server, pytest.raises(IncompleteError):
        film(base_url=server.base_url)
