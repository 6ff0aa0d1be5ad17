"""The wizard where there is no terminal: flags say the way, and stdin brings the key."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from openrouter_connector.connections.store import ConnectionStore, StoredConnection
from openrouter_connector.sandbox import Sandbox
from support.command import Command

KEY = "sk-or-v1-sandbox-good-0123456789abcdef"


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What stands on stdin of a command that has no terminal."""
    given = io.StringIO()
    monkeypatch.setattr("sys.stdin", given)
    yield given


def put(stdin: io.StringIO, text: str) -> None:
    stdin.seek(0)
    stdin.truncate()
    stdin.write(text)
    stdin.seek(0)


def test_without_a_terminal_the_flags_say_the_way(command: Command, stdin: io.StringIO) -> None:
    ended = command("connect")

    assert ended.code == 2
    assert "requires a terminal, or one of --browser, --headless and --token-stdin" in ended.err


def test_a_key_on_stdin_is_proven_and_stored(
    command: Command, at: tuple[str, ...], stdin: io.StringIO, connections: ConnectionStore
) -> None:
    put(stdin, f"  {KEY}\n")

    app = ("--title", "My App", "--categories", "cli-agent, game")
    ended = command(*at, "--token-stdin", "--name", "work", *app, "--json")

    assert ended.code == 0
    assert ended.json["connection"]["name"] == "work"
    assert ended.json["connection"]["default"] is True
    assert ended.json["key"]["state"] == "ok"
    assert KEY not in ended.out + ended.err
    told = {"baseUrl": at[2], "title": "My App", "categories": ["cli-agent", "game"]}
    assert connections.get("work") == StoredConnection("work", KEY, told)


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("sk-or-v1-sandbox-disabled-0123456789", "does not know this key"),
        ("sk-or-v1-sandbox-blocked-0123456789", "refuses this key"),
        ("sk-or-v1-sandbox-expired-0123456789", "expired on 2024-12-31"),
        ("sk-or-v1-sandbox-spent-0123456789", "used up"),
        ("sk-or-v1-sandbox-management-01234", "management key"),
        ("two words of a key", "holds a space"),
        ("x" * 10_001, "too long"),
    ],
)
def test_a_bad_key_on_stdin_is_told_and_not_stored(
    command: Command,
    at: tuple[str, ...],
    stdin: io.StringIO,
    connections: ConnectionStore,
    key: str,
    told: str,
) -> None:
    put(stdin, key)

    ended = command(*at, "--token-stdin")

    assert ended.code == (2 if len(key) > 10_000 else 3)
    assert told in ended.err
    assert key not in ended.err
    assert connections.list() == []


def test_a_key_that_may_be_good_is_stored_with_yes(
    command: Command, at: tuple[str, ...], stdin: io.StringIO, connections: ConnectionStore
) -> None:
    put(stdin, spent := "sk-or-v1-sandbox-spent-0123456789")
    assert "add --yes to save it anyway" in command(*at, "--token-stdin").err

    put(stdin, spent)
    assert command(*at, "--token-stdin", "--yes").code == 0
    assert connections.get().token == spent


def test_all_that_is_wrong_is_told_before_a_key_is_made(
    command: Command, stdin: io.StringIO, connections: ConnectionStore
) -> None:
    ended = command(
        *("connect", "--name", "a/b", "--base-url", "ftp://x", "--title", "ü", "--limit", "0"),
        *("--referer", "nowhere", "--categories", "Game", "--json"),
    )

    assert ended.code == 2
    assert [problem["path"] for problem in ended.json["error"]["problems"]] == [
        *("--base-url", "--categories", "--limit", "--name", "--referer", "--title", "connect"),
    ]


def test_a_name_that_is_taken_is_told_before_a_key_is_made(
    command: Command,
    at: tuple[str, ...],
    stdin: io.StringIO,
    connections: ConnectionStore,
    own_sandbox: Sandbox,
) -> None:
    connections.save(StoredConnection("work", KEY))
    before = own_sandbox.requests

    ended = command(*at, "--token-stdin", "--name", "work")

    assert (ended.code, own_sandbox.requests) == (2, before)
    assert "connection 'work' already exists; choose another name, or add --replace" in ended.err
    put(stdin, other := "sk-or-v1-sandbox-other-0123456789")
    assert command(*at, "--token-stdin", "--name", "work", "--replace").code == 0
    assert connections.get("work").token == other


def test_a_browser_is_enough_without_a_terminal(
    at: tuple[str, ...], browser: None, connections: ConnectionStore
) -> None:
    words = [sys.executable, "-m", "openrouter_connector", *at, "--browser", "--json"]

    ended = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True)

    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["key"]["label"] == "openrouter-connector"
    assert connections.get().token not in (None, *ended.stdout.split('"'))


def test_a_refused_code_ends_with_the_code_for_a_bad_key(
    command: Command, at: tuple[str, ...], stdin: io.StringIO, connections: ConnectionStore
) -> None:
    put(stdin, "auth_code_wrong\n")

    ended = command(*at, "--headless")

    assert ended.code == 3
    assert "refuses the code" in ended.err
    assert connections.list() == []


def test_the_environment_s_key_is_said_to_go_first(
    connected: Command, at: tuple[str, ...], stdin: io.StringIO
) -> None:
    put(stdin, KEY)

    ended = connected(*at, "--token-stdin", "--name", "work")

    told = "OPENROUTER_API_KEY is set and overrides it; to use it, add --connection work."
    assert told in ended.err
    assert os.environ["OPENROUTER_API_KEY"] not in ended.err
