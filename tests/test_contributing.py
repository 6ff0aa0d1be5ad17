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
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def blocks() -> dict[str, str]:
    """Return the code blocks of the page by the file that their first line names."""
    return dict(findall(r"```(?:yaml|python)\n# (\S+)\n(.*?)```", PAGE, DOTALL))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "definitions", tmp_path / "definitions")
    shutil.copy(ROOT / "connector.yaml", tmp_path)
    return tmp_path


def test_an_action_is_added_by_the_page_alone(copy: Path, sandbox: Sandbox) -> None:
    steps = blocks()
    action = "definitions/list_rerank_models.yaml"
    (copy / action).write_text(steps[action], encoding="utf-8")
    index = copy / "connector.yaml"
    listed = index.read_text(encoding="utf-8")
    below = "  - listModels\n"
    index.write_text(listed.replace(below, f"{below}  - listRerankModels\n"), encoding="utf-8")
    test = steps["tests/actions/test_list_rerank_models.py"]
    (copy / "test_toy.py").write_text(test, encoding="utf-8")

    connector = Connector.load(copy, cache=False)
    connector.definition.check()
    run = runpy.run_path(str(copy / "test_toy.py"))["test_models_that_rank_are_listed"]
    run(connector, sandbox)

    sent = sandbox.requests[-1]
    assert sent.query == {"output_modalities": "rerank", "q": "ranker"}


def test_an_action_that_is_not_listed_is_noticed(copy: Path) -> None:
    (copy / "definitions/forgotten.yaml").write_text("name: forgotten")
    with pytest.raises(Exception, match=r"definitions/forgotten.yaml is not listed"):
        Connector.load(copy)


def test_every_path_on_the_page_exists() -> None:
    paths = set(findall(r"`((?:\w+/)+|(?:\w+/)*\w+\.(?:py|ya?ml|md))`", PAGE))
    starts = ROOT, ROOT / "src" / "openrouter_connector"
    assert len(paths) > 40
    assert [path for path in paths if not any((start / path).exists() for start in starts)] == []
