"""The page about flows names all of the language, and its examples have the values it shows."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from openrouter_connector import Flow
from openrouter_connector.flows.formats.check import RUNS
from openrouter_connector.flows.formats.expressions import read_template
from openrouter_connector.flows.formats.expressions.functions import FUNCTIONS, REFUSED

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "flows.md").read_text(encoding="utf-8")
SCOPE: dict[str, Any] = {
    "scores": [3, 1, 2], "count": 10, "user": {"name": "Ann", "last name": "Lee"},
}  # fmt: skip
LANGUAGE = PAGE.split("## The language")[1].split("\nFunctions\n")[0]
ROWS = re.findall(r"^\|[^`].*\| `([^`]+)` \| `([^`]+)` \|$", LANGUAGE, re.MULTILINE)


def test_the_table_has_its_rows() -> None:
    assert len(ROWS) == 16


@pytest.mark.parametrize(("text", "value"), ROWS)
def test_an_example_has_the_value_that_is_shown(text: str, value: str) -> None:
    template = read_template(text)
    assert template.problems == ()
    assert json.dumps(template.evaluate(SCOPE)) == value


def test_all_functions_and_words_are_named() -> None:
    named = set(re.findall(r"[\w/-]+", PAGE))
    assert {*FUNCTIONS, *REFUSED, *RUNS} <= named


def test_the_flow_of_the_page_can_run() -> None:
    document = yaml.safe_load(PAGE.split("```yaml\n")[1].split("```")[0])
    assert Flow.from_json(document).check().can_run


def test_the_links_of_the_page_lead_somewhere() -> None:
    for link in re.findall(r"\]\(([^)#]+)", PAGE):
        assert (ROOT / "docs" / link).exists(), link
