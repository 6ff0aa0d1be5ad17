"""The actions as a user performs them, at a sandbox of these tests' own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from openrouter_connector import Connector, FileEntry, FileStore, Result
from openrouter_connector.sandbox import RecordedRequest, Sandbox
from support.definitions import altered
from support.performing import Perform


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", action="store_true", help="record the cassettes anew")


@pytest.fixture(scope="module")
def played() -> Iterator[Sandbox]:
    """A sandbox that nobody else talks to."""
    with Sandbox() as running:
        yield running


@pytest.fixture(scope="session")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Connector:
    """The connector, with less patience for films and for what comes late."""
    return altered(
        tmp_path_factory.mktemp("hasty"),
        create_video={"every: 10\n": "every: 0.1\n  within: 0.8\n"},
        get_generation={"retryNotFound: 15\n": "retryNotFound: 0.5\n"},
    )


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Connector:
    """The connector, with batches of two requests and six kilobytes, which are polled often."""
    less = {"maxRequests: 5000": "maxRequests: 2", "maxBytes: 200000000": "maxBytes: 6000"}
    sooner = {"every: 30": "every: 0.1", "within: 360000": "within: 1"}
    folder = tmp_path_factory.mktemp("small")
    return altered(folder, create_batch=less, run_batch=less | sooner)


@pytest.fixture
def perform(connector: Connector, played: Sandbox, store: FileStore) -> Perform:
    """Perform an action at the sandbox."""

    def performed(action: str, parameters: Any, **options: Any) -> Result:
        options = {"base_url": played.base_url, "token": played.token, "files": store, **options}
        return connector.run(action, parameters, **options)

    return performed


@pytest.fixture
def ask(perform: Perform, played: Sandbox) -> Callable[..., Result]:
    """Ask the model that says back what it was sent."""

    def asked(base_url: str = played.base_url, **parameters: Any) -> Result:
        asked = {"model": "sandbox/echo", "userPrompt": "Hello", **parameters}
        return perform("ask", asked, base_url=base_url)

    return asked


@pytest.fixture
def sent(played: Sandbox) -> Callable[[], Any]:
    """Give the body of the last request that was not a lookup."""

    def last() -> Any:
        return _paid(played)[-1].body

    return last


@pytest.fixture
def count(played: Sandbox) -> Callable[[], int]:
    """Count the requests of this test that cost something."""
    earlier = played.requests
    return lambda: len([one for one in _paid(played) if not any(one is old for old in earlier)])


@pytest.fixture
def stored(store: FileStore) -> Callable[[Any], bytes]:
    """Read a file of the store."""

    def content(entry: Any) -> bytes:
        assert isinstance(entry, FileEntry)
        path = store.path_of(entry)
        assert path is not None
        return path.read_bytes()

    return content


def _paid(played: Sandbox) -> list[RecordedRequest]:
    return [request for request in played.requests if request.method == "POST"]
