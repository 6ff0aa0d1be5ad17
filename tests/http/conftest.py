"""Run the HTTP face as a real server on loopback, in a thread."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from openrouter_connector import Connector, FileStore
from openrouter_connector.connections.store import ConnectionStore
from openrouter_connector.faces.http import audit as lines
from openrouter_connector.faces.http.app import Settings, create_app
from openrouter_connector.flows.store import FlowStore
from openrouter_connector.sandbox import Sandbox
from support.chromium import chromium  # noqa: F401
from support.http_face import TOKEN, Serve, Served, running, there


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
