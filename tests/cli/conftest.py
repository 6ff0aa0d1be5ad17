"""Fixtures of the command line: an isolated environment, a browser, connections."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from openrouter_connector.connections.store import ConnectionStore
from openrouter_connector.sandbox import Sandbox
from support.command import Command

TESTS = Path(__file__).parents[1]
VARIABLES = (
    "OPENROUTER_API_KEY",
    "OPENROUTER_BASE_URL",
    "OPENROUTER_CONNECTOR_DATABASE",
    "OPENROUTER_CONNECTOR_DEBUG",
    "COLUMNS",
)


@pytest.fixture(autouse=True)
def isolated_environment(
    tmp_path: Path, compiled_before: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Remove the keys, servers and files of the user: a test sets what its command needs."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENROUTER_CONNECTOR_FILES", str(tmp_path / "files"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def connected(command: Command, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command with the environment variables of a running sandbox."""
    monkeypatch.setenv("OPENROUTER_BASE_URL", sandbox.base_url)
    monkeypatch.setenv("OPENROUTER_API_KEY", sandbox.token)
    return command


@pytest.fixture(autouse=True)
def no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep tests from opening a browser window."""
    monkeypatch.setenv("BROWSER", f"{shlex.quote(sys.executable)} -c pass %s")


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set a browser in which a person confirms every login."""
    code = "import sys; from support.browser import decide; decide(sys.argv[1])"
    monkeypatch.setenv("PYTHONPATH", str(TESTS))
    monkeypatch.setenv("BROWSER", f"{shlex.quote(sys.executable)} -c {shlex.quote(code)} %s")


@pytest.fixture
def connect_args(own_sandbox: Sandbox) -> tuple[str, ...]:
    """Return the arguments of the wizard for a sandbox."""
    return ("connect", "--base-url", own_sandbox.base_url)


@pytest.fixture
def connections() -> ConnectionStore:
    """Return the store that the commands use too."""
    return ConnectionStore()
