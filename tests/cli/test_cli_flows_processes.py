"""Runs of flows in processes of their own: stopped, killed, taken up, watched."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from openrouter_connector.sandbox import Sandbox
from support.command import Command, last_run
from support.flows import ask, saved
from support.processes import Process
from support.runs import echo


def slow(name: str, prompt: str) -> dict[str, Any]:
    return ask(name, prompt, model="sandbox/slow")


COMMAND = (sys.executable, "-m", "openrouter_connector")


@pytest.fixture
def slow_sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A sandbox whose slow model takes two seconds."""
    with Sandbox(slow=2.0) as running:
        yield at(running, monkeypatch)


def at(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """Make the commands call a sandbox, and return it."""
    monkeypatch.setenv("OPENROUTER_BASE_URL", sandbox.base_url)
    monkeypatch.setenv("OPENROUTER_API_KEY", sandbox.token)
    return sandbox


def models(sandbox: Sandbox) -> list[str]:
    """Return the models of the paid requests, in their order."""
    return [one.body["model"] for one in sandbox.requests if one.method == "POST" and one.body]


def started(*words: str) -> Process[str]:
    """Start a command that Ctrl-C can interrupt."""
    return Process(
        [*COMMAND, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def wait_for(sandbox: Sandbox, model: str, count: int = 1) -> None:
    """Wait until the sandbox got so many requests for a model."""
    until = time.monotonic() + 40
    while models(sandbox).count(model) < count:
        assert time.monotonic() < until
        time.sleep(0.02)


def run_until_slow(sandbox: Sandbox, *words: str) -> Process[str]:
    """Start a flow of three steps, and return while the second one is under way."""
    file = saved(echo("a", "x"), slow("s", "${a}"), echo("z", "${s}"))
    running = started("run", file, *words)
    wait_for(sandbox, "sandbox/slow")
    time.sleep(0.3)
    return running


def test_ctrl_c_cancels_and_keeps_the_request_that_is_under_way(
    command: Command, slow_sandbox: Sandbox
) -> None:
    with run_until_slow(slow_sandbox, "--json") as running:
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=40)

    run = last_run(command)
    assert running.returncode == 130 and run in json.loads(out)["error"]["message"]
    assert f"openrouter-connector runs resume {run}" in err and "Traceback" not in err
    assert command("runs", "show", run, "--json").json["status"] == "cancelled"
    assert command("runs", "cancel", run).code == 0  # twice is fine

    resumed = command("runs", "resume", run)
    assert resumed.code == 0 and "a: done" not in resumed.err
    assert models(slow_sandbox) == ["sandbox/echo", "sandbox/slow", "sandbox/echo"]


def test_a_killed_run_goes_on_and_its_doubt_is_sent_only_on_request(
    command: Command, slow_sandbox: Sandbox
) -> None:
    with run_until_slow(slow_sandbox) as running:
        running.kill()
        running.communicate(timeout=40)
    run = last_run(command)
    assert command("runs", "list", "--status", "interrupted", "--json").json[0]["id"] == run
    assert "interrupted" in command("runs", "show", run).out

    doubtful = command("runs", "resume", run)
    assert (
        doubtful.code == 6
        and f"in doubt: s (ask, sandbox/slow), sent {time.strftime('%Y')}" in (doubtful.err)
    )
    assert f"runs resume {run} --retry-doubtful" in doubtful.err
    shown = command("runs", "show", run)
    assert "in doubt: s (ask, sandbox/slow)" in shown.out and "--retry-doubtful" in shown.out
    [row] = [line for line in shown.out.splitlines() if line.split()[:2] == ["s", "ask"]]
    assert "failed" in row and "0.0 s" not in row

    resumed = command("runs", "resume", run, "--retry-doubtful", "--json")
    assert resumed.code == 0 and set(resumed.json["outputs"]) == {"a", "s", "z"}
    assert models(slow_sandbox) == ["sandbox/echo", *["sandbox/slow"] * 2, "sandbox/echo"]


def test_a_worker_performs_queued_runs_and_a_reader_does_not(
    command: Command, slow_sandbox: Sandbox, tmp_path: Path
) -> None:
    database = ("--database", str(tmp_path / "runs.db"))
    file = saved(echo("a", "x"), slow("s", "${a}"), echo("z", "${s}"))
    queued = command("run", file, "--detach", *database)
    run = queued.out.strip()
    assert queued.code == 0 and f"runs watch {run} --database {tmp_path}/runs.db" in queued.err

    with started("worker", *database, "--calls", "2", "--runs", "1") as worker:
        watched = command("runs", "watch", run, *database)
        second = command("run", file, "--detach", "--json", *database).json["run"]
        wait_for(slow_sandbox, "sandbox/slow", 2)
        worker.send_signal(signal.SIGTERM)
        _, log = worker.communicate(timeout=40)
    assert watched.code == 0 and "s: done" in watched.err
    assert worker.returncode == 0 and f"run {run}: succeeded" in log

    # The request that was under way when the worker ended is kept, and is not sent again.
    [row, _] = command("runs", "list", "--json", *database).json
    assert (row["id"], row["status"]) == (second, "interrupted")
    resumed = command("runs", "resume", second, *database)
    assert resumed.code == 0 and models(slow_sandbox).count("sandbox/slow") == 2
    third = command("run", file, "--detach", "--json", *database).json["run"]
    assert command("runs", "costs", *database).code == 0
    assert command("runs", "show", third, "--json", *database).json["status"] == "queued"


def test_a_watcher_sees_a_run_of_another_process_end(
    command: Command, slow_sandbox: Sandbox
) -> None:
    with run_until_slow(slow_sandbox) as running:
        watched = command("runs", "watch", last_run(command))
        out, _ = running.communicate(timeout=40)

    assert (watched.code, watched.out, running.returncode) == (0, out, 0)
    assert "z: done" in watched.err


def test_a_run_can_be_cancelled_from_elsewhere(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The command must come before the answer, also on a busy machine.
    with Sandbox(slow=5.0) as sandbox, run_until_slow(at(sandbox, monkeypatch)) as running:
        cancelled = command("runs", "cancel", last_run(command), "--json")
        _, err = running.communicate(timeout=40)

    assert cancelled.json["status"] == "cancelled"
    assert running.returncode == 1 and "was cancelled" in err
