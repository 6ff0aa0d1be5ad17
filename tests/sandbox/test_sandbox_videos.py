"""Video jobs: submitted, polled, fetched."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from openrouter_connector.sandbox import Sandbox
from support.clock import Clock
from support.videos import decoded


def submit(client: httpx.Client, **more: Any) -> dict[str, Any]:
    body = {"model": "sandbox/filmer", "prompt": "Waves", "duration": 2} | more
    response = client.post("/videos", json=body)
    assert response.status_code == 202, response.text
    found: dict[str, Any] = response.json()
    return found


def followed(
    client: httpx.Client, clock: Clock, job: dict[str, Any], seconds: float = 0.6
) -> list[Any]:
    """Poll a job for a while, and return the responses with a new status."""
    until, seen = clock.now + seconds, [job]
    while clock.now < until:
        response = client.get(client.base_url.join(job["polling_url"])).json()
        if response["status"] != seen[-1]["status"]:
            seen.append(response)
        clock.now += 0.02
    return seen


def test_a_job_completes_with_a_video(client: httpx.Client, clock: Clock) -> None:
    job = submit(client)
    assert job.keys() == {"id", "polling_url", "status"}
    assert job["polling_url"] == f"/api/v1/videos/{job['id']}"
    assert client.get(f"/videos/{job['id']}/content").status_code == 404
    *_, last = responses = followed(client, clock, job)
    assert [response["status"] for response in responses] == [
        "pending",
        "in_progress",
        "completed",
    ]
    assert last["usage"] == {"cost": 0.1, "is_byok": False}
    (address,) = last["unsigned_urls"]
    assert httpx.get(address).status_code == 401
    video = client.get(address)
    assert video.headers["content-type"] == "video/mp4"
    assert decoded(video.content).size == (854, 480)


def create_video(client: httpx.Client, clock: Clock, **more: Any) -> bytes:
    job = submit(client, **more)
    followed(client, clock, job, 0.35)
    return client.get(f"/videos/{job['id']}/content").content


@pytest.mark.parametrize(
    ("params", "size", "seconds"),
    [
        ({}, (854, 480), 2),
        ({"aspect_ratio": "9:16", "duration": 4}, (480, 854), 4),
        ({"aspect_ratio": "1:1", "resolution": "720p", "duration": 8}, (720, 720), 8),
    ],
)
def test_a_video_has_the_requested_size_and_duration(
    client: httpx.Client,
    clock: Clock,
    params: dict[str, Any],
    size: tuple[int, int],
    seconds: float,
) -> None:
    video = decoded(create_video(client, clock, **params))
    assert (video.codec, video.size, video.seconds) == ("h264", size, seconds)


def test_a_video_moves_and_is_deterministic(client: httpx.Client, clock: Clock) -> None:
    content = create_video(client, clock)
    first, *_, last = decoded(content).frames
    assert last.tobytes()[-1] > 240 > first.tobytes()[-1]  # the bar has come to the corner
    assert create_video(client, clock) == content
    assert (
        create_video(client, clock, seed=7)
        != content
        != create_video(client, clock, prompt="Hills")
    )


@pytest.mark.parametrize(
    ("model", "end"),
    [
        *(("job-fails", "failed"), ("job-never-ends", "in_progress")),
        *(("job-cancelled", "cancelled"), ("job-expires", "expired")),
    ],
)
def test_a_job_can_end_in_every_way_or_never(
    client: httpx.Client, clock: Clock, model: str, end: str
) -> None:
    last = followed(client, clock, submit(client, model=f"sandbox/{model}"))[-1]
    assert last["status"] == end
    assert ("error" in last) == (end == "failed")
    assert client.get(f"/videos/{last['id']}/content").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        *({"prompt": ""}, {"duration": 3}, {"resolution": "4K"}, {"aspect_ratio": "5:1"}),
        *({"model": "sandbox/echo"}, {"model": "no/such"}),
    ],
    ids=str,
)
def test_a_wrong_job_is_refused(client: httpx.Client, body: dict[str, Any]) -> None:
    params = {"model": "sandbox/filmer", "prompt": "Waves"} | body
    assert client.post("/videos", json=params).status_code == 400


def test_a_job_can_be_slow(clock: Clock) -> None:
    with Sandbox(slow=0.8) as sandbox:
        headers = {"Authorization": f"Bearer {sandbox.token}"}
        with httpx.Client(base_url=sandbox.base_url, headers=headers) as client:
            job = submit(client, model="sandbox/job-slow")
            assert followed(client, clock, job, 0.5)[-1]["status"] == "in_progress"
            assert followed(client, clock, job, 0.5)[-1]["status"] == "completed"


def test_an_unknown_job_is_not_found(client: httpx.Client) -> None:
    assert client.get("/videos/job-0").status_code == 404


def test_a_job_of_another_key_is_not_found(client: httpx.Client) -> None:
    job, other = submit(client)["id"], {"Authorization": "Bearer sk-or-v1-another"}
    for path in (f"/videos/{job}", f"/videos/{job}/content"):
        assert client.get(path, headers=other).status_code == 404
    assert client.get(f"/videos/{job}").status_code == 200


def test_video_models_are_listed(client: httpx.Client) -> None:
    (row, *others) = client.get("/videos/models").json()["data"]
    assert row["id"] == "sandbox/filmer"
    assert row["supported_durations"] == [2, 4, 8]
    assert others == []
