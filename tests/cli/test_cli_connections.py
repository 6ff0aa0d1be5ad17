"""Saved connections: list, test, rename and remove them, and choose one for a call."""

from __future__ import annotations

import os
import pty
import re
import sys
from pathlib import Path

import pytest

from openrouter_connector.connections.store import ConnectionStore, StoredConnection
from openrouter_connector.sandbox import Sandbox
from support.command import Command
from support.processes import Process
from support.scripted_server import completion, response, scripted

TOKEN = "sk-or-v1-c4n4ry0f7h3m1n3"
ASK = ("run", "ask", "-p", "model=sandbox/echo", "-p", "userPrompt=Hello")


@pytest.fixture
def store(sandbox: Sandbox) -> ConnectionStore:
    """A default connection that works, and one with a management key."""
    made = ConnectionStore()
    properties = {"baseUrl": sandbox.base_url, "title": "An App"}
    made.save(StoredConnection("work", sandbox.token, properties))
    made.save(StoredConnection("the admin", "sk-or-v1-management", properties))
    return made


def damage_key(name: str) -> None:
    """Damage the key file of a connection."""
    config = Path(os.environ["OPENROUTER_CONNECTOR_CONFIG"])
    (file,) = config.glob(f"connections/{name}-*.json")
    for key in config.glob("keys/*.key"):
        if key.stem in file.read_text():
            key.write_text("damaged")


def test_connections_are_listed(command: Command, store: ConnectionStore, sandbox: Sandbox) -> None:
    damage_key("the-admin")
    for words in [("connections",), ("connections", "list")]:
        result = command(*words)
        assert result.code == 0
        lines = result.out.splitlines()
        assert any({"default", "work", sandbox.base_url} <= set(line.split()) for line in lines)
        assert "is damaged" in result.out and "--name 'the admin'" in " ".join(result.out.split())
    assert sandbox.token not in result.out


@pytest.mark.parametrize("words", [("connections", "--json"), ("connections", "list", "--json")])
def test_the_json_list_has_no_token(
    command: Command, store: ConnectionStore, sandbox: Sandbox, words: tuple[str, ...]
) -> None:
    result = command(*words)
    assert [one["name"] for one in result.json] == ["the admin", "work"]
    assert set(result.json[1]) == {
        "name", "component", "baseUrl", "allowHttp", "referer", "title", "categories", "default",
        "problem", "created",
    }  # fmt: skip
    assert (result.json[1]["default"], result.json[1]["title"]) == (True, "An App")
    assert sandbox.token not in result.out


def test_an_empty_list_says_how_to_add_a_connection(command: Command) -> None:
    result = command("connections")
    assert (result.code, result.out) == (0, "")
    assert "openrouter-connector connect" in result.err
    assert command("connections", "--json").json == []


def test_the_default_connection_is_tested(command: Command, store: ConnectionStore) -> None:
    result = command("connections", "test")
    assert result.code == 0
    assert result.out.startswith("work: the key works\n")
    assert "label      sandbox key" in result.out and " of $100.00" in result.out
    report = command("connections", "test", "WORK", "--json")
    assert (report.json["name"], report.json["state"], report.json["limit"]) == (
        "work",
        "ok",
        100,
    )


def test_a_bad_key_exits_with_3(command: Command, store: ConnectionStore) -> None:
    result = command("connections", "test", "the admin")
    assert (result.code, "create a standard API key" in result.out) == (3, True)
    assert re.search(r"credits    \$\d+\.\d\d in the account", result.out)
    report = command("connections", "test", "the admin", "--json")
    assert (report.code, report.json["state"], report.json["ok"]) == (3, "management", False)


def test_all_details_of_a_key_are_printed(command: Command) -> None:
    key = {
        "label": "mine", "limit": 10, "limit_remaining": 2.5, "limit_reset": "weekly", "usage": 7.5,
        "is_free_tier": True, "expires_at": "2127-01-01T00:00:00Z",
    }  # fmt: skip
    account = {"total_credits": 20, "total_usage": 12.5}
    with scripted(response({"data": key}), response({"data": account})) as server:
        ConnectionStore().save(StoredConnection("x", TOKEN, {"baseUrl": server.base_url}))
        result = command("connections", "test")
    assert result.out.splitlines()[1:] == [
        "  label      mine",
        "  left       $2.50 of $10.00, resets weekly",
        "  spent      $7.50",
        "  free tier  yes",
        "  expires    2127-01-01T00:00:00+00:00",
        "  credits    $7.50 in the account",
    ]


def test_a_damaged_connection_cannot_be_tested(command: Command, store: ConnectionStore) -> None:
    damage_key("work")
    result = command("connections", "test", "work", "--json")
    assert (result.code, result.json["error"]["type"]) == (3, "CredentialError")
    assert "openrouter-connector connect --name work" in result.json["error"]["message"]


