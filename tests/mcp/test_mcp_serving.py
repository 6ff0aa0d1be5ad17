"""`openrouter-connector mcp` and `export mcp`: what is served, to whom, and errors."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from openrouter_connector.faces.mcp import idle_sessions
from openrouter_connector.sandbox import Sandbox
from support.canary import CANARY, QUICK, hidden_in, holds_canary
from support.command import Command
from support.http_face import ASK, TOKEN
from support.mcp_host import Host, asked, http_client, interruptible
from support.processes import Process
from support.raw_client import raw_client
from support.scripted_server import Answer, scripted

COMMAND = (sys.executable, "-m", "openrouter_connector")
TODAY = "2026-07-28"
SESSION = "mcp-session-id"


@pytest.fixture
def there(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Sandbox:
    """The environment of a process that uses a sandbox."""
    monkeypatch.setenv("OPENROUTER_BASE_URL", sandbox.base_url)
    monkeypatch.setenv("OPENROUTER_API_KEY", sandbox.token)
    monkeypatch.setenv("OPENROUTER_CONNECTOR_FILES", str(tmp_path / "files"))
    monkeypatch.delenv("OPENROUTER_CONNECTOR_TOKEN", raising=False)
    return sandbox


@pytest.fixture
def address(host: Host) -> str:
    return host.address


@contextmanager
def serving(*words: str) -> Iterator[tuple[Process[str], str]]:
    """Start `mcp`, and yield what it prints when it is ready."""
    pipes: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with Process([*COMMAND, "mcp", *words], preexec_fn=interruptible, **pipes) as running:
        try:
            said = ""
            while "Ctrl-C" not in said and running.poll() is None and running.stderr:
                said += running.stderr.readline()
            yield running, said
        finally:
            running.kill()


def without(package: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command without a package."""
    code = f"import sys; sys.modules[{package!r}] = None\n"
    code += "from openrouter_connector.faces.cli import main; sys.exit(main(sys.argv[1:]))"
    run = [sys.executable, "-c", code, *words]
    return subprocess.run(run, capture_output=True, text=True, timeout=40, stdin=subprocess.DEVNULL)


def test_the_tools_are_exported_as_they_are_listed(command: Command, host: Host) -> None:
    exported = command("export", "mcp").json["tools"]
    offered = host.tools()

    assert {tool["name"]: tool["inputSchema"] for tool in exported} == {
        name: tool["inputSchema"] for name, tool in offered.items()
    }


def test_a_choice_of_tools_is_exported(command: Command) -> None:
    exported = command(*("export", "mcp", "--only", "ask,createImage", "--names", "catalogue")).json

    assert [tool["name"] for tool in exported["tools"]] == [
        "openrouter_ai_ask",
        "openrouter_ai_create_image",
    ]


def test_stdout_holds_the_protocol_and_nothing_else(raw: Any) -> None:
    with raw() as talk:
        talk("tools/call", {"name": "ask", "arguments": ASK})
        talk.process.stdin.close()
        rest = talk.process.stdout.read()
        assert talk.process.wait(5) == 0
        assert (rest, talk.process.stderr.read()) == (b"", b"")


def test_a_server_without_a_key_says_what_to_do(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENROUTER_API_KEY", raising=False)
    monkeypatch.delenv("OPENROUTER_BASE_URL", raising=False)

    ended = command("mcp")

    assert (ended.code, ended.out) == (3, "")
    assert "--sandbox" in ended.err


def test_a_token_is_for_http(command: Command) -> None:
    ended = command("mcp", "--sandbox", "--no-token")

    assert (ended.code, ended.out) == (2, "")
    assert "--http: is missing" in ended.err


def test_all_wrong_options_are_reported_at_once(command: Command) -> None:
    ended = command(
        *("mcp", "--sandbox", "--http", "--host", "0.0.0.0", "--token", "short"),
        *("--allow-host", "a/b", "--inline-limit", "-1", "--only", "aks"),
    )

    assert ended.code == 2
    told = sorted(re.findall(r"--[a-z-]+(?=:)", ended.err))
    assert told == ["--allow-host", "--inline-limit", "--only", "--token"]


@pytest.mark.parametrize(
    ("package", "words"), [("mcp", ()), ("PIL", ()), ("PIL", ("--http", "--port", "0"))]
)
def test_a_package_that_is_missing_is_named(package: str, words: tuple[str, ...]) -> None:
    ended = without(package, "mcp", "--sandbox", *words)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert f"needs the package {package}: pip install 'openrouter-connector[" in ended.stderr


def test_the_tools_are_exported_without_the_extra() -> None:
    assert json.loads(without("mcp", "export", "mcp").stdout)["tools"]


def test_it_is_served_over_http_until_interrupted(there: Sandbox) -> None:
    with serving("--http", "--port", "0") as (running, said):
        (url,) = re.findall(r"http://\S+", said)
        (token,) = re.findall(r"Bearer (\S+)", said)
        with http_client(token) as client:
            answer = asked(client, url, TODAY, "tools/call", {"name": "ask", "arguments": ASK})
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=40)

    assert not answer.json()["result"]["isError"]
    assert (running.returncode, out, err) == (0, "", "")


def test_a_token_that_was_given_is_not_shown(there: Sandbox) -> None:
    with serving("--http", "--port", "0", "--token", TOKEN) as (running, said):
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=40)

    assert TOKEN not in said + out + err


