"""Texts of other people cannot control the terminal; a pipe gets them unchanged."""

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
CONTROLLING = f"\x1b]0;title\x07\x1b[2J\x9b31m\b\x7f\u202e\x1b]8;;http://x.example\x1b\\z{MARKUP}"
"""Control sequences, and a text that rich could read as markup."""
CONTROLS = set("\x1b\x07\x08\x9b\x7f\u202e")
OUR_CONTROLS = re.compile(r"\x1b\[[\d;]*m|\x1b\[\?25[lh]|\x1b\[2K|\x1b\[1A")
"""The control sequences of our own tables and spinners."""


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "400")


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (("options", "ask", "model"), response({}, 404)),
        (("options", "ask", "model", "--json"), response({}, 404)),
        (("run", "ask", "-pmodel=a/b", "-puserPrompt=x"), response(completion(CONTROLLING))),
        (("run", "ask", "-pmodel=a/b", "-puserPrompt=x"), response({"error": CONTROLLING}, 400)),
    ],
    ids=["options", "options as JSON", "answer", "error"],
)
def test_a_server_cannot_control_the_terminal(words: tuple[str, ...], answer: Answer) -> None:
    models = {"data": [{"id": "a/b", "name": CONTROLLING, "description": CONTROLLING}]}

    def answered(received: Received) -> Answer:
        return answer if received.body else response(models)

    with scripted(answered) as server:
        shown = in_terminal(*words, "--base-url", server.base_url)[1]

    assert CONTROLS & set(OUR_CONTROLS.sub("", shown)) == set()
    assert "\x1b[2J" not in shown
    assert MARKUP in shown
    assert "title" in shown


@pytest.mark.parametrize("sign", ["\u202d", "\x07", "\x9b", "\x7f", "\u200b"], ids=ascii)
def test_a_key_split_by_control_characters_is_hidden(
    monkeypatch: pytest.MonkeyPatch, sign: str
) -> None:
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


def test_a_connection_cannot_control_the_terminal() -> None:
    store = ConnectionStore()
    store.save(StoredConnection("work", None, {"baseUrl": "http://127.0.0.1:1/v1"}))
    file = next(Path(os.environ["OPENROUTER_CONNECTOR_CONFIG"]).rglob("work-*.json"))
    known = json.loads(file.read_text())
    file.write_text(json.dumps(known | {"properties": {"baseUrl": f"http://x{CONTROLLING}"}}))

    shown = in_terminal("connections", "list")[1]

    assert CONTROLS & set(OUR_CONTROLS.sub("", shown)) == set()
    assert "work" in shown


def test_json_keeps_its_values_on_a_terminal() -> None:
    with scripted(response({"data": [{"id": "a/b", "name": CONTROLLING}]})) as server:
        words = ("options", "ask", "model", "--json", "--base-url", server.base_url)
        shown = in_terminal(*words)[1]

    assert json.loads(shown[shown.index("{\n") :])["options"][0]["label"] == CONTROLLING


def test_a_pipe_gets_the_answer_unchanged() -> None:
    with scripted(response(completion(CONTROLLING))) as server:
        words = ("run", "ask", "-pmodel=a/b", "-puserPrompt=x", "--base-url", server.base_url)
        result = subprocess.run([*COMMAND, *words], capture_output=True, check=False)

    assert result.stdout.decode() == f"{CONTROLLING}\n"
