"""`createVideo`, `getVideo` and `downloadVideo`: a job that is paid for once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from openrouter_connector import (
    ApiError,
    Connector,
    Event,
    FileEntry,
    IncompleteError,
    InputError,
    JobFailedError,
    JobTimedOutError,
    NotFoundError,
)
from openrouter_connector.sandbox import Sandbox
from support.performing import Perform
from support.scripted_server import response, scripted
from support.videos import decoded

FILM = {"model": "sandbox/filmer", "prompt": "A {boat}"}
PICTURE = {
    "extension": "png",
    "mimeType": "image/png",
    "name": "a.png",
    "url": "data:image/png;base64,AAAA",
}
SOUND = {
    "extension": "mp3",
    "mimeType": "audio/mpeg",
    "name": "a.mp3",
    "url": "data:audio/mpeg;base64,BBBB",
}
DONE = [response({"id": "j", "status": "completed"}), response(b"film", kind="video/mp4")]


@pytest.fixture
def stream(connector: Connector, played: Sandbox) -> Callable[[Any], list[Event]]:
    """Have a film made; gives the events."""

    async def streamed(parameters: Any) -> list[Event]:
        async with connector.connect(played.token, base_url=played.base_url) as session:
            return [event async for event in session.stream("createVideo", parameters)]

    return lambda parameters: asyncio.run(streamed(parameters))


def test_a_video_is_made(
    perform: Perform, sent: Callable[[], Any], stored: Callable[[Any], bytes]
) -> None:
    result = perform("createVideo", FILM | {"duration": 4, "aspectRatio": "9:16", "seed": 7})
    film = decoded(stored(result.output))
    assert (film.size, film.seconds) == ((480, 854), 4)
    assert sent() == FILM | {"duration": 4, "aspect_ratio": "9:16", "seed": 7}
    assert (result.metadata.job_id or "").startswith("job-")
    assert (result.metadata.generation_id or "").startswith("gen-")
    assert result.metadata.cost == pytest.approx(0.2)


def test_a_video_tells_how_far_it_is(stream: Callable[[Any], list[Event]]) -> None:
    events = stream(FILM)
    told = [event for event in events if event.type == "progress"]
    assert told[0].text == "pending" and told[-1].text == "completed"
    assert {event.job for event in told} == {events[-1].result.metadata.job_id}  # type: ignore[union-attr]


def test_images_and_sounds_are_sent_where_the_api_wants_them(perform: Perform) -> None:
    frame = {"frameType": "last_frame", "image": PICTURE}
    sound = {"type": "audio_url", "audio": SOUND, "image": PICTURE}
    with scripted(*DONE) as server:
        result = perform(
            "createVideo",
            FILM | {"frameImages": [frame], "inputReferences": [{"image": PICTURE}, sound]},
            base_url=server.base_url,
        )
    body = server.requests[0].json
    address = {"url": "data:image/png;base64,AAAA"}
    assert body["frame_images"] == [
        {"frame_type": "last_frame", "image_url": address, "type": "image_url"}
    ]
    assert body["input_references"] == [
        {"type": "image_url", "image_url": address},
        {"type": "audio_url", "audio_url": {"url": "data:audio/mpeg;base64,BBBB"}},
    ]
    assert [*result.metadata.warnings] == [
        "inputReferences[1].image is hidden by other values and was not sent"
    ]


def test_a_job_that_never_ends_is_taken_up_again_and_paid_once(
    hasty: Connector, perform: Perform, played: Sandbox, count: Callable[[], int]
) -> None:
    options: Any = {"base_url": played.base_url}
    with pytest.raises(JobTimedOutError) as caught:
        hasty.run(
            "createVideo", FILM | {"model": "sandbox/job-never-ends"}, played.token, **options
        )
    assert caught.value.job
    with pytest.raises(JobTimedOutError) as again:
        hasty.run("createVideo", {"jobId": caught.value.job}, played.token, **options)
    assert again.value.job == caught.value.job
    assert count() == 1
    assert perform("getVideo", {"jobId": caught.value.job}).output["status"] == "in_progress"


def test_a_job_that_is_done_is_fetched_by_its_id_alone(
    perform: Perform, count: Callable[[], int], stored: Callable[[Any], bytes]
) -> None:
    first = perform("createVideo", FILM)
    again = perform("createVideo", {"jobId": first.metadata.job_id})
    assert stored(again.output) == stored(first.output)
    assert again.metadata.job_id == first.metadata.job_id
    assert count() == 1


def test_what_else_is_given_with_a_job_is_reported_as_ignored(perform: Perform) -> None:
    job = perform("createVideo", FILM).metadata.job_id
    assert [*perform("createVideo", FILM | {"jobId": job}).metadata.warnings] == [
        "model is hidden by other values and was not sent",
        "prompt is hidden by other values and was not sent",
    ]


def test_the_check_of_a_job_that_is_taken_up_submits_nothing(connector: Connector) -> None:
    found = connector.check("createVideo", {"jobId": "job-1"})
    assert found.call
    assert (found.call.method, found.call.path) == ("GET", "/videos/job-1")


@pytest.mark.parametrize(
    ("model", "end"),
    [("job-fails", "failed"), ("job-cancelled", "cancelled"), ("job-expires", "expired")],
)
def test_a_job_that_ends_badly_says_how(
    perform: Perform, count: Callable[[], int], model: str, end: str
) -> None:
    with pytest.raises(JobFailedError, match=f"ended as {end}") as caught:
        perform("createVideo", FILM | {"model": f"sandbox/{model}"})
    assert count() == 1
    job = {"jobId": caught.value.job}
    assert perform("getVideo", job).output["status"] == end
    with pytest.raises(NotFoundError):
        perform("downloadVideo", job)


@pytest.mark.parametrize("action", ["createVideo", "getVideo", "downloadVideo"])
def test_a_job_of_somebody_else_is_not_found(
    perform: Perform, count: Callable[[], int], action: str
) -> None:
    job = perform("createVideo", FILM, token="sk-or-v1-somebody-else").metadata.job_id
    with pytest.raises(NotFoundError, match="belong to another key"):
        perform(action, {"jobId": job})
    assert count() == 1


@pytest.mark.parametrize("action", ["createVideo", "getVideo", "downloadVideo"])
@pytest.mark.parametrize("job", ["../key", "a/b", "..", "", "a?b", "a%2Fb", "a b"])
def test_an_id_that_would_lead_elsewhere_is_refused(
    perform: Perform, played: Sandbox, action: str, job: str
) -> None:
    before = len(played.requests)
    with pytest.raises(InputError, match=r"^jobId: "):
        perform(action, {"jobId": job})
    assert len(played.requests) == before


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ({}, {"model": "is missing (Model)", "prompt": "is missing (Prompt)"}),
        ({"duration": 0}, {"duration": "0 is less than 1"}),
        ({"size": "wide"}, {"size": "'wide' does not match the pattern"}),
        ({"callbackUrl": "http://a.b"}, {"callbackUrl": "'http://a.b' does not match the pattern"}),
        (
            {"frameImages": [{}]},
            {"frameImages[0].frameType": "missing", "frameImages[0].image": "missing"},
        ),
        ({"inputReferences": [{"type": "video_url"}]}, {"inputReferences[0].video": "missing"}),
    ],
)
def test_what_is_wrong_is_reported_before_anything_is_paid(
    perform: Perform, count: Callable[[], int], parameters: Any, told: dict[str, str]
) -> None:
    with pytest.raises(InputError) as caught:
        perform("createVideo", FILM | parameters if parameters else {})
    problems = {problem.path: problem.message for problem in caught.value.problems}
    assert problems.keys() == told.keys()
    assert all(part in problems[path] for path, part in told.items())
    assert count() == 0


def test_the_form_follows_the_chosen_model(connector: Connector, played: Sandbox) -> None:
    async def asked() -> Any:
        async with connector.connect(played.token, base_url=played.base_url) as session:
            view = await session.form("createVideo", FILM | {"resolution": "4K"})
            return view, await session.options("createVideo", "duration", FILM)

    view, durations = asyncio.run(asked())
    assert view.options["resolution"] == ["480p", "720p"]
    assert "resolution: sandbox/filmer supports 480p, 720p, not '4K'" in view.warnings
    assert [option["value"] for option in durations.options] == [2, 4, 8]
    assert connector.form("createVideo", {"jobId": "job-1"}).visible[0] == "duration"


def test_a_model_of_another_kind_is_noticed_before_paying(
    connector: Connector, played: Sandbox
) -> None:
    async def checked() -> Any:
        async with connector.connect(played.token, base_url=played.base_url) as session:
            return await session.check("createVideo", FILM | {"model": "sandbox/echo"})

    (problem,) = asyncio.run(checked()).problems
    assert (problem.path, "sandbox/echo outputs text" in problem.message) == ("model", True)


def test_a_video_is_requested_and_downloaded(
    perform: Perform, stored: Callable[[Any], bytes]
) -> None:
    made = perform("createVideo", FILM)
    job = {"jobId": made.metadata.job_id}
    told = perform("getVideo", job)
    assert told.output["status"] == "completed"
    assert told.metadata.cost == made.metadata.cost
    film = perform("downloadVideo", job | {"index": 0})
    assert isinstance(film.output, FileEntry)
    assert stored(film.output) == stored(made.output)
    with pytest.raises(NotFoundError, match="not available"):
        perform("downloadVideo", job | {"index": 9})
    with pytest.raises(InputError, match="index: -1 is less than 0"):
        perform("downloadVideo", job | {"index": -1})


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (response("<html>", kind="text/html"), ApiError),
        (response({"error": {"code": 502, "message": "Upstream broke"}}), IncompleteError),
        (response(b"", kind="video/mp4"), IncompleteError),
    ],
)
def test_a_video_that_is_not_one_is_not_kept(
    perform: Perform, tmp_path: Path, answer: Any, error: type[Exception]
) -> None:
    with scripted(answer) as server, pytest.raises(error):
        perform("downloadVideo", {"jobId": "j"}, base_url=server.base_url)
    assert not [file for file in (tmp_path / "files").rglob("*") if file.is_file()]
