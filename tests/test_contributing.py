"""CONTRIBUTING's "how to add an action", done step by step on a copy of the definition."""

from __future__ import annotations

import runpy
import shutil
from pathlib import Path
from re import DOTALL, findall

import pytest

from openrouter_connector import Connector
from openrouter_connector.sandbox import Sandbox

ROOT = Path(__file__).parents[1]


def blocks() -> dict[str, str]:
    """Give the code blocks of the page by the file that their first line names."""
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    found = findall(r"```(?:yaml|python)\n# (\S+)\n(.*?)```", page, DOTALL)
    return dict(found)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "definitions", tmp_path / "definitions")
    shutil.copy(ROOT / "connector.yaml", tmp_path)
    for file in (tmp_path / "definitions").glob("*.yaml"):
        if file.stem not in ("ask", "create_image", "create_speech", "create_transcription"):
            file.unlink()  # the page lists four actions, and its own
    return tmp_path


def test_a_toy_action_is_added_by_the_page_alone(copy: Path, sandbox: Sandbox) -> None:
    steps = blocks()
    (copy / "definitions/count_models.yaml").write_text(steps["definitions/count_models.yaml"])
    index = copy / "connector.yaml"
    lines = index.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith("actions:")]
    index.write_text("\n".join([*kept, steps["connector.yaml"]]), encoding="utf-8")
    (copy / "test_toy.py").write_text(steps["tests/actions/test_count_models.py"])

    connector = Connector.load(copy)
    connector.definition.check()
    test = runpy.run_path(str(copy / "test_toy.py"))["test_the_models_of_a_kind_are_counted"]
    test(connector, sandbox)

    sent = sandbox.requests[-1]
    assert (sent.path, sent.query) == ("/api/v1/models/count", {"output_modalities": "all"})


def test_an_action_that_is_not_listed_is_noticed(copy: Path) -> None:
    (copy / "definitions/count_models.yaml").write_text("name: countModels")
    with pytest.raises(Exception, match="does not list definitions/count_models"):
        Connector.load(copy)
