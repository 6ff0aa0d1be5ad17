"""An action that somebody adds in YAML has a place in the palette, a form and results."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from openrouter_connector import Connector
from support.http_face import Served
from support.studio import field, node, saved_tasks

if TYPE_CHECKING:
    from playwright.sync_api import Page

PROJECT = Path(__file__).parents[2]
TOY = """\
name: countToys
title: Count Toys
description: Count the models of one kind.
group: Toys
request: GET /models/count
main: kind

properties:
  - name: kind
    label: Kind of Toy
    description: What the toy makes.
    type: STRING
    required: true
    options:
      - {label: A picture, value: image}
      - {label: A sound, value: speech}
    send: output_modalities

  - name: loud
    label: Loud
    description: Whether it can be heard next door.
    type: BOOLEAN
    displayCondition: kind == 'speech'
    send: false

output:
  type: INTEGER
  description: The number of toys.
  path: data.count
  required: true
"""


@pytest.fixture
def connector(tmp_path: Path) -> Connector:
    """A copy of our definition with one action more."""
    for name in ("definitions", "icons"):
        shutil.copytree(PROJECT / name, tmp_path / "own" / name)
    (tmp_path / "own/definitions/count_toys.yaml").write_text(TOY)
    text = (PROJECT / "connector.yaml").read_text()
    own = tmp_path / "own/connector.yaml"
    own.write_text(text.replace("  - countModels\n", "  - countModels\n  - countToys\n"))
    return Connector.load(own)


def test_an_action_of_a_copied_definition_is_filled_in_and_run(page: Page, studio: Served) -> None:
    page.locator(".palette").get_by_text("Toys", exact=True).wait_for()
    page.locator(".palette-row", has_text="Count Toys").dblclick()
    node(page, "countToys_1").wait_for()
    assert field(page, "loud").count() == 0
    field(page, "kind").get_by_text("Kind of Toy").wait_for()
    assert field(page, "kind").get_by_title("What the toy makes.").count() == 1
    choices = field(page, "kind").get_by_role("radio")
    assert choices.all_inner_texts() == ["A picture", "A sound"]
    choices.last.click()
    field(page, "loud").wait_for()
    page.locator(".runbar").get_by_role("button", name="Run", exact=True).click()
    page.wait_for_selector(".runbar-outcome-done")

    count = studio.perform("countModels", {"outputModalities": ["speech"]}).json()["output"]
    assert str(count) in node(page, "countToys_1").locator(".canvas-well").inner_text()
    assert saved_tasks(page, studio)[0]["parameters"]["kind"] == "speech"
