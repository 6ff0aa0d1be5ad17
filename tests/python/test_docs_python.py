"""The examples of the page about Python run, one after the other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import openrouter_connector

PAGE = (Path(__file__).parents[2] / "docs" / "python.md").read_text(encoding="utf-8")


def test_the_examples_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENROUTER_CONNECTOR_FILES", str(tmp_path / "files"))
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, object] = {"__name__": "page"}
    for block in blocks:
        exec(block, names)
    printed = capsys.readouterr().out
    assert "Why is the sky blue?" in printed
    assert "A haiku about foxes" in printed.replace("\n", " ")
    assert "image/png" in printed
    assert printed.endswith("model is missing (Model)\n")
    assert (tmp_path / "fox.png").read_bytes().startswith(b"\x89PNG")


def test_the_names_of_the_page_exist() -> None:
    session, result = openrouter_connector.Session, openrouter_connector.Result
    assert set(re.findall(r"`session\.(\w+)", PAGE)) <= {*dir(session), "files"}
    fields = {*dir(result), *result.__dataclass_fields__}
    assert set(re.findall(r"`result\.(\w+)", PAGE)) <= fields
