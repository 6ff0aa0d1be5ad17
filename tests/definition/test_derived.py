"""Derived files are current, and the examples of the pages work."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from openrouter_connector.definition.load import load_component
from openrouter_connector.definition.model import Connection
from support.definitions import CONNECTOR

ROOT = Path(__file__).parents[2]
STUB = "src/openrouter_connector/actions.pyi"
PAGES = "docs/reference/openRouter_v1.md"


def generate(root: Path, *arguments: str) -> tuple[int, str]:
    """Run the generator of a copy of the project; return its exit code and output."""
    command = [sys.executable, str(root / "docs" / "generate.py"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def copied(folder: Path) -> Path:
    for name in ("docs", "definitions"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "connector.yaml", folder)
    (folder / STUB).parent.mkdir(parents=True)
    shutil.copy(ROOT / STUB, folder / STUB)
    return folder


def test_derived_files_are_current() -> None:
    assert generate(ROOT, "--check") == (0, "")


def test_a_stale_file_is_named_and_regenerated(tmp_path: Path) -> None:
    root = copied(tmp_path)
    connector = root / "connector.yaml"
    connector.write_text(connector.read_text("utf-8").replace("title: OpenRouter", "title: New"))
    (root / "definitions" / "schema" / "action.schema.json").unlink()
    page = root / "docs" / "format.md"
    page.write_text(page.read_text("utf-8").replace("### Property", "### Propert"), "utf-8")

    code, output = generate(root, "--check")
    assert code == 1
    assert output.splitlines() == [
        "docs/reference/openRouter_v1.md is stale",
        "definitions/schema/action.schema.json is stale",
        "docs/format.md is stale",
        "run `make docs`",
    ]
    assert not (root / "definitions" / "schema" / "action.schema.json").exists()

    code, output = generate(root)
    assert (code, output.count("is written")) == (0, 3)
    assert (root / PAGES).read_text("utf-8").startswith("# New\n")
    assert page.read_text("utf-8") == (ROOT / "docs" / "format.md").read_text("utf-8")
    assert generate(root, "--check") == (0, "")


def test_the_definition_in_the_page_on_the_format_loads(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "format.md").read_text("utf-8")
    action, connection, source, _ = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "definitions" / "options").mkdir(parents=True)
    (tmp_path / "definitions" / "create_speech.yaml").write_text(action, "utf-8")
    (tmp_path / "definitions" / "options" / "models.yaml").write_text(source, "utf-8")
    (tmp_path / "connector.yaml").write_text(CONNECTOR % "createSpeech", "utf-8")
    definition = load_component(tmp_path)
    assert definition.form("createSpeech").visible({}) == ["input", "speed"]
    assert definition.sources["models"].filters[0].name == "maxPrice"
    words = Connection.model_validate(yaml.safe_load(connection)["connection"])
    assert words.variables and words.variables.base_url == "ACME_BASE_URL"
