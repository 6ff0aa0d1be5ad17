"""The wizard without a terminal: flags choose the source of the key, stdin contains it."""

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
    """The stdin of a command without a terminal."""
    given = io.StringIO()
    monkeypatch.setattr("sys.stdin", given)
    yield given


def set_stdin(stdin: io.StringIO, text: str) -> None:
    stdin.seek(0)
    stdin.truncate()
    stdin.write(text)
    stdin.seek(0)


def test_without_a_terminal_a_flag_is_required(command: Command, stdin: io.StringIO) -> None:
    result = command("connect")

    assert result.code == 2
    assert "requires a terminal, or one of --browser, --headless and --token-stdin" in result.err


def test_a_key_from_stdin_is_tested_and_saved(
    command: Command,
    connect_args: tuple[str, ...],
    stdin: io.StringIO,
    connections: ConnectionStore,
) -> None:
    set_stdin(stdin, f"  {KEY}\n")

    app = ("--title", "My App", "--categories", "cli-agent, game")
    result = command(*connect_args, "--token-stdin", "--name", "work", *app, "--json")

    assert result.code == 0
    assert result.json["connection"]["name"] == "work"
    assert result.json["connection"]["default"] is True
    assert result.json["key"]["state"] == "ok"
    assert KEY not in result.out + result.err
    message = {"baseUrl": connect_args[2], "title": "My App", "categories": ["cli-agent", "game"]}
    assert connections.get("work") == StoredConnection("work", KEY, message)


@pytest.mark.parametrize(
    ("key", "message"),
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
def test_a_bad_key_from_stdin_is_reported_and_not_saved(
    command: Command,
    connect_args: tuple[str, ...],
    stdin: io.StringIO,
    connections: ConnectionStore,
    key: str,
    message: str,
) -> None:
    set_stdin(stdin, key)

    result = command(*connect_args, "--token-stdin")

    assert result.code == (2 if len(key) > 10_000 else 3)
    assert message in result.err
    assert key not in result.err
    assert connections.list() == []


def test_a_possibly_good_key_is_saved_with_yes(
    command: Command,
    connect_args: tuple[str, ...],
    stdin: io.StringIO,
    connections: ConnectionStore,
) -> None:
    set_stdin(stdin, spent := "sk-or-v1-sandbox-spent-0123456789")
    assert "add --yes to save it anyway" in command(*connect_args, "--token-stdin").err

    set_stdin(stdin, spent)
    assert command(*connect_args, "--token-stdin", "--yes").code == 0
    assert connections.get().token == spent


def test_a_management_key_is_saved_with_yes_and_creates_keys(
    command: Command,
    connect_args: tuple[str, ...],
    stdin: io.StringIO,
    connections: ConnectionStore,
) -> None:
    set_stdin(stdin, manager := "sk-or-v1-sandbox-management-0123456789")
    refused = command(*connect_args, "--token-stdin", "--name", "admin")
    assert refused.code == 3
    assert "add --yes to save it anyway: it can manage keys" in " ".join(refused.err.split())

    set_stdin(stdin, manager)
    saved = command(*connect_args, "--token-stdin", "--name", "admin", "--yes")
    assert (saved.code, connections.get("admin").token) == (0, manager)
    assert "cannot call a model" in saved.err

    words = ("-p", "name=Nightly", "-p", "connectionName=nightly", "-p", "limit=5")
    assert command("run", "createKey", "--connection", "admin", *words).code == 0
    assert connections.get("nightly").token not in (None, manager)


def test_all_problems_are_reported_before_a_key_is_created(
    command: Command, stdin: io.StringIO, connections: ConnectionStore
) -> None:
    result = command(
        *("connect", "--name", "a/b", "--base-url", "ftp://x", "--title", "ü", "--limit", "0"),
        *("--referer", "nowhere", "--categories", "Game", "--json"),
    )

    assert result.code == 2
    assert [problem["path"] for problem in result.json["error"]["problems"]] == [
        *("--base-url", "--categories", "--limit", "--name", "--referer", "--title", "connect"),
    ]


def test_an_existing_name_is_reported_before_a_key_is_created(
    command: Command,
    connect_args: tuple[str, ...],
    stdin: io.StringIO,
    connections: ConnectionStore,
    own_sandbox: Sandbox,
) -> None:
    connections.save(StoredConnection("work", KEY))
    before = own_sandbox.requests

    result = command(*connect_args, "--token-stdin", "--name", "work")

    assert (result.code, own_sandbox.requests) == (2, before)
    assert "connection 'work' already exists; choose another name, or add --replace" in result.err
    set_stdin(stdin, other := "sk-or-v1-sandbox-other-0123456789")
    assert command(*connect_args, "--token-stdin", "--name", "work", "--replace").code == 0
    assert connections.get("work").token == other


def test_a_browser_is_enough_without_a_terminal(
    connect_args: tuple[str, ...], browser: None, connections: ConnectionStore
) -> None:
    words = [sys.executable, "-m", "openrouter_connector", *connect_args, "--browser", "--json"]

    result = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True)

    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["key"]["label"] == "openrouter-connector"
    assert connections.get().token not in (None, *result.stdout.split('"'))


def test_a_rejected_code_exits_with_3(
    command: Command,
    connect_args: tuple[str, ...],
    stdin: io.StringIO,
    connections: ConnectionStore,
) -> None:
    set_stdin(stdin, "auth_code_wrong\n")

    result = command(*connect_args, "--headless")

    assert result.code == 3
    assert "refuses the code" in result.err
    assert connections.list() == []


def test_a_key_in_the_environment_is_reported_to_override(
    connected: Command, connect_args: tuple[str, ...], stdin: io.StringIO
) -> None:
    set_stdin(stdin, KEY)

    result = connected(*connect_args, "--token-stdin", "--name", "work")

    message = "OPENROUTER_API_KEY is set and overrides it; to use it, add --connection work."
    assert message in result.err
    assert os.environ["OPENROUTER_API_KEY"] not in result.err
