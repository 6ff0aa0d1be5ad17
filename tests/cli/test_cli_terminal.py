"""A terminal shows texts from outside as texts; it is not steered by them, and a pipe gets all."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from cli.test_cli_process import COMMAND, in_terminal
from openrouter_connector import ConnectionStore, StoredConnection
from support.scripted_server import Answer, Received, completion, response, scripted

MARKUP = "[red]x[/red] [link=http://x.example]y[/link]"
STEERING = f"\x1b]0;title\x07\x1b[2J\x9b31m\b\x7f\u202e\x1b]8;;http://x.example\x1b\\z{MARKUP}"
"""What would steer a terminal, and what could be taken for markup."""
STEERS = set("\x1b\x07\x08\x9b\x7f\u202e")
OWN = re.compile(r"\x1b\[[\d;]*m|\x1b\[\?25[lh]|\x1b\[2K|\x1b\[1A")
"""What a table and a spinner of ours draw with."""


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "400")


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (("options", "ask", "model"), response({}, 404)),
        (("options", "ask", "model", "--json"), response({}, 404)),
        (("run", "ask", "-pmodel=a/b", "-puserPrompt=x"), response(completion(STEERING))),
        (("run", "ask", "-pmodel=a/b", "-puserPrompt=x"), response({"error": STEERING}, 400)),
    ],
    ids=["options", "options as JSON", "answer", "error"],
)
def test_a_terminal_is_not_steered_by_a_server(words: tuple[str, ...], answer: Answer) -> None:
    models = {"data": [{"id": "a/b", "name": STEERING, "description": STEERING}]}

    def answered(received: Received) -> Answer:
        return answer if received.body else response(models)

    with scripted(answered) as server:
        shown = in_terminal(*words, "--base-url", server.base_url)[1]

    assert STEERS & set(OWN.sub("", shown)) == set()
    assert "\x1b[2J" not in shown
    assert MARKUP in shown
    assert "title" in shown


@pytest.mark.parametrize("sign", ["\u202d", "\x07", "\x9b", "\x7f", "\u200b"], ids=ascii)
def test_a_terminal_puts_no_key_together(monkeypatch: pytest.MonkeyPatch, sign: str) -> None:
    key = "sk-or-v1-0123456789abcdef0123456789abcdef"
    monkeypatch.setenv("OPENROUTER_API_KEY", key)
    split = f"here {sign.join(key)} ."

    for answer in (
        response(completion(split)),
        response({"error": {"message": split}}, 400),
    ):
        with scripted(answer) as server:
            words = ("run", "ask", "-pmodel=a/b", "-puserPrompt=x", "--base-url", server.base_url)
            shown = in_terminal(*words)[1]
        assert "here [token] ." in shown
        assert key not in shown


def test_a_terminal_is_not_steered_by_the_name_of_a_connection() -> None:
    store = ConnectionStore()
    store.save(StoredConnection("work", None, {"baseUrl": "http://127.0.0.1:1/v1"}))
    file = next(Path(os.environ["OPENROUTER_CONNECTOR_CONFIG"]).rglob("work-*.json"))
    known = json.loads(file.read_text())
    file.write_text(json.dumps(known | {"properties": {"baseUrl": f"http://x{STEERING}"}}))

    shown = in_terminal("connections", "list")[1]

    assert STEERS & set(OWN.sub("", shown)) == set()
    assert "work" in shown


def test_json_on_a_terminal_is_the_same_json() -> None:
    with scripted(response({"data": [{"id": "a/b", "name": STEERING}]})) as server:
        words = ("options", "ask", "model", "--json", "--base-url", server.base_url)
        shown = in_terminal(*words)[1]

    assert json.loads(shown[shown.index("{\n") :])["options"][0]["label"] == STEERING


def test_in_a_pipe_an_answer_is_as_it_came() -> None:
    with scripted(response(completion(STEERING))) as server:
        words = ("run", "ask", "-pmodel=a/b", "-puserPrompt=x", "--base-url", server.base_url)
        ended = subprocess.run([*COMMAND, *words], capture_output=True, check=False)

    assert ended.stdout.decode() == f"{STEERING}\n"
