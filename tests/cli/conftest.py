"""The command line as a user meets it: words in, an exit code and two streams out."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from openrouter_connector.connections.store import ConnectionStore
from openrouter_connector.sandbox import Sandbox
from support.command import Command

TESTS = Path(__file__).parents[1]
PLACES = ("OPENROUTER_API_KEY", "OPENROUTER_BASE_URL", "OPENROUTER_CONNECTOR_DEBUG", "COLUMNS")


@pytest.fixture(autouse=True)
def quiet_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No key, no server, no files of the user's: what a command knows, its test has told it."""
    for name in PLACES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENROUTER_CONNECTOR_FILES", str(tmp_path / "files"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def connected(command: Command, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command line where the environment leads to a sandbox that runs already."""
    monkeypatch.setenv("OPENROUTER_BASE_URL", sandbox.base_url)
    monkeypatch.setenv("OPENROUTER_API_KEY", sandbox.token)
    return command


@pytest.fixture(autouse=True)
def no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test opens a window."""
    monkeypatch.setenv("BROWSER", f"{shlex.quote(sys.executable)} -c pass %s")


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser of this machine, with a person who allows everything."""
    code = "import sys; from support.browser import decides; decides(sys.argv[1])"
    monkeypatch.setenv("PYTHONPATH", str(TESTS))
    monkeypatch.setenv("BROWSER", f"{shlex.quote(sys.executable)} -c {shlex.quote(code)} %s")


@pytest.fixture
def at(own_sandbox: Sandbox) -> tuple[str, ...]:
    """Begin the words of the wizard, at a sandbox."""
    return ("connect", "--base-url", own_sandbox.base_url)


@pytest.fixture
def connections() -> ConnectionStore:
    """The connections that the commands see too."""
    return ConnectionStore()
