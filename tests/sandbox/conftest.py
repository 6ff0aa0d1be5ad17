"""A sandbox for these tests, and HTTP clients and helpers that call it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from openrouter_connector.sandbox import Sandbox, state
from openrouter_connector.sandbox.endpoints import batches, generations, videos
from support.clock import Clock

Complete = Callable[..., dict[str, Any]]
Stream = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="session")
def served() -> Iterator[Sandbox]:
    with Sandbox(slow=0.3) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def client(served: Sandbox) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {served.token}"}
    with httpx.Client(base_url=served.base_url, headers=headers, timeout=30) as client:
        yield client


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock for jobs and records, so that no test depends on the speed of this machine."""
    clock = Clock()
    for timed in (generations, state, videos):
        monkeypatch.setattr(timed, "time", SimpleNamespace(monotonic=clock))
    both = SimpleNamespace(monotonic=clock, time=time.time)
    monkeypatch.setattr(batches, "time", both)
    return clock


@pytest.fixture(scope="session")
def complete(client: httpx.Client) -> Complete:
    """Post a prompt to a model and return the completion."""

    def post(model: str = "sandbox/echo", prompt: str = "Hello", **more: Any) -> dict[str, Any]:
        body = {"model": model, "messages": [{"role": "user", "content": prompt}]} | more
        response = client.post("/chat/completions", json=body)
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        return found

    return post


@pytest.fixture(scope="session")
def stream(client: httpx.Client) -> Stream:
    """Post a prompt to a model and return the chunks of the stream."""

    def post(model: str = "sandbox/echo", prompt: str = "Hello", **more: Any) -> list[Any]:
        body = {"model": model, "messages": [{"role": "user", "content": prompt}]} | more
        response = client.post("/chat/completions", json=body | {"stream": True})
        assert response.headers["content-type"].startswith("text/event-stream"), response.text
        return frames(response.text)

    return post


@pytest.fixture(scope="session")
def chunks() -> Callable[[str], list[Any]]:
    return frames


def frames(text: str) -> list[Any]:
    """Return the JSON of the data frames."""
    lines = [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: ")]
    return [json.loads(line) for line in lines if line != "[DONE]"]
