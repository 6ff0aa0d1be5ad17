"""No command prints the API key or writes it to a file, also when a server echoes it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from openrouter_connector import ConnectionStore, StoredConnection
from support.canary import CANARY, QUICK, hidden_in, holds_canary
from support.command import Command
from support.scripted_server import Answer, response, scripted

ASKED = ("ask", "-p", "model=a/b", "-p", "userPrompt=Hello", "--timeout", "0.3")
MODELS = response({"data": [{"id": "a/b", "name": CANARY, "pricing": {"prompt": CANARY}}]})
COMMANDS = {
    "run": ("run", *ASKED),
    "run as JSON": ("run", *ASKED, "--json"),
    "stream": ("run", *ASKED, "--stream"),
    "check": ("check", *ASKED),
    "check as JSON": ("check", *ASKED, "--json"),
    "options": ("options", "ask", "model"),
    "options as JSON": ("options", "ask", "model", "--refresh", "--json"),
}


def run_and_search(command: Command, words: tuple[str, ...], folder: Path) -> int:
    """Run a command, check that the token appears nowhere, and return the exit code."""
    result = command(*words)
    assert not holds_canary(result.out + result.err)
    assert hidden_in(folder) == []
    return result.code


@pytest.mark.parametrize("answer", QUICK.values(), ids=QUICK)
def test_a_key_from_the_environment_never_appears(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: Answer
) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", CANARY)
    monkeypatch.setenv("OPENROUTER_CONNECTOR_DEBUG", "1")
    with scripted(answer) as server:
        for words in COMMANDS.values():
            run_and_search(command, (*words, "--base-url", server.base_url), tmp_path)
        assert server.requests


@pytest.mark.parametrize("answer", QUICK.values(), ids=QUICK)
def test_the_key_of_a_connection_never_appears(
    command: Command, tmp_path: Path, answer: Answer
) -> None:
    with scripted(answer) as server:
        ConnectionStore().save(StoredConnection("Canary", CANARY, {"baseUrl": server.base_url}))
        for words in (COMMANDS["run"], COMMANDS["stream"], COMMANDS["options as JSON"]):
            run_and_search(command, words, tmp_path)
        for words in (("connections", "test"), ("connections", "test", "--json")):
            run_and_search(command, words, tmp_path)
        assert {one.headers["authorization"] for one in server.requests} == {f"Bearer {CANARY}"}
    for words in (("connections",), ("connections", "--json"), ("connections", "list")):
        assert run_and_search(command, words, tmp_path) == 0


def test_lists_that_echo_the_key_are_cached_without_it(command: Command, tmp_path: Path) -> None:
    with scripted(MODELS) as server:
        ConnectionStore().save(StoredConnection("Canary", CANARY, {"baseUrl": server.base_url}))
        for words in (COMMANDS["options"], COMMANDS["options as JSON"], COMMANDS["check"]):
            run_and_search(command, words, tmp_path)
    assert list((tmp_path / "cache").rglob("*.json"))


def test_a_key_in_an_exported_action_is_refused(command: Command, tmp_path: Path) -> None:
    parameters = json.dumps({"model": "a/b", "userPrompt": f"my key is {CANARY}"})
    assert (
        run_and_search(command, ("export", "action", "ask", "--params", parameters), tmp_path) == 2
    )


@pytest.mark.parametrize(
    "words",
    [
        ("run", "ask", "-p", f"model={CANARY}"),
        ("run", "ask", "-p", f"{CANARY}=x"),
        ("run", CANARY),
        (CANARY,),
        ("options", "ask", CANARY),
        ("options", "ask", "model", "--filter", f"{CANARY}=1"),
        ("connections", "test", CANARY),
        ("connections", "remove", CANARY),
        ("run", "ask", "--connection", CANARY),
        ("run", "ask", "--base-url", f"http://{CANARY}@127.0.0.1:1"),
    ],
)
def test_a_key_in_the_wrong_place_is_not_repeated(
    command: Command, tmp_path: Path, words: tuple[str, ...]
) -> None:
    assert run_and_search(command, words, tmp_path) in (2, 3)
