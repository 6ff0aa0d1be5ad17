"""What every test may use: the connector, a sandbox, a command line, a place for files."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from openrouter_connector import Connector, FileStore
from openrouter_connector.faces.cli import main
from openrouter_connector.sandbox import Sandbox
from support.chromium import close_chromium
from support.command import Command, CommandResult
from support.http_face import ENDING
from support.no_network import loopback_only, no_authorities  # noqa: F401 - no test leaves this machine

# The same examples in every run, and no limit of time: the machine may be busy.
settings.register_profile("tests", deadline=None, derandomize=True, database=None)
settings.load_profile("tests")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep the garbage collector away from modules and tests, which live until the end.

    It would visit them again and again: half of the time of the collection of the tests. Later
    it looks less often than by default, at which it took a sixth of the time of the tests.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(10_000)
        gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> Generator[None, None, None]:
    """Close the browser after the last of the tests that share it."""
    try:
        return (yield)
    finally:
        close_chromium(nextitem)


@pytest.fixture(scope="session", autouse=True)
def ended() -> Iterator[None]:
    """Wait for the servers that are on their way out."""
    yield
    for thread in ENDING:
        thread.join()


@pytest.fixture(scope="session")
def connector() -> Connector:
    return Connector.load()


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture(scope="module")
def own_sandbox() -> Iterator[Sandbox]:
    """A sandbox of one file alone: another file counts the requests of the common one."""
    with Sandbox() as running:
        yield running


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the user's connections, lists or keyring."""
    monkeypatch.setenv("OPENROUTER_CONNECTOR_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("OPENROUTER_CONNECTOR_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of compiled definitions that the processes of many tests share."""
    return tmp_path_factory.mktemp("definitions")


@pytest.fixture
def compiled_before(own_home: None, compiled: Path) -> None:
    """Start processes with compiled definitions: each would take 0.2 seconds to compile them."""
    cache = Path(os.environ["OPENROUTER_CONNECTOR_CACHE"])
    cache.mkdir()
    (cache / "definitions").symlink_to(compiled)


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command line in this process."""

    def run(*words: str) -> CommandResult:
        capsys.readouterr()
        code = main(list(words))
        output = capsys.readouterr()
        return CommandResult(code, output.out, output.err)

    return run


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference material, which lies outside the project."""
    folder = os.environ.get("OPENROUTER_CONNECTOR_SHARED")
    if not folder or not Path(folder).is_dir():
        pytest.skip("OPENROUTER_CONNECTOR_SHARED does not name the folder of reference material")
    return Path(folder)
