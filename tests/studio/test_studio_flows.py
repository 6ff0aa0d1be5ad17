"""Flows with containers run and show each item; what others wrote is imported, and stays text."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from support.http_face import Served
from support.studio import ask_step, node, open_flow, saved_tasks

if TYPE_CHECKING:
    from playwright.sync_api import Page

MARKUP = "<img src=x onerror=document.title=1>"


def run(page: Page) -> None:
    page.locator(".runbar").get_by_role("button", name="Run", exact=True).click()
    page.wait_for_selector(".runbar-outcome-done", timeout=20_000)


def test_each_item_and_the_chosen_list_are_shown(page: Page, studio: Served) -> None:
    each = {"items": ["dawn", "dusk"], "iteratee": [ask_step("ask_1", "Draw ${each_1.item}")]}
    condition = {
        "rawExpression": True,
        "expression": "1 > 2",
        "caseTrue": [ask_step("ask_2", "never")],
        "caseFalse": [ask_step("ask_3", "always")],
    }
    tasks = [
        {"label": "Each", "name": "each_1", "type": "each/v1", "parameters": each},
        {"label": "If", "name": "if_1", "type": "condition/v1", "parameters": condition},
    ]
    open_flow(page, studio, label="Both", tasks=tasks)
    run(page)
    page.get_by_role("button", name=re.compile("^Item 2")).click()
    node(page, "ask_1").get_by_text("Draw dusk").wait_for()
    page.get_by_role("button", name=re.compile("^Item 1")).click()
    node(page, "ask_1").get_by_text("Draw dawn").wait_for()
    node(page, "ask_3").get_by_text("Done", exact=True).wait_for()

    assert "Skipped: the condition was false" in node(page, "ask_2").inner_text()


def test_examples_of_the_catalogue_are_imported(page: Page, studio: Served, shared: Path) -> None:
    texts = [file.read_text("utf-8") for file in (shared / "reference/seeds").glob("*.txt")]
    found = re.findall(r"Example JSON Structure\n(\{.*?\n\})Output", "\n".join(texts), re.DOTALL)
    assert len(found) > 3
    for text in found:
        wanted = json.loads(text)
        page.get_by_role("button", name="Import", exact=True).click()
        page.get_by_role("textbox", name="Text to import").fill(text)
        page.get_by_role("button", name="Read", exact=True).click()
        page.get_by_role("button", name="Import as New Flow").click()
        page.locator(".canvas-node", has_text=wanted["label"]).wait_for()
        [task] = saved_tasks(page, studio)
        assert task["type"] == wanted["type"]


def test_markup_in_labels_is_text(page: Page, studio: Served) -> None:
    step = ask_step("ask_1", "Hello") | {"label": MARKUP}
    open_flow(page, studio, label=f"Flow {MARKUP}", tasks=[step])
    node(page, "ask_1").get_by_text(MARKUP).wait_for()
    run(page)
    page.get_by_role("tab", name="Runs").click()
    page.locator(".runs-step-name", has_text=MARKUP).wait_for()

    assert page.locator("img[src=x]").count() == 0
    assert page.title() != "1"
