"""Run the HTTP face as a real server on loopback, in a thread."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from openrouter_connector import Connector, FileStore
from openrouter_connector.connections.store import ConnectionStore
from openrouter_connector.faces.http import audit as lines
from openrouter_connector.faces.http.app import Settings, create_app
from openrouter_connector.faces.http.server import server_for
from openrouter_connector.faces.http.sessions import StartupConnection
from openrouter_connector.faces.listening import listen, url_of
from openrouter_connector.flows.store import FlowStore
from openrouter_connector.sandbox import Sandbox
from support.http_face import ENDING, TOKEN, Serve, Served


@pytest.fixture
def audit(tmp_path: Path) -> Iterator[Path]:
    """Write the audit log to a file during a test."""
    file = tmp_path / "audit.log"
    handler = lines.write_to(file)
    yield file
    logging.getLogger("openrouter_connector.audit").removeHandler(handler)
    handler.close()


@pytest.fixture
def serve(tmp_path: Path, connector: Connector) -> Iterator[Serve]:
    """Start servers that end with the test; by default with a token and without a connection.

    What is given goes to `Settings`; `files` is a store, `connector` another component.
    """
    with ExitStack() as stack:

        def start(
            *, connector: Connector = connector, files: FileStore | None = None, **settings: Any
        ) -> Served:
            files = files or FileStore(tmp_path / "files")
            app = create_app(
                connector,
                files,
                Settings(**{"token": TOKEN, **settings}),
                ConnectionStore(tmp_path / "config"),
                FlowStore(tmp_path / "flows"),
            )
            return stack.enter_context(running(app, files))

        yield start


@pytest.fixture
def served(serve: Serve) -> Served:
    """A server with default settings."""
    return serve()


@pytest.fixture
def server(serve: Serve, sandbox: Sandbox) -> Served:
    """A server of this test alone that uses the sandbox."""
    return serve(startup=there(sandbox))


@pytest.fixture(scope="session")
def played(
    connector: Connector, sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """A server that uses a sandbox, for tests that change nothing in it."""
    folder = tmp_path_factory.mktemp("played")
    files = FileStore(folder / "files")
    settings = Settings(token=TOKEN, startup=there(sandbox))
    app = create_app(
        connector, files, settings, ConnectionStore(folder / "config"), FlowStore(folder / "flows")
    )
    with running(app, files) as served:
        yield served


def there(sandbox: Sandbox) -> dict[str, StartupConnection]:
    """Return a connection to a running sandbox."""
    return {"sandbox": StartupConnection(sandbox.token, sandbox.base_url)}


@contextmanager
def running(app: Any, files: FileStore) -> Iterator[Served]:
    """Serve an application until the end of the block."""
    listener = listen("127.0.0.1", 0)
    server = server_for(app)
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.002)

    def stop() -> None:
        server.should_exit = True
        if app.state.context.runs.is_open:  # a process has one database of runs at a time
            thread.join()

    served = Served(url_of(listener), files, stop)
    try:
        yield served
    finally:
        served.close()
        stop()
        ENDING.append(thread)
