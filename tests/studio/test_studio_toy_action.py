"""An action that somebody adds in YAML has a place in the palette, a form and results."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from openrouter_connector import Connector
from support.http_face import Served
from support.studio import field, node, saved_tasks
from support.toy import with_toy

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture
def connector(tmp_path: Path) -> Connector:
    """A copy of our definition with one action more."""
    return Connector.load(with_toy(tmp_path))


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
