"""The command line as a user meets it: words in, an exit code and two streams out."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.ended import Command, Ended
from openrouter_connector.faces.cli import main
from openrouter_connector.sandbox import Sandbox

PLACES = ("OPENROUTER_API_KEY", "OPENROUTER_BASE_URL", "OPENROUTER_CONNECTOR_DEBUG", "COLUMNS")


@pytest.fixture(autouse=True)
def quiet_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No key, no server, no files of the user's: what a command knows, its test has told it."""
    for name in PLACES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENROUTER_CONNECTOR_FILES", str(tmp_path / "files"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command line in this process."""

    def run(*words: str) -> Ended:
        capsys.readouterr()
        code = main(list(words))
        told = capsys.readouterr()
        return Ended(code, told.out, told.err)

    return run


@pytest.fixture
def connected(command: Command, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command line where the environment leads to a sandbox that runs already."""
    monkeypatch.setenv("OPENROUTER_BASE_URL", sandbox.base_url)
    monkeypatch.setenv("OPENROUTER_API_KEY", sandbox.token)
    return command