@pytest.mark.parametrize("port", ["70000", "-1"])
def test_an_invalid_port_is_refused(there: Sandbox, command: Command, port: str) -> None:
    ended = command("mcp", "--http", "--port", port)

    assert (ended.code, ended.out) == (2, "")
    assert "a port is a number from 0 to 65535" in ended.err


def test_a_taken_port_is_reported(there: Sandbox, command: Command, address: str) -> None:
    port = httpx.URL(address).port

    ended = command("mcp", "--http", "--port", str(port))

    assert ended.code == 2
    assert ended.err.startswith(f"error: --port: cannot listen at 127.0.0.1:{port}: ")


@pytest.mark.parametrize("token", ["", "wrong", TOKEN[:-1], f"{TOKEN}x", "é" * 10])
def test_clients_without_a_token_are_refused(address: str, token: str) -> None:
    with httpx.Client(trust_env=False) as client:
        given = [(b"Authorization", f"Bearer {token}".encode())] if token else []
        refused = client.post(address, json={}, headers=given)

    assert refused.status_code == 401
    assert refused.headers["www-authenticate"] == "Bearer"
    assert ("the token is wrong" in refused.text) == bool(token)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Host": "127.0.0.1.evil.example:80"}, 421),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_names_and_pages_from_elsewhere_are_refused(
    address: str, headers: dict[str, str], status: int
) -> None:
    with http_client(**headers) as client:
        refused = client.post(address, json={}, headers={"MCP-Protocol-Version": TODAY})

    assert refused.status_code == status


@pytest.mark.parametrize("port", ["", ":8443"])
def test_pages_of_a_name_that_was_allowed_are_let_in(
    start: Any, sandbox: Sandbox, port: str
) -> None:
    address = start(sandbox.base_url, hosts=("connector.example.com",)).address
    name = f"connector.example.com{port}"
    with http_client(Host=name, Origin=f"https://{name}") as client:
        answer = asked(client, address, TODAY, "tools/list", {})

    assert answer.json()["result"]["tools"]


def test_a_body_without_end_is_refused(address: str) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(70):
            yield b" " * 1024 * 1024

    with http_client() as client:
        refused = client.post(
            address, content=endless(), headers={"Content-Type": "application/json"}
        )
        again = asked(client, address, TODAY, "tools/list", {})

    assert refused.status_code == 413
    assert again.json()["result"]["tools"]


@pytest.mark.skipif(shutil.which("npx") is None, reason="there is no node here")
def test_the_inspector_can_use_it(there: Sandbox) -> None:
    words = [*COMMAND, "mcp", "--only", "ask", "--method", "tools/call", "--tool-name", "ask"]
    for name, value in ASK.items():
        words += ["--tool-arg", f"{name}={value}"]
    inspector = ["npx", "--offline", "--yes", "@modelcontextprotocol/inspector", "--cli"]
    ended = subprocess.run([*inspector, *words], capture_output=True, text=True, timeout=60)
    if "ENOTCACHED" in ended.stderr:
        pytest.skip("npm has not fetched @modelcontextprotocol/inspector")

    assert "You said: Hello" in json.loads(ended.stdout)["content"][0]["text"]


@pytest.mark.parametrize("answer", QUICK.values(), ids=QUICK)
def test_no_output_holds_the_key(
    start: Any, capfd: pytest.CaptureFixture[str], tmp_path: Path, answer: Answer
) -> None:
    async def heard(*_: Any) -> None:
        pass

    arguments = {**ASK, "model": "a/b"}
    with scripted(answer) as server:
        host = start(server.base_url, token=CANARY, attempts=1)
        whole = host.call("ask", arguments)
        streamed = host.call("ask", arguments, progress_callback=heard)

    told = whole.model_dump_json() + streamed.model_dump_json() + "".join(capfd.readouterr())
    assert not holds_canary(told)
    assert hidden_in(tmp_path) == []


def test_a_head_without_end_is_refused(address: str) -> None:
    with raw_client(address) as line:
        line.send(b"POST /mcp HTTP/1.1\r\nX: ", *[b"a" * 2**20] * 32)

        assert line.read_all()[:12] in (b"HTTP/1.1 431", b"")


# The SDK leaves the streams of a session that ends to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_sessions_that_hosts_left_behind_end_and_those_in_use_do_not(
    start: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idle_sessions, "MAX_IDLE", 3)
    host = {"name": "tests", "version": "1"}
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": host}
    call = {"name": "ask", "arguments": {**ASK, "model": "a/b"}}
    with scripted(Answer(then="hang")) as server, http_client() as client:
        url = start(server.base_url).address

        def opened() -> str:
            return str(client.post(url, json=message("initialize", hello)).headers[SESSION])

        def status(session: str) -> int:
            pinged = client.post(url, json=message("ping", {}), headers={SESSION: session})
            return pinged.status_code

        used = opened()
        busy = message("tools/call", call)
        with client.stream("POST", url, json=busy, headers={SESSION: used}) as running:
            left = [opened() for _ in range(6)]
            known = [status(session) for session in left]
            assert running.status_code == status(used) == 200

    assert known == [404, 404, 404, 200, 200, 200]


def message(method: str, params: Any) -> Any:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
