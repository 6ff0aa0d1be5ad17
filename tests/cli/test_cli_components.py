"""`--connector`: a key never reaches another component or another host."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from openrouter_connector.connections.store import ConnectionStore, StoredConnection
from openrouter_connector.definition.load import load_component
from support.command import Command
from support.foreign_component import foreign
from support.scripted_server import Answer, Received, Scripted, response, scripted

KEY = "sk-or-v1-c4n4ry0f7h3m1n3"
OWN = "another-key-0123456789"
CLAIMS = ["OPENROUTER_API_KEY", "{token: OPENROUTER_API_KEY, baseUrl: OPENROUTER_BASE_URL}", None]


@pytest.fixture
def server() -> Iterator[Scripted]:
    """A server that answers every request, and records it."""
    with scripted(_answer) as running:
        yield running


def _answer(received: Received) -> Answer:
    listed = received.path.endswith("/models")
    return response({"text": "Hi", "data": [{"id": "m"}] if listed else {"label": "mine"}})


def requests_with(server: Scripted, secret: str = KEY) -> list[Received]:
    return [one for one in server.requests if secret in f"{one.headers}{one.body!r}{one.path}"]


@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize("name", ["another", "openRouter"])
@pytest.mark.parametrize(
    "words",
    [
        ("run", "say", "-p", "model=m"),
        ("check", "say", "-p", "model=m"),
        ("options", "say", "model", "--refresh"),
        ("mcp",),
        ("connections", "test"),
        ("connections", "test", "work"),
        ("run", "say", "-p", "model=m", "--connection", "work"),
    ],
    ids=" ".join,
)
def test_no_key_of_ours_reaches_the_host_of_another_file(
    command: Command,
    server: Scripted,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    name: str,
    claim: str | None,
) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", KEY)
    ConnectionStore().save(StoredConnection("work", KEY))
    file = foreign(tmp_path / "other", server.base_url, name=name, environment=claim)

    result = command(*words, "--connector", str(file))

    assert requests_with(server) == [] and KEY not in result.out + result.err
    if name == "another" and words[0] in ("check", "options"):  # which need no key
        assert result.code == 0
    else:
        assert (result.code, server.requests) == (3, [])


def test_unused_keys_and_connections_are_named_with_a_solution(
    command: Command, server: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", KEY)
    ConnectionStore().save(StoredConnection("work", KEY))
    own = foreign(tmp_path / "own", server.base_url, environment="ANOTHER_KEY")
    spoof = foreign(tmp_path / "spoof", server.base_url, name="openRouter")
    say = ("run", "say", "-p", "model=m", "--connector")

    message = command(*say, str(own)).err
    assert "OPENROUTER_API_KEY is read only for the component openRouter" in message
    assert "Saved connections of another component (openRouter) are not used" in message
    assert "set ANOTHER_KEY (with --base-url" in message and f"connect --connector {own}" in message
    message = command(*say, str(own), "--connection", "work").err
    assert "'work': it belongs to openRouter, and is not used for another; create one" in message
    message = command(*say, str(spoof)).err
    place = server.base_url.removesuffix("/api/v1")
    assert f"its key is for https://openrouter.ai, but openRouter is at {place}" in message


@pytest.mark.parametrize("environment", ["ANOTHER_KEY", "{token: ANOTHER_KEY, baseUrl: WHERE}"])
def test_a_component_reads_its_own_variable(
    command: Command,
    server: Scripted,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    environment: str,
) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", KEY)
    monkeypatch.setenv("OPENROUTER_BASE_URL", "http://127.0.0.1:9/nowhere")
    monkeypatch.setenv("ANOTHER_KEY", OWN)
    monkeypatch.setenv("WHERE", server.base_url)
    base_url = "https://nowhere.example/v1" if "WHERE" in environment else server.base_url
    file = foreign(tmp_path / "other", base_url, environment=environment)

    result = command("run", "say", "-p", "model=m", "--connector", str(file))

    assert (result.code, result.out) == (0, "Hi\n")
    assert {one.headers["authorization"] for one in server.requests} == {f"Bearer {OWN}"}


def test_our_key_goes_to_a_server_that_the_user_names(
    command: Command, server: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", KEY)
    word = "{token: OPENROUTER_API_KEY, baseUrl: OPENROUTER_BASE_URL}"
    ours = foreign(
        tmp_path / "ours", "https://openrouter.ai/api/v1", name="openRouter", environment=word
    )
    other = foreign(tmp_path / "other", "https://nowhere.example/v1", environment=word)
    say = ("run", "say", "-p", "model=m", "--base-url", server.base_url, "--connector")

    assert command(*say, str(ours)).code == 0
    assert len(requests_with(server)) == len(server.requests) > 0
    server.requests.clear()
    assert command(*say, str(other)).code == 0
    assert server.requests and requests_with(server) == []


@pytest.mark.parametrize("variable", ["HOME_PAGE", "OPENROUTER_CONNECTOR_DOWNLOAD_PROXY"])
@pytest.mark.parametrize("name", ["another", "openRouter"])
def test_another_file_cannot_redirect_our_key_with_a_variable(
    command: Command,
    server: Scripted,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    variable: str,
) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", KEY)
    monkeypatch.setenv(variable, server.base_url)
    word = f"{{token: OPENROUTER_API_KEY, baseUrl: {variable}}}"
    file = foreign(tmp_path / "other", server.base_url, name=name, environment=word)

    result = command("run", "say", "-p", "model=m", "--connector", str(file))

    assert (result.code, server.requests) == (3, [])


@pytest.mark.parametrize(
    "base_url",
    [
        "https://openrouter.ai.evil.example/api/v1",
        "https://evil.example\\.openrouter.ai/api/v1",
        "https://evil.example%2f.openrouter.ai/api/v1",
        "https://xn--openrouter-.ai/api/v1",
        "https://openrouter.ai@evil.example/api/v1",
        "http://evil.example#.openrouter.ai",
    ],
)
def test_a_host_that_looks_like_ours_gets_no_key(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, base_url: str
) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", KEY)
    word = "{token: OPENROUTER_API_KEY}"
    file = foreign(tmp_path / "other", f"'{base_url}'", name="openRouter", environment=word)

    result = command("run", "say", "-p", "model=m", "--connector", str(file))

    assert (result.code, "OPENROUTER_API_KEY is not used" in result.err) == (3, True)


def test_each_component_has_its_own_connections_and_default(
    command: Command, server: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = foreign(tmp_path / "other", server.base_url)
    monkeypatch.setattr("sys.stdin", _Typed(OWN))
    ConnectionStore().save(StoredConnection("work", KEY))

    made = command("connect", "--connector", str(file), "--token-stdin", "--json")
    assert (made.code, made.json["connection"]["name"]) == (0, "another")
    stored = made.json["connection"]
    assert (stored["component"], stored["default"]) == ("another", True)
    assert command("run", "say", "-p", "model=m", "--connector", str(file)).out == "Hi\n"
    assert {one.headers.get("authorization") for one in server.requests} == {f"Bearer {OWN}"}

    shown = {one["name"]: one for one in command("connections", "--json").json}
    assert {name: (one["component"], one["default"]) for name, one in shown.items()} == {
        "another": ("another", True),
        "work": ("openRouter", True),
    }
    assert "Component" in command("connections").out
    result = command("run", "ask", "-p", "model=m", "-p", "userPrompt=x", "--connection", "another")
    assert (result.code, "it belongs to another, and is not used for openRouter" in result.err) == (
        3,
        True,
    )
    assert command("connections", "rename", "another", "mine").code == 0
    assert ConnectionStore(component=load_component(file).component).default == "mine"


def test_a_name_used_by_another_component_is_rejected(
    command: Command, server: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = foreign(tmp_path / "other", server.base_url)
    ConnectionStore().save(StoredConnection("work", KEY))
    monkeypatch.setattr("sys.stdin", _Typed(OWN))

    result = command("connect", "--connector", str(file), "--token-stdin", "--name", "work")

    assert (result.code, server.requests) == (2, [])
    assert ConnectionStore().get("work").token == KEY


class _Typed:
    """A stdin that returns the same text to each command."""

    def __init__(self, text: str) -> None:
        self.text = text

    def read(self, _: int = -1) -> str:
        return self.text

    def isatty(self) -> bool:
        return False


@pytest.mark.parametrize(
    "words",
    [
        ("run", "say", "-p", "model=m"),
        ("check", "say", "-p", "model=m"),
        ("options", "say", "model"),
        ("mcp",),
        ("connect", "--token-stdin"),
        ("serve",),
    ],
    ids=" ".join,
)
def test_the_sandbox_plays_no_other_component(
    command: Command, server: Scripted, tmp_path: Path, words: tuple[str, ...]
) -> None:
    file = foreign(tmp_path / "other", server.base_url)
    result = command(*words, "--sandbox", "--connector", str(file))
    assert (result.code, result.out, server.requests) == (2, "", [])
    assert "--sandbox: plays OpenRouter, not Another; choose a server" in result.err


def test_the_sandbox_is_offered_only_for_our_component(
    command: Command, server: Scripted, tmp_path: Path
) -> None:
    say = ("run", "say", "-p", "model=m", "--connector")
    other = foreign(tmp_path / "other", server.base_url)
    ours = foreign(tmp_path / "ours", server.base_url, name="openRouter")
    assert "or choose a saved connection with --connection." in command(*say, str(other)).err
    assert "or use --sandbox, which needs no key." in command(*say, str(ours)).err
