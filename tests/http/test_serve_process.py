"""`openrouter-connector serve` as a process: what it prints, and how it ends."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from openrouter_connector.connections.store import ConnectionStore, StoredConnection
from openrouter_connector.faces.cli import main
from openrouter_connector.sandbox import Sandbox
from support.flows import ask
from support.foreign_component import foreign
from support.http_face import ASK
from support.http_runs import until
from support.processes import Process
from support.scripted_server import response, scripted

pytestmark = pytest.mark.usefixtures("compiled_before")

KEY = "sk-or-v1-c4n4ry0f7h3m1n3"

COMMAND = (sys.executable, "-m", "openrouter_connector", "serve", "--port", "0")


@contextmanager
def served(*words: str) -> Iterator[tuple[Process[str], str, str]]:
    """Start the command, and yield it with its address and token."""
    with Process([*COMMAND, *words], stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr
        lines = [running.stderr.readline() for _ in range(5)]
        found = re.search(r"(http://\S+?)/(?:\?token=(\S+))?$", "".join(lines), re.MULTILINE)
        assert found, lines
        try:
            yield running, found[1], found[2]
        finally:
            running.kill()
            running.stderr.read()


@pytest.fixture
def slow() -> Iterator[Sandbox]:
    with Sandbox(slow=0.7) as running:
        yield running


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_a_run_may_end_before_the_server_does(
    tmp_path: Path, slow: Sandbox, monkeypatch: pytest.MonkeyPatch, ending: int
) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", slow.token)
    monkeypatch.setenv("OPENROUTER_BASE_URL", slow.base_url)
    audit = tmp_path / "audit.log"
    answers: list[httpx.Response] = []
    with served("--files", str(tmp_path / "f"), "--audit-log", str(audit)) as (running, url, token):
        headers = {"Authorization": f"Bearer {token}"}

        def ask() -> None:
            body = {"parameters": {**ASK, "model": "sandbox/slow"}, "connection": "environment"}
            place = f"{url}/api/actions/ask/perform"
            answers.append(httpx.post(place, json=body, headers=headers, timeout=40))

        asking = threading.Thread(target=ask)
        asking.start()
        while not slow.requests:
            time.sleep(0.02)
        running.send_signal(ending)
        asking.join()
        code = running.wait(10)

    assert (answers[0].status_code, code) == (200, 0)
    assert json.loads(audit.read_text())["outcome"] == "ok"


def test_a_run_outlives_a_server_that_is_killed(tmp_path: Path, slow: Sandbox) -> None:
    ConnectionStore().save(StoredConnection("work", slow.token, {"baseUrl": slow.base_url}))
    tasks = [
        ask("ask_1", "Hi", model="sandbox/echo"),
        ask("ask_2", "${ask_1}", model="sandbox/slow"),
    ]
    body = {"flow": {"label": "Two", "tasks": tasks}, "connection": "work"}
    words = ("--no-token", "--files", str(tmp_path / "f"), "--database", str(tmp_path / "runs.db"))
    with served(*words) as (running, url, _):
        place = f"{url}/api/runs/{httpx.post(f'{url}/api/runs', json=body).json()['id']}"
        until(lambda: len([one for one in slow.requests if one.method == "POST"]) == 2)
        running.kill()
    with served(*words) as (_, again, _):
        place = place.replace(url, again)
        until(lambda: httpx.get(place).json()["status"] == "in doubt")
        doubts = httpx.get(place).json()["doubts"]
        httpx.post(f"{place}/resume", json={"retryDoubtful": True})
        until(lambda: httpx.get(place).json()["status"] == "succeeded")
        outputs = httpx.get(place).json()["outputs"]

    assert [one["place"] for one in doubts] == ["ask_2"]
    assert outputs["ask_2"].endswith("You said: Hi")
    models = [one.body["model"] for one in slow.requests if one.method == "POST"]
    assert models == ["sandbox/echo", "sandbox/slow", "sandbox/slow"]


def test_the_token_is_printed_once_and_a_fixed_one_never(tmp_path: Path) -> None:
    with served("--files", str(tmp_path), "--sandbox") as (_, url, token):
        headers = {"Authorization": f"Bearer {token}"}
        shown = httpx.get(f"{url}/api/connections", headers=headers).json()
        assert [one["name"] for one in shown] == ["sandbox"]
    with served("--files", str(tmp_path), "--token", "fixed-token") as (_, url, token):
        assert token is None
        headers = {"Authorization": "Bearer fixed-token"}
        assert httpx.get(f"{url}/api/connections", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("words", "option"),
    [
        (("--no-token", "--host", "0.0.0.0"), "--no-token"),
        (("--token", "a b"), "--token"),
        (("--token", "short", "--host", "0.0.0.0"), "--token"),
        (("--allow-origin", "*"), "--allow-origin"),
        (("--allow-origin", "http://a/b"), "--allow-origin"),
        (("--allow-host", "*.example.com"), "--allow-host"),
        (("--port", "99999999"), "--port"),
        (("--host", "192.0.2.1"), "--port"),
    ],
)
def test_conflicting_options_are_reported(
    words: tuple[str, ...], option: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code = main(["serve", "--port", "0", "--files", str(tmp_path), *words])

    assert code == 2
    assert capsys.readouterr().err.startswith(f"error: {option}: ")


def test_a_taken_port_is_reported(
    sandbox: Sandbox, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    port = sandbox.base_url.split(":")[2].split("/")[0]

    assert main(["serve", "--port", port, "--files", str(tmp_path)]) == 2
    assert f"cannot listen at 127.0.0.1:{port}" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["another", "openRouter"])
def test_a_server_of_another_component_has_no_key_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", KEY)
    ConnectionStore().save(StoredConnection("work", KEY))
    with scripted(response({"text": "Hi", "data": [{"id": "m"}]})) as server:
        word = "{token: OPENROUTER_API_KEY, baseUrl: OPENROUTER_BASE_URL}"
        file = foreign(tmp_path / "other", server.base_url, name=name, environment=word)
        with served("--connector", str(file), "--no-token") as (_, url, _):
            say, asked = f"{url}/api/actions/say", {"parameters": {"model": "m"}}
            by_name = asked | {"connection": "work"}
            answers = [httpx.post(f"{say}/perform", json=one) for one in (asked, by_name)]
            answers += [httpx.post(f"{say}/{task}", json=asked) for task in ("form", "check")]
            httpx.post(f"{say}/options/model", json=asked)
            answers.append(httpx.post(f"{url}/api/connections/work/test"))
            listed = httpx.get(f"{url}/api/connections").json()

    assert {answers[one].status_code for one in (0, 1, -1)} <= {404, 424}
    assert [one for one in server.requests if "authorization" in one.headers] == []
    assert [one["name"] for one in listed if one["problem"] is None] == []
    assert KEY not in "".join(one.text for one in answers)