def test_a_connection_is_renamed_and_another_becomes_the_default(
    command: Command, store: ConnectionStore
) -> None:
    assert command("connections", "rename", "work", "Office").code == 0
    renamed = command("connections", "rename", "Office", "office", "--json")
    assert (renamed.json["name"], renamed.json["default"]) == ("office", True)
    chosen = command("connections", "default", "THE ADMIN", "--json")
    assert (chosen.json["name"], chosen.json["default"]) == ("the admin", True)
    assert [one.name for one in store.list()] == ["office", "the admin"]
    assert store.default == "the admin"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("remove", "wrok"), "did you mean 'work'"),
        (("default", "nobody"), "there are the admin, work"),
        (("rename", "work", "the admin"), "already"),
        (("rename", "work", "../x"), "letters, digits"),
        (("rename", "work"), "NEW"),
        (("forget", "work"), "invalid choice"),
    ],
)
def test_an_invalid_change_exits_with_2(
    command: Command, store: ConnectionStore, words: tuple[str, ...], message: str
) -> None:
    result = command("connections", *words)
    assert (result.code, result.out) == (2, "")
    assert message in result.err
    assert [one.name for one in store.list()] == ["the admin", "work"]


def test_a_connection_is_removed(command: Command, store: ConnectionStore) -> None:
    assert command("connections", "remove", "the admin").code == 0
    removed = command("connections", "remove", "work", "--yes", "--json").json
    assert removed == {"removed": "work", "default": None}
    assert store.list() == []


@pytest.mark.parametrize(("answer", "left"), [("y\n", 1), ("\n", 2), ("no\n", 2)])
def test_a_removal_is_confirmed_on_a_terminal(
    store: ConnectionStore, answer: str, left: int
) -> None:
    command = (sys.executable, "-m", "openrouter_connector", "connections", "remove", "work")
    ours, theirs = pty.openpty()
    with Process(command, stdin=theirs, stdout=theirs, stderr=theirs) as running:
        os.write(ours, answer.encode())
        assert running.wait(timeout=40) == 0
    os.close(theirs)
    assert "Remove the connection 'work' and its API key?" in os.read(ours, 1000).decode()
    os.close(ours)
    assert len(store.list()) == left


# Which server a command calls.


def test_a_call_uses_the_default_connection(
    command: Command, store: ConnectionStore, sandbox: Sandbox
) -> None:
    assert "You said: Hello" in command(*ASK).out
    assert sandbox.requests[-1].headers["x-openrouter-title"] == "An App"
    assert command("check", *ASK[1:]).code == 0
    assert command("options", "ask", "model", "--json").json["options"]


def test_a_call_uses_the_named_connection(
    command: Command, store: ConnectionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", TOKEN)
    monkeypatch.setenv("OPENROUTER_BASE_URL", "http://127.0.0.1:9/api/v1")
    assert "You said: Hello" in command(*ASK, "--connection", "work").out
    result = command(*ASK, "--connection", "the admin", "--json")
    assert (result.code, result.json["error"]["status"]) == (4, 403)


def test_the_sandbox_overrides_everything(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    ConnectionStore().save(StoredConnection("x", TOKEN, {"baseUrl": "http://127.0.0.1:9/v1"}))
    monkeypatch.setenv("OPENROUTER_API_KEY", TOKEN)
    assert "You said: Hello" in command(*ASK, "--sandbox").out


def test_the_environment_overrides_the_default(
    command: Command, store: ConnectionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scripted(response(completion("Mine"))) as server:
        monkeypatch.setenv("OPENROUTER_BASE_URL", server.base_url)
        assert command(*ASK).out == "Mine\n"
        monkeypatch.setenv("OPENROUTER_API_KEY", TOKEN)
        assert command(*ASK).out == "Mine\n"
    sent = [one.headers.get("authorization") for one in server.requests]
    assert sent == [None, f"Bearer {TOKEN}"], "no stored token goes to another server"


def test_an_unknown_connection_is_never_replaced_by_another(
    command: Command, store: ConnectionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", TOKEN)
    for name, message in [("wrok", "did you mean 'work'"), ("", "no connection ''")]:
        result = command(*ASK, "--connection", name)
        assert (result.code, message in result.err) == (3, True)


def test_a_damaged_default_is_reported(command: Command, store: ConnectionStore) -> None:
    damage_key("work")
    result = command(*ASK)
    assert (result.code, result.out) == (3, "")
    assert "openrouter-connector connect --name work" in result.err


@pytest.mark.parametrize("other", [("--sandbox",), ("--base-url", "http://127.0.0.1:9/v1")])
def test_only_one_destination_is_accepted(command: Command, other: tuple[str, ...]) -> None:
    result = command(*ASK, "--connection", "work", *other)
    assert (result.code, "not allowed with" in result.err) == (2, True)


def test_without_a_key_all_solutions_are_named(command: Command) -> None:
    result = command(*ASK)
    assert result.code == 3
    ways = ("--sandbox", "--connection", "OPENROUTER_API_KEY", "OPENROUTER_BASE_URL", "--base-url")
    assert all(way in result.err for way in (*ways, "openrouter-connector connect"))


@pytest.mark.parametrize(
    "words",
    [("test", "nope"), ("default", "nope"), ("rename", "nope", "new"), ("remove", "nope")],
    ids=" ".join,
)
def test_an_unknown_connection_is_one_message_and_one_exit_code(
    command: Command, store: ConnectionStore, words: tuple[str, ...]
) -> None:
    result = command("connections", *words)
    assert (result.code, result.out) == (2, "")
    assert "name: there is no connection 'nope'; there are the admin, work" in result.err
