"""Running calls: their progress, and their end when a host cancels or disconnects."""

from __future__ import annotations

import re
import signal
import time
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import CancelledError
from pathlib import Path
from typing import Any

import httpx
import pytest

from openrouter_connector.sandbox import Sandbox
from support.http_face import ASK
from support.mcp_host import Host, asked, http_client
from support.scripted_server import Answer, Scripted, delta, events, scripted

Hosts = tuple[Host, Host]
PICTURES = Path(__file__).parents[2] / "docs/pictures"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
NEVER_DONE = Answer((HEAD, *(b" " for _ in range(5000))), pause=0.01)
CALL = {"name": "ask", "arguments": {**ASK, "model": "a/b"}}


def until(true: Callable[[], Any]) -> None:
    """Wait until a condition holds; fail after a timeout."""
    end = time.monotonic() + 40
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def left(server: Scripted) -> bool:
    """Return whether all connections to a server are closed."""
    return bool(server._talks) and all(talk.done() for talk in server._talks)


class Heard(list[tuple[float, str]]):
    """Collects the progress of a call."""

    async def __call__(self, done: float, total: float | None, message: str | None) -> None:
        self.append((done, message or ""))


def test_a_stream_reports_progress(both: Hosts) -> None:
    for host in both:
        heard = Heard()
        result = host.call("ask", {**ASK, "userPrompt": "A boat"}, progress_callback=heard)
        assert not result.is_error
        assert heard[0][1] == "Ask …"
        assert any(re.fullmatch(r"\d+ characters", message) for _, message in heard)


def test_progress_always_grows_and_says_what_came(start: Any) -> None:
    chunks = (delta("x" * 10) for _ in range(80))
    heard = Heard()
    with scripted(events(*chunks, delta(None, "stop"), pieces=40)) as server:
        result = start(server.base_url).call("ask", CALL["arguments"], progress_callback=heard)

    assert result.structured_content["output"] == "x" * 800
    numbers = [done for done, _ in heard]
    assert numbers == sorted(set(numbers))
    assert [message for _, message in heard if message.endswith("characters")]
    assert len(heard) < 20  # and not one for each piece


def test_a_job_reports_its_id_and_status(host: Host) -> None:
    heard = Heard()

    arguments = {"model": "sandbox/filmer", "prompt": "A boat"}
    result = host.call("createVideo", arguments, progress_callback=heard)

    job = result.structured_content["metadata"]["jobId"]
    assert any(f", job {job}" in message for _, message in heard)
    assert any(block.type == "resource_link" for block in result.content)


def test_the_result_of_each_image_is_reported_at_once(host: Host) -> None:
    heard = Heard()
    shapes = b64encode((PICTURES / "shapes.png").read_bytes()).decode()
    entry = {"extension": "png", "mimeType": "image/png", "name": "shapes.png"}
    images = [{**entry, "url": f"data:image/png;base64,{data}"} for data in (shapes, "aGVsbG8=")]
    given = {"model": "sandbox/vision", "images": images, "taskType": "ocr"}
    result = host.call("analyzeImages", given, progress_callback=heard)

    seen, failed = result.structured_content["output"]
    told = {message.partition(" of 2 images; ")[2] for _, message in heard}
    assert told > {
        f"shapes.png: {seen['text']}",
        f"shapes.png: {failed['error']['message']}",
    }


def test_a_long_call_reports_progress_regularly(
    start: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openrouter_connector.faces.mcp.progress.HEARTBEAT", 0.1)
    heard = Heard()
    with scripted(NEVER_DONE) as server:
        call = start(server.base_url).start("ask", CALL["arguments"], progress_callback=heard)
        until(lambda: len(heard) > 3)
        call.cancel()
        until(lambda: left(server))

    assert {message for _, message in heard} == {"Ask …"}


@pytest.mark.parametrize("streamed", [True, False], ids=["streamed", "whole"])
@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_call_that_is_cancelled_ends_its_request(start: Any, mode: str, streamed: bool) -> None:
    options = {"progress_callback": Heard()} if streamed else {}
    with scripted(NEVER_DONE) as server:
        call = start(server.base_url, mode=mode).start("ask", CALL["arguments"], **options)
        until(lambda: server.requests)
        assert not left(server)
        call.cancel()
        until(lambda: left(server))

    with pytest.raises(CancelledError):
        call.result(40)


def test_a_call_that_is_cancelled_over_stdio_ends_its_request(raw: Any) -> None:
    with scripted(NEVER_DONE) as server, raw(base_url=server.base_url) as talk:
        asked = talk.ask("tools/call", CALL)
        until(lambda: server.requests)
        talk.write(
            '{"jsonrpc": "2.0", "method": "notifications/cancelled", '
            f'"params": {{"requestId": {asked}}}}}'
        )
        until(lambda: left(server))
        assert talk("ping", {})["result"] == {}  # and the server goes on


def test_a_host_that_closes_stdin_ends_the_server_and_its_requests(raw: Any) -> None:
    with scripted(NEVER_DONE) as server, raw(base_url=server.base_url) as talk:
        talk.ask("tools/call", CALL)
        until(lambda: server.requests)
        talk.process.stdin.close()
        until(lambda: left(server))
        assert talk.process.wait(5) == 0
        assert talk.process.stderr.read() == b""


def test_a_host_that_reads_no_more_ends_the_server(raw: Any) -> None:
    with raw() as talk:
        talk.process.stdout.close()
        talk.ask("tools/list", {})
        assert talk.process.wait(5) == 130
        assert talk.process.stderr.read() == b""


def test_an_interrupt_ends_the_server_and_its_requests(raw: Any) -> None:
    with scripted(NEVER_DONE) as server, raw(base_url=server.base_url) as talk:
        talk.ask("tools/call", CALL)
        until(lambda: server.requests)
        talk.process.send_signal(signal.SIGINT)
        assert talk.process.wait(5) == 130
        until(lambda: left(server))
        assert talk.process.stderr.read() == b""


@pytest.mark.parametrize("version", ["2025-06-18", "2026-07-28"])
def test_a_host_that_drops_the_connection_ends_the_request(start: Any, version: str) -> None:
    with scripted(NEVER_DONE) as server:
        address = start(server.base_url).address
        with http_client() as client, pytest.raises(httpx.ReadTimeout):
            asked(client, address, version, "tools/call", CALL, timeout=0.5)
        assert server.requests
        until(lambda: left(server))


def test_two_calls_run_at_the_same_time(host: Host, sandbox: Sandbox) -> None:
    slow = host.start("ask", {**ASK, "model": "sandbox/slow"})
    quick = host.call("ask", ASK)

    assert not quick.is_error
    assert not slow.done()
    slow.cancel()
