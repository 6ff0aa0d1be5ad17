"""Tables and pages: on a terminal of 80 columns, and through a pipe."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from openrouter_connector.connections.store import ConnectionStore, StoredConnection
from support.command import Command
from support.terminal import terminal

WORDS = [
    ("actions",),
    ("options", "ask", "model", "--sandbox"),
    ("options", "ask", "format"),
    ("show", "createSpeech"),
]


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A terminal of 80 columns without a pager."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("PAGER", "cat")
    yield


def on_terminal(*words: str) -> str:
    with terminal(*words) as shown:
        assert shown.exit_code() == 0
        return shown.shown


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.usefixtures("narrow")
def test_a_page_fits_80_columns_and_cuts_no_word(command: Command, words: tuple[str, ...]) -> None:
    shown, piped = on_terminal(*words), command(*words).out
    # A command line to copy is never broken.
    lines = [line for line in shown.splitlines() if not line.startswith("openrouter-connector ")]
    assert max(map(len, lines)) <= 80
    headings = {"Value", "Label", "Description"}  # a table that is too wide has none
    assert set(piped.split()) - set(shown.split()) <= headings


def test_a_row_is_one_line_of_a_pipe(command: Command) -> None:
    lines = command("options", "ask", "model", "--sandbox").out.splitlines()
    (line,) = (line for line in lines if line.startswith("sandbox/thinker "))
    assert "Sandbox: Thinker" in line and "per million tokens" in line


def test_show_is_short_until_all_is_asked_for(command: Command) -> None:
    short, full = command("show", "ask").out, command("show", "ask", "--all").out
    assert "temperature" not in short and "show ask --all" in short
    assert "temperature" in full and "provider.dataCollection" in full


def test_a_long_page_goes_through_the_pager(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (pager := tmp_path / "pager").write_text("#!/bin/sh\necho paged\ncat\n")
    pager.chmod(0o700)
    monkeypatch.setenv("PAGER", str(pager))
    monkeypatch.setenv("LINES", "24")
    assert "paged" in on_terminal("show", "ask", "--all")
    assert "paged" not in on_terminal("show", "countModels")


def test_no_color_prints_no_escape_sequence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    shown = on_terminal("ask", "Hi", "--sandbox")
    assert "You said: Hi" in shown and "\x1b[" not in shown.replace("\x1b[?25", "")


def test_the_only_connection_that_is_left_is_the_default(command: Command) -> None:
    store = ConnectionStore()
    for name in ("one", "two", "three"):
        store.save(StoredConnection(name, "sk-or-v1-1"))
    chosen = command("connections", "remove", "one", "--yes")
    assert "Choose one, such as: openrouter-connector connections default three" in chosen.err
    store.set_default("two")
    left = command("connections", "remove", "two", "--yes")
    assert "'three' is now the default" in left.err and store.default == "three"
    last = command("connections", "remove", "three", "--yes", "--json")
    assert last.json == {"removed": "three", "default": None}


def test_a_job_shows_progress_and_leaves_whole_lines_on_a_terminal() -> None:
    words = ("create-video", "A fox", "-m", "sandbox/filmer", "--sandbox")
    shown = on_terminal(*words)
    assert "Running createVideo" in shown
    # What is left of a line after the spinner on it was removed.
    lines = [line.split("\r")[-1].replace("\x1b[2K", "") for line in shown.splitlines()]
    assert any(line.startswith("Job job-") for line in lines), lines
