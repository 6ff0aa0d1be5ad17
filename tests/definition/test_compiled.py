"""What a process reads of a definition that another process compiled."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from shutil import copytree

import pytest

from openrouter_connector.cache_folder import cache_folder
from openrouter_connector.definition.load import load_component
from openrouter_connector.definition.location import connector_file
from openrouter_connector.errors import DefinitionError
from support.second_component import FOLDER


@pytest.fixture(autouse=True)
def nothing_compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache of the test alone: these tests look into it, and damage it."""
    monkeypatch.setenv("OPENROUTER_CONNECTOR_CACHE", str(tmp_path / "own-cache"))


def loaded(path: Path) -> object:
    definition = load_component(path)
    actions = [definition.form(name).action for name in definition.component.actions]
    return definition.component, actions


def test_what_was_compiled_is_the_same() -> None:
    ours = connector_file(None)
    first = loaded(ours)
    assert sorted(cache_folder("definitions").iterdir())
    assert loaded(ours) == first


def test_a_changed_definition_is_read_anew(tmp_path: Path) -> None:
    copy = copied(tmp_path)
    loaded(copy)
    note = copy / "definitions" / "print_note.yaml"
    note.write_text(note.read_text().replace("title: ", "title: Changed "))
    assert load_component(copy).form("printNote").action.title.startswith("Changed ")
    note.write_text(note.read_text() + "\nnonsense: true\n")
    with pytest.raises(DefinitionError, match="nonsense: unknown word"):
        load_component(copy).form("printNote")


@pytest.mark.parametrize("text", ["", "{}", "[" * 9999, '{"fingerprint": 1}', "\x00"])
def test_a_damaged_file_is_no_error(text: str) -> None:
    ours = connector_file(None)
    first = loaded(ours)
    for file in cache_folder("definitions").iterdir():
        kept = json.loads(file.read_text())
        file.write_text(text or json.dumps({**kept, "value": {"@": "Unknown"}}))
    assert loaded(ours) == first


def test_a_folder_that_cannot_be_written_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("OPENROUTER_CONNECTOR_CACHE", str(tmp_path / "file"))
    assert loaded(connector_file(None))


def test_the_encoding_of_the_locale_does_not_matter(tmp_path: Path) -> None:
    copy = copied(tmp_path)
    note = copy / "definitions" / "print_note.yaml"
    note.write_text(note.read_text().replace("title: ", "title: Größe "), encoding="utf-8")
    ascii_only = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    program = (
        "import sys; from openrouter_connector.definition.load import load_component;"
        "load_component(sys.argv[1]).form('printNote')"
    )
    cache = {"OPENROUTER_CONNECTOR_CACHE": str(tmp_path / "cache")}
    command = [sys.executable, "-c", program, str(copy)]
    subprocess.run(command, env={**os.environ, **ascii_only, **cache}, check=True)
    [kept] = (tmp_path / "cache" / "definitions").glob("*-action-printNote.json")
    assert json.loads(kept.read_bytes())["value"]["title"].startswith("Größe ")


def copied(folder: Path) -> Path:
    copytree(FOLDER, copy := folder / "copy")
    return copy
