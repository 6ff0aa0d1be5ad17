"""Start runs at a server, and watch them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

from support.flows import ask
from support.http_face import Served

Json = Any
SSE = {"Accept": "text/event-stream"}
LETTER = {
    "label": "Letter",
    "inputs": [{"name": "text", "type": "string", "required": True}],
    "outputs": [{"name": "letter", "value": "${ask_2}"}],
    "tasks": [
        ask("ask_1", "Summarize ${text}", model="sandbox/echo"),
        ask("ask_2", "Write ${ask_1}", model="sandbox/echo"),
    ],
}


def start(served: Served, flow: Json = LETTER, **more: Json) -> Json:
    body = {"flow": flow, "inputs": {"text": "Hello"}, **more}
    created = served.api.post("/api/runs", json=body)
    assert created.status_code == 201, created.text
    assert created.headers["location"] == f"/api/runs/{created.json()['id']}"
    return created.json()


def watch(
    served: Served, place: str, method: str = "GET", **options: Any
) -> Iterator[tuple[str, str, Json]]:
    """Yield the name, the id and the data of each event."""
    headers = {**SSE, **options.pop("headers", {})}
    with served.api.stream(method, place, headers=headers, **options) as stream:
        assert stream.headers["content-type"] == "text/event-stream; charset=utf-8"
        fields: dict[str, str] = {}
        for line in stream.iter_lines():
            if not line and fields:
                yield fields["event"], fields.get("id", ""), json.loads(fields["data"])
                fields = {}
            elif not line.startswith(":"):
                word, _, value = line.partition(": ")
                fields[word] = value


def ended(served: Served, run: Json) -> Json:
    """Return the details of a run after its last event."""
    place = f"/api/runs/{run['id']}"
    assert [name for name, _, _ in watch(served, f"{place}/events")][-1] == "ended"
    return served.api.get(place).json()


def until(true: Callable[[], Any]) -> None:
    """Wait until a condition holds; fail after a timeout."""
    end = time.monotonic() + 40
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)
