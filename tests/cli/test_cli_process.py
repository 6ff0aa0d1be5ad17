"""The command line as a process: signals, pipes, and the start-up time of `--help`."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from openrouter_connector.sandbox import Sandbox
from support.processes import Process
from support.scripted_server import Answer, Received, completion, response, scripted

COMMAND = (sys.executable, "-m", "openrouter_connector")
SLOW = ("run", "ask", "-p", "model=sandbox/slow", "-p", "userPrompt=Hello")
HEAVY = {"pydantic", "httpx", "aiohttp", "rich", "jsonschema", "yaml", "starlette", "asyncio"}


@pytest.fixture
def sandbox_environment(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """Set the environment variables of a sandbox."""
    monkeypatch.setenv("OPENROUTER_BASE_URL", sandbox.base_url)
    monkeypatch.setenv("OPENROUTER_API_KEY", sandbox.token)
    return sandbox


def process(*words: str) -> Process[str]:
    """Start a command that Ctrl-C can interrupt.

    A process that is started in the background ignores SIGINT, so the default is restored.
    """
    return Process(
        [*COMMAND, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


@pytest.mark.parametrize(
    "words", [("--help",), ("run", "--help"), ("demo", "--help"), ("ask", "--help")]
)
def test_help_imports_nothing_heavy(words: tuple[str]) -> None:
    code = (
        "import sys; from openrouter_connector.faces.cli import main\n"
        f"code = main({list(words)!r})\n"
        f"print(code, {HEAVY!r} & set(sys.modules), file=sys.stderr)"
    )
    program = [sys.executable, "-c", code]
    # The first time, the definition is compiled.
    subprocess.run(program, capture_output=True, check=True)

    result = subprocess.run(program, capture_output=True, text=True, check=True)

    assert result.stdout.startswith("usage: openrouter-connector")
    assert result.stderr == "0 set()\n"


def test_the_version_is_that_of_the_package() -> None:
    from importlib.metadata import version

    result = subprocess.run([*COMMAND, "--version"], capture_output=True, text=True, check=True)

    assert result.stdout == version("openrouter-connector") + "\n"


@pytest.mark.parametrize("json", [(), ("--json",)])
def test_an_interrupt_exits_with_130(sandbox_environment: Sandbox, json: tuple[str]) -> None:
    # Not by their number: the sandbox keeps only the last hundred requests.
    before = [id(request) for request in sandbox_environment.requests]
    with process(*SLOW, *json) as running:
        while [id(request) for request in sandbox_environment.requests] == before:
            time.sleep(0.02)
        time.sleep(0.1)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=40)

    assert running.returncode == 130
    assert "Traceback" not in err
    assert ("interrupted" in out, "interrupted" in err) == (bool(json), not json)


def test_a_closed_pipe_is_no_error() -> None:
    with process("show", "ask") as running:
        assert running.stdout is not None
        running.stdout.close()
        running.stdout = None
        _, err = running.communicate(timeout=40)

    assert (running.returncode, err) == (141, "")


def test_a_closed_stderr_is_no_error() -> None:
    result = subprocess.run(_in_shell("2>&-", "actions"), capture_output=True, text=True)

    assert (result.returncode, result.stderr) == (0, "")
    assert "create-speech" in result.stdout


GONE = [">&-", ">/dev/full"] if Path("/dev/full").exists() else [">&-"]


ASK = ("run", "ask", "-pmodel=sandbox/echo", "-puserPrompt=Hello")


@pytest.mark.parametrize("gone", GONE)
@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (ASK, "You said: Hello"),
        ((*ASK, "--stream"), "You said: Hello"),
        ((*ASK, "--json"), '"output": "'),
        (("check", *ASK[1:], "--json"), '"ok": true'),
        (("export", "json-schema", "ask"), '"userPrompt"'),
        (("options", "ask", "model"), "sandbox/echo"),
        (("actions",), "create-speech"),
    ],
)
def test_a_failing_stdout_prints_to_stderr(
    sandbox_environment: Sandbox, gone: str, words: tuple[str, ...], shown: str
) -> None:
    result = subprocess.run(_in_shell(gone, *words), capture_output=True, text=True)

    assert result.returncode == 5
    assert result.stderr.count("error: cannot write to stdout") == 1
    assert shown in result.stderr
    assert "Traceback" not in result.stderr and "Exception ignored" not in result.stderr


def test_closed_stdout_and_stderr_are_an_error(sandbox_environment: Sandbox) -> None:
    assert subprocess.run(_in_shell(">&- 2>&-", *ASK)).returncode == 5


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_failing_stderr_loses_no_answer(sandbox_environment: Sandbox) -> None:
    with Path("/dev/full").open("w") as full:
        refused = subprocess.run([*COMMAND, *ASK, "-pseed=no"], stderr=full)
        result = subprocess.run([*COMMAND, *ASK], stdout=subprocess.PIPE, stderr=full)

    assert (refused.returncode, result.returncode) == (2, 0)
    assert result.stdout.endswith(b"You said: Hello\n")


def test_an_answer_to_a_closed_pipe_is_printed_to_stderr(sandbox_environment: Sandbox) -> None:
    with process(*ASK) as running:
        assert running.stdout is not None
        running.stdout.close()
        running.stdout = None
        _, err = running.communicate(timeout=40)

    assert running.returncode == 141
    assert "You said: Hello" in err


@pytest.mark.parametrize("encoding", ["", "cp1252"])
def test_a_pipe_gets_utf_8_in_any_locale(encoding: str) -> None:
    own = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    own["PYTHONIOENCODING"] = encoding  # a pipe on Windows is Windows-1252
    with scripted(response(completion("größer 世界"))) as server:
        words = [*COMMAND, *ASK, "--base-url", server.base_url]
        result = subprocess.run(words, capture_output=True, env={**os.environ, **own})

    assert result.stdout.decode() == "größer 世界\n"


@pytest.mark.parametrize("json", [(), ("--json",)])
def test_sigterm_leaves_no_temporary_file(tmp_path: Path, json: tuple[str]) -> None:
    begun = b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nContent-Length: 99999\r\n\r\n"
    words = ("-pmodel=m/x", "-pvoice=a", "-pinput=Hi", "--output", f"{tmp_path}/out/", *json)

    def answer(received: Received) -> Answer:
        listed = received.method == "GET"
        return response({"data": []}) if listed else Answer((begun + bytes(20_000),), "hang")

    with (
        scripted(answer) as server,
        process("run", "createSpeech", *words, "--base-url", server.base_url) as running,
    ):
        end = time.monotonic() + 40
        while not list(tmp_path.glob("out/.incoming-*")) and time.monotonic() < end:
            time.sleep(0.01)
        running.terminate()
        _, err = running.communicate(timeout=40)

    assert running.returncode == -signal.SIGTERM  # which a shell calls 143
    assert list((tmp_path / "out").iterdir()) == []
    assert "Traceback" not in err


def test_a_deleted_working_folder_keeps_the_path(
    sandbox_environment: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "gone").mkdir()
    words = ("run", "createSpeech", "-pmodel=sandbox/speaker", "-pvoice=alba", "-pinput=Hi")
    left = f'cd {tmp_path}/gone && rmdir {tmp_path}/gone && exec "$0" "$@"'
    result = subprocess.run(["sh", "-c", left, *COMMAND, *words], capture_output=True, text=True)

    assert result.returncode == 0
    assert Path(result.stdout.strip()).is_absolute() and Path(result.stdout.strip()).is_file()


@pytest.mark.parametrize("cost", ["NaN", "1e999", "-Infinity"])
def test_json_is_valid_for_any_usage(cost: str) -> None:
    def refuse(word: str) -> None:
        raise ValueError(word)

    body = json.dumps(completion("Hello \ud800")).replace("0.25", cost)
    with scripted(response(body)) as server:
        words = [*COMMAND, *ASK, "--json", "--base-url", server.base_url]
        result = subprocess.run(words, capture_output=True)

    message = json.loads(result.stdout, parse_constant=refuse)
    assert (message["output"], message["metadata"]["cost"]) == ("Hello ?", None)


def _in_shell(redirected: str, *words: str) -> list[str]:
    """Return a command whose streams a shell redirects or closes."""
    return ["sh", "-c", f'exec "$0" "$@" {redirected}', *COMMAND, *words]


def test_a_terminal_shows_reasoning_and_a_summary(sandbox_environment: Sandbox) -> None:
    words = ("run", "ask", "-p", "model=sandbox/thinker", "-p", "userPrompt=Hello", "--stream")

    code, shown = in_terminal(*words)

    assert code == 0
    assert "\x1b[2m I\x1b[0m" in shown  # a dimmed word of the reasoning
    assert "You said: Hello" in shown
    assert "tokens in" in shown.splitlines()[-1]


def test_an_answer_cannot_control_the_terminal(sandbox_environment: Sandbox) -> None:
    words = ("run", "ask", "-p", "model=sandbox/echo", "-p", "userPrompt=\x1b]0;title\x07end")

    assert "You said: ]0;titleend" in in_terminal(*words)[1]


def test_the_live_demo_can_be_declined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-or-v1-never-sent-anywhere")

    code, shown = in_terminal("demo", "--live", typed="n\n")

    assert code == 0
    assert shown.endswith("Continue? [y/N] no\nNothing was sent.\n")


def in_terminal(*words: str, typed: str = "") -> tuple[int, str]:
    """Run a command with a terminal for stdin, stdout and stderr."""
    ours, theirs = pty.openpty()
    os.write(ours, typed.encode())
    running = Process([*COMMAND, *words], stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = b""
    try:
        while chunk := os.read(ours, 4096):
            shown += chunk
    except OSError:
        pass  # Linux reports a closed terminal like this
    os.close(ours)
    return running.wait(timeout=40), shown.decode().replace("\r\n", "\n")


def test_the_sandbox_is_served_until_interrupted(tmp_path: Path) -> None:
    with process("sandbox", "--port", "0") as running:
        assert running.stderr is not None
        said = "".join(running.stderr.readline() for _ in range(8))
        lines = [line.strip().removeprefix("export ") for line in said.splitlines()]
        found = dict(line.split("=", 1) for line in lines if line.startswith("OPENROUTER_"))
        headers = {"Authorization": f"Bearer {found['OPENROUTER_API_KEY']}"}
        response = httpx.get(f"{found['OPENROUTER_BASE_URL']}/key", headers=headers)
        running.send_signal(signal.SIGINT)
        out, _ = running.communicate(timeout=40)

    assert "costs nothing" in said
    assert response.status_code == 200
    assert (running.returncode, out) == (0, "")


def test_the_sandbox_delays_its_responses() -> None:
    with process("sandbox", "--port", "0", "--latency", "0.05") as running:
        assert running.stderr is not None
        said = "".join(running.stderr.readline() for _ in range(8))
        lines = [line.strip().removeprefix("export ") for line in said.splitlines()]
        found = dict(line.split("=", 1) for line in lines if line.startswith("OPENROUTER_"))
        headers = {"Authorization": f"Bearer {found['OPENROUTER_API_KEY']}"}
        with httpx.Client(base_url=found["OPENROUTER_BASE_URL"], headers=headers) as client:
            body = {"messages": [{"role": "user", "content": "Hello"}]}
            name = client.post("/chat/completions", json=body).headers["X-Generation-Id"]
            time.sleep(0.35)  # its record comes late
            record = client.get("/generation", params={"id": name}).json()["data"]
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=40)

    assert record["latency"] == 51


def test_a_port_in_use_is_reported(sandbox: Sandbox) -> None:
    port = sandbox.base_url.split(":")[2].split("/")[0]

    with process("sandbox", "--port", port) as running:
        _, err = running.communicate(timeout=40)

    assert running.returncode == 2
    assert err.startswith(f"error: --port: cannot listen at 127.0.0.1:{port}: ")
