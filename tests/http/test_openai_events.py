"""Relayed streams in every form of the SSE standard, whatever their Content-Type."""

from __future__ import annotations

import json

import pytest

from openrouter_connector.faces.http.sessions import StartupConnection
from openrouter_connector.runtime.http.sse import Events, Lines
from support.event_streams import CHUNKS, GOOD, over_lines
from support.http_face import Serve
from support.openai_client import HELLO
from support.scripted_server import delta, events, response, scripted

KEY = "sk-or-v1-0123456789abcdef"


@pytest.mark.parametrize("raw", GOOD.values(), ids=GOOD)
@pytest.mark.parametrize("streamed", [True, False])
def test_a_relayed_stream_is_read_whatever_its_header_says(
    serve: Serve, raw: bytes, streamed: bool
) -> None:
    asked = {"model": "a/b", "messages": HELLO, "stream": streamed}
    with scripted(response(raw, kind="application/octet-stream")) as api:
        served = serve(startup={"there": StartupConnection(KEY, api.base_url)})
        came = served.api.post("/openai/v1/chat/completions", json=asked)
    assert came.status_code == 200, came.text
    if streamed:
        lines = Lines()
        found = list(Events().read(lines.feed(came.content) + lines.end()))
        assert [one["choices"][0]["delta"]["content"] for one in found] == ["Hel", "lo ü🙂", None]
    else:
        assert came.json()["choices"][0]["message"]["content"] == "Hello ü🙂"


def test_a_relayed_error_over_many_lines_ends_the_stream(serve: Serve) -> None:
    failed = over_lines({"error": {"code": 502, "message": "gone"}}, "\n")
    asked = {"model": "a/b", "messages": HELLO, "stream": True}
    with scripted(response(events(CHUNKS[0], failed).pieces[1], kind="text/event-stream")) as api:
        served = serve(startup={"there": StartupConnection(KEY, api.base_url)})
        came = served.api.post("/openai/v1/chat/completions", json=asked)
    good, failure = Events().read(came.content)
    assert good == CHUNKS[0]
    assert "gone" in failure["error"]["message"] and b"[DONE]" not in came.content


ODD = {
    "NaN": "NaN",
    "Infinity": "-Infinity",
    "an integer of 5,000 digits": "9" * 5000,
    "deep lists": "[" * 5000 + "]" * 5000,
    "a raw control character": '"\x01"',
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_a_relayed_event_is_json_that_every_client_reads(serve: Serve, odd: str) -> None:
    event = json.dumps(delta("Hello NaN", "stop"))[:-1] + f', "usage": {{"cost": {odd}}}}}'
    asked = {"model": "a/b", "messages": HELLO, "stream": True}
    with scripted(events(f": note\nevent: x\ndata: {event}\n\n")) as api:
        served = serve(startup={"there": StartupConnection(KEY, api.base_url)})
        came = served.api.post("/openai/v1/chat/completions", json=asked)
    note, kind, data, *_ = came.text.splitlines()
    assert (note, kind) == (": note", "event: x")
    result = json.loads(data.removeprefix("data:"), parse_constant=pytest.fail, strict=True)
    assert result["choices"] == delta("Hello NaN", "stop")["choices"]
    assert came.text.endswith("data: [DONE]\n\n")


def test_a_relayed_event_that_is_json_is_not_touched(serve: Serve) -> None:
    event = (
        'data:  {"choices":[ {"delta":{"content":"NaN Infinity"},"finish_reason":"stop"}]}\r\n\r\n'
    )
    asked = {"model": "a/b", "messages": HELLO, "stream": True}
    with scripted(events(event)) as api:
        served = serve(startup={"there": StartupConnection(KEY, api.base_url)})
        came = served.api.post("/openai/v1/chat/completions", json=asked)
    assert came.content.startswith(event.encode())
