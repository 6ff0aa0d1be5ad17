"""A key for rehearsals: the sandbox plays models of which it knows only the name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from openrouter_connector import Connector
from openrouter_connector.sandbox import Sandbox

CALLS: dict[str, dict[str, Any]] = {
    "ask": {"model": "made/chat", "userPrompt": "Hi", "temperature": 0.5},
    "createImage": {"model": "made/images", "imageMessages": [{"content": "x"}]},
    "createSpeech": {"model": "made/voices", "input": "Hi", "voice": "a-voice-of-its-own"},
    "createVideo": {"model": "made/films", "prompt": "x", "resolution": "1080p"},
    "createEmbeddings": {"model": "made/vectors", "input": ["Hi"]},
}


@pytest.fixture(scope="module")
def rehearsal(served: Sandbox) -> Iterator[httpx.Client]:
    headers = {"Authorization": "Bearer sk-or-v1-sandbox-rehearsal"}
    with httpx.Client(base_url=served.base_url, headers=headers, timeout=30) as client:
        yield client


def chat(client: httpx.Client, model: str) -> httpx.Response:
    messages = [{"role": "user", "content": "Hello"}]
    return client.post("/chat/completions", json={"model": model, "messages": messages})


@pytest.mark.parametrize("action", CALLS)
def test_any_model_answers_in_its_own_name(
    connector: Connector, served: Sandbox, action: str, tmp_path: Any
) -> None:
    token, base_url = "sk-or-v1-sandbox-rehearsal", served.base_url
    result = connector.run(action, CALLS[action], token, base_url=base_url, files=tmp_path)
    assert result.output
    assert result.metadata.model in (None, CALLS[action]["model"])


def test_other_keys_get_no_such_model(client: httpx.Client) -> None:
    assert chat(client, "made/chat").status_code == 400


def test_a_model_can_be_given_a_fault(rehearsal: httpx.Client, client: httpx.Client) -> None:
    assert chat(rehearsal, "made/chat:rate-limited").status_code == 429
    assert chat(client, "sandbox/vision:no-credits").status_code == 402
    assert chat(client, "sandbox/vision:nitro").status_code == 200


def test_the_fault_of_a_video_shows_in_its_job(rehearsal: httpx.Client) -> None:
    body = {"model": "made/films:job-fails", "prompt": "x"}
    job = rehearsal.post("/videos", json=body).json()["id"]
    status = "pending"
    while status in ("pending", "in_progress"):
        status = rehearsal.get(f"/videos/{job}").json()["status"]
    assert status == "failed"
