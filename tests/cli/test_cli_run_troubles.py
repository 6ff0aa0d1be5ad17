"""Runs whose disk is full, whose worker has no key, and whose answers come late."""

from __future__ import annotations

import json
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from openrouter_connector.connections.store import ConnectionStore, StoredConnection
from openrouter_connector.sandbox import Sandbox
from support.command import Command
from support.flows import flow, task
from support.runs import ECHO, echo, var

COMMAND = (sys.executable, "-m", "openrouter_connector")


@pytest.fixture
def own_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A sandbox that the environment names."""
    with Sandbox(slow=2.0) as running:
        monkeypatch.setenv("OPENROUTER_BASE_URL", running.base_url)
        monkeypatch.setenv("OPENROUTER_API_KEY", running.token)
        yield running


def saved(*steps: Any, name: str = "flow.json", **more: Any) -> str:
    flow(*steps, **more).save(name)
    return name


def prompts(sandbox: Sandbox) -> list[str]:
    """Return the prompts of the paid requests, in their order."""
    posts = [one.body for one in sandbox.requests if one.method == "POST" and one.body]
    return [body["messages"][-1]["content"] for body in posts]


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


class Worker:
    """A worker in a process of its own, and what it says."""

    def __init__(self, *words: str) -> None:
        self.log: list[str] = []
        self._process = subprocess.Popen(
            [*COMMAND, "worker", *words], stderr=subprocess.PIPE, text=True
        )
        Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(30)

    def says(self, text: str) -> bool:
        return any(text in line for line in self.log)

    def _read(self) -> None:
        assert self._process.stderr
        with self._process.stderr as lines:
            self.log.extend(iter(lines.readline, ""))


def test_a_worker_leaves_a_run_until_it_has_its_connection(
    command: Command, sandbox: Sandbox, tmp_path: Path
) -> None:
    database = ("--database", str(tmp_path / "runs.db"))
    store = ConnectionStore()
    work = StoredConnection("work", sandbox.token, {"baseUrl": sandbox.base_url})
    store.save(work)
    words = ("--connection", "work", "--detach", *database)
    run = command("run", saved(echo("a", "hello")), *words).out.strip()
    other = command("run", saved(var("v", 1)), "--sandbox", "--detach", *database).out.strip()
    store.remove("work")

    with Worker(*database) as worker:
        until(lambda: worker.says(f"run {other}: succeeded"))
        until(lambda: worker.says("runs of connection 'work' are left for another worker"))
        assert command("runs", "show", run, "--json", *database).json["status"] == "queued"
        store.save(work)
        until(lambda: worker.says(f"run {run}: succeeded"))
    left = [line for line in worker.log if "are left" in line]
    assert len(left) == 1, "it is said once"
    watched = command("runs", "watch", run, *database)
    assert "a worker cannot perform it: " in watched.err


def test_a_worker_leaves_a_run_that_was_interrupted_if_it_has_no_key(
    command: Command, own_server: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = task("s", model="sandbox/slow", format="SIMPLE", userPrompt="x")
    with subprocess.Popen([*COMMAND, "run", saved(slow)], stderr=subprocess.PIPE) as running:
        until(lambda: len(prompts(own_server)) == 1)
        running.kill()
    monkeypatch.delenv("OPENROUTER_API_KEY")
    monkeypatch.delenv("OPENROUTER_BASE_URL")
    with Worker() as worker:
        until(lambda: worker.says("are left for another worker: the worker has no API key"))
    assert command("runs", "list", "--json").json[0]["status"] == "interrupted"


def test_steps_with_servers_of_their_own_need_no_connection(
    command: Command, sandbox: Sandbox, tmp_path: Path
) -> None:
    own = {"baseUrl": sandbox.base_url, "apiKey": sandbox.token, "model": "sandbox/echo"}
    file = saved(task("p", "openRouter/v1/prompt", **own, prompt="hello"))
    here = command("run", file)
    assert (here.code, here.err) == (0, here.err), here.err
    assert "You said: hello" in here.out
    run = command("run", file, "--detach").out.strip()
    with Worker() as worker:
        until(lambda: worker.says(f"run {run}: succeeded"))


def test_a_full_disk_ends_a_run_that_goes_on_later_without_paying_twice(
    command: Command, own_server: Sandbox, tmp_path: Path
) -> None:
    assert command("run", saved(var("v", 1))).code == 0  # the database is there
    Path("text.txt").write_text("x" * 20_000)
    step = echo("a", "${m.item} ${text}")
    inputs = [{"name": "text", "type": "string", "required": True}]
    file = saved(task("m", "loop/v1", items=list(range(80)), iteratee=[step]), inputs=inputs)

    def with_limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, 1_500_000))

    full = subprocess.run(
        [*COMMAND, "run", file, "--input", "text=@text.txt", "--json"],
        capture_output=True, text=True, preexec_fn=with_limit, timeout=120,
    )  # fmt: skip
    assert full.returncode == 5, full.stderr
    assert "the database of runs cannot be used" in json.loads(full.stdout)["error"]["message"]
    assert "Traceback" not in full.stderr and "internal error" not in full.stderr
    sent = prompts(own_server)
    assert 0 < len(sent) < 80

    run = command("runs", "list", "--json").json[0]
    assert run["status"] == "interrupted"
    resumed = command("runs", "resume", run["id"], "--retry-doubtful")
    assert resumed.code == 0, resumed.err
    again = len(prompts(own_server)) - len(set(prompts(own_server)))
    assert again <= 1, "only the request whose answer was refused"


def test_an_answer_that_came_after_a_doubt_is_said_and_needs_no_retry(
    command: Command, own_server: Sandbox, tmp_path: Path
) -> None:
    path = tmp_path / "runs.db"
    database = ("--database", str(path))
    file = saved(
        task("s", model="sandbox/slow", format="SIMPLE", userPrompt="x"), echo("z", "then ${s}")
    )
    with subprocess.Popen([*COMMAND, "run", file, *database], stderr=subprocess.PIPE) as running:
        until(lambda: len(prompts(own_server)) == 1)
        running.kill()
    run = command("runs", "list", "--json", *database).json[0]["id"]
    assert command("runs", "resume", run, *database).code == 6

    body = {
        "id": "gen-1", "model": "sandbox/slow",
        "choices": [{"message": {"role": "assistant", "content": ECHO}, "finish_reason": "stop"}],
    }  # fmt: skip
    answer = {"status": 200, "headers": {}, "body": json.dumps(body), "file": None}
    # As the process that was thought dead records it, when it was only paused.
    with sqlite3.connect(path) as connection:
        connection.execute(
            "update flow_requests set state = 'answered', answer = ? where place = 's'",
            (json.dumps(answer),),
        )
    connection.close()
    shown = command("runs", "show", run, *database)
    assert "have come since" in shown.out
    assert "--retry-doubtful" not in shown.out.splitlines()[-1]
    assert command("runs", "resume", run, *database).code == 0
    assert len(prompts(own_server)) == 2, "the step in doubt was not sent again"


def test_a_run_that_succeeded_is_not_resumed(command: Command) -> None:
    assert command("run", saved(var("v", 1)), "--sandbox").code == 0
    run = command("runs", "list", "--json").json[0]["id"]
    again = command("runs", "resume", run)
    assert again.code == 2
    assert f"runs rerun {run} --from STEP" in again.err
