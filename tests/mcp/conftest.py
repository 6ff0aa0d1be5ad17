"""Run the MCP face with the official client, over stdio and over HTTP on loopback."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from subprocess import PIPE
from typing import Any

import httpx2
import pytest
from mcp.client.streamable_http import streamable_http_client

from mcp import StdioServerParameters
from openrouter_connector import Connector
from openrouter_connector.faces.mcp.flow_runs import FlowRuns
from openrouter_connector.faces.mcp.flow_tools import choose_flows
from openrouter_connector.faces.mcp.server import create_server
from openrouter_connector.faces.mcp.tools import Choice, choose_tools
from openrouter_connector.faces.mcp.transports import GRACE, http_app
from openrouter_connector.flows.store import FlowStore
from openrouter_connector.http_server import bounded_server
from openrouter_connector.sandbox import Sandbox
from support.http_face import ENDING, TOKEN
from support.mcp_host import Host, connect_host, interruptible
from support.processes import Process

Start = Callable[..., Host]


@pytest.fixture(scope="session")
def over_stdio(
    sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Host, Host]]:
    """Hosts that started `openrouter-connector mcp`, of the current and an older protocol."""
    command = stdio(sandbox, tmp_path_factory.mktemp("stdio"))
    with connect_host(command) as today, connect_host(command, mode="legacy") as before:
        yield today, before


@pytest.fixture(scope="session")
def over_http(
    connector: Connector, sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Host, Host]]:
    """Hosts of a server at an address, of the current and an older protocol."""
    session = connector.connect(
        sandbox.token, base_url=sandbox.base_url, files=tmp_path_factory.mktemp("http")
    )
    with (
        served(session) as url,
        connect_host(at(url), url) as today,
        connect_host(at(url), url, mode="legacy") as before,
    ):
        yield today, before


@pytest.fixture(params=["stdio", "http"])
def both(request: pytest.FixtureRequest) -> tuple[Host, Host]:
    """Run a test over each transport, with hosts of both protocols."""
    hosts: tuple[Host, Host] = request.getfixturevalue(f"over_{request.param}")
    return hosts


@pytest.fixture
def host(over_http: tuple[Host, Host]) -> Host:
    """A host that uses a sandbox."""
    return over_http[0]


@pytest.fixture
def start(connector: Connector, tmp_path: Path) -> Iterator[Start]:
    """Start servers for the API that a test chooses, each with a host."""
    with ExitStack() as stack:

        def start(
            base_url: str,
            *,
            token: str = "sk-or-v1-a-key-of-the-user",
            mode: str = "auto",
            choice: Choice | None = None,
            connector: Connector = connector,
            inline_limit: int = 1_000_000,
            show_paths: bool = False,
            folders: tuple[Path, ...] = (),
            hosts: tuple[str, ...] = (),
            flows: tuple[str, ...] = (),
            **options: Any,
        ) -> Host:
            folder = tmp_path / "files"
            session = connector.connect(token, base_url=base_url, files=folder, **options)
            more: dict[str, Any] = {
                "inline_limit": inline_limit,
                "show_paths": show_paths,
                "folders": folders,
            }
            more["flows"] = flows
            url = stack.enter_context(served(session, choice, hosts, **more))
            return stack.enter_context(connect_host(at(url), url, mode=mode))

        yield start


@pytest.fixture
def raw(sandbox: Sandbox, compiled_before: None, tmp_path: Path) -> Callable[..., Any]:
    """Start a server, and exchange lines with it, as a host of an older protocol does."""

    def started(base_url: str | None = None) -> Any:
        return talking(stdio(sandbox, tmp_path), base_url)

    return started


@pytest.fixture
def host_command(sandbox: Sandbox, compiled_before: None, tmp_path: Path) -> StdioServerParameters:
    """The command by which a host starts a server."""
    return stdio(sandbox, tmp_path)


@pytest.fixture(scope="session")
def talk(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Talk]:
    """Lines exchanged with a server that must survive every message."""
    with talking(stdio(sandbox, tmp_path_factory.mktemp("talk"))) as talk:
        yield talk


@contextmanager
def talking(command: StdioServerParameters, base_url: str | None = None) -> Iterator[Talk]:
    """Start a server, and initialize the session."""
    env = {**os.environ, **(command.env or {})}
    if base_url:
        env["OPENROUTER_BASE_URL"] = base_url
    words = [command.command, *command.args]
    pipes: Any = {"stdin": PIPE, "stdout": PIPE, "stderr": PIPE}
    with Process[bytes](words, env=env, preexec_fn=interruptible, **pipes) as process:
        talk = Talk(process)
        host = {"name": "tests", "version": "1"}
        shared = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": host}
        assert talk("initialize", shared)["result"]["protocolVersion"] == "2025-11-25"
        talk.write('{"jsonrpc": "2.0", "method": "notifications/initialized"}')
        try:
            yield talk
        finally:
            process.kill()


class Talk:
    """Lines exchanged with a server over its stdin and stdout."""

    def __init__(self, process: Process[bytes]) -> None:
        self.process = process
        self._asked = 0

    def __call__(self, method: str, params: Any) -> Any:
        """Send a request, and return the response."""
        asked = self.ask(method, params)
        while (came := self.next()).get("id") != asked:
            pass
        return came

    def ask(self, method: str, params: Any) -> int:
        """Send a request, and return its id."""
        self._asked += 1
        question = {"jsonrpc": "2.0", "id": self._asked, "method": method, "params": params}
        self.write(json.dumps(question))
        return self._asked

    def next(self) -> Any:
        """Return the next line, which must be a message."""
        assert self.process.stdout
        return json.loads(self.process.stdout.readline())

    def write(self, line: str) -> None:
        """Write a line."""
        assert self.process.stdin
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()


def stdio(sandbox: Sandbox, folder: Path, *words: str) -> StdioServerParameters:
    """Return the command that a host starts."""
    return StdioServerParameters(
        command=sys.executable,
        args=["-m", "openrouter_connector", "mcp", *words],
        env={
            "OPENROUTER_BASE_URL": sandbox.base_url,
            "OPENROUTER_API_KEY": sandbox.token,
            "OPENROUTER_CONNECTOR_FILES": str(folder / "files"),
            "OPENROUTER_CONNECTOR_CACHE": str(folder / "cache"),
        },
    )


@asynccontextmanager
async def at(url: str, token: str = TOKEN) -> AsyncIterator[Any]:
    """Return the transport to a server at an address."""
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=30, trust_env=False) as client,
        streamable_http_client(url, http_client=client) as streams,
    ):
        yield streams


@contextmanager
def served(
    session: Any,
    choice: Choice | None = None,
    hosts: tuple[str, ...] = (),
    flows: tuple[str, ...] = (),
    **options: Any,
) -> Iterator[str]:
    """Serve over HTTP until the end of the block, and yield the address."""
    forms = choose_tools(session.definition, choice or Choice())
    runs = FlowRuns(session) if flows else None
    if flows:
        published = choose_flows(flows, FlowStore(), session.definition, forms)
        options |= {"flows": published, "runs": runs}
    app = http_app(create_server(session, forms, **options), token=TOKEN, hosts=hosts)
    server = bounded_server(app, grace=GRACE)
    server.config.port = 0

    async def run() -> None:
        async with runs.around() if runs else session:
            await server.serve()

    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.002)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        server.should_exit = True
        if flows:  # a process has one database of runs at a time
            thread.join()
        ENDING.append(thread)
