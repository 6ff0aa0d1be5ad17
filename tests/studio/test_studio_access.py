"""Every view is checked by axe in light and dark, and used in narrow windows and at 200 %."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.axe import violations
from support.http_face import Served
from support.studio import ask_step, node, open_flow

if TYPE_CHECKING:
    from playwright.sync_api import Page

CURL = (
    "curl https://openrouter.ai/api/v1/chat/completions "
    """-d '{"model": "openai/gpt-4o", "max_tokens": 9, "odd": 1, """
    """"messages": [{"role": "user", "content": "Hi"}]}'"""
)
PICTURES = os.environ.get("OPENROUTER_CONNECTOR_ARTEFACTS")


def check(page: Page, view: str) -> None:
    """Fail if a view breaks WCAG 2.2 AA in light or in dark; its pictures are artefacts."""
    page.emulate_media(reduced_motion="reduce")  # no colour is half-way of a change
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{view}-{theme}.png")
        found = violations(page)
        assert not found, f"{view}, {theme}: " + "\n".join(found)
    page.evaluate("() => { delete document.documentElement.dataset.theme }")


@pytest.fixture
def done(page: Page, studio: Served) -> Page:
    """The canvas with a run of two steps, the second of which failed."""
    steps = [ask_step("ask_1", "Hello"), ask_step("ask_2", "${ask_1}", "sandbox/forbidden")]
    open_flow(page, studio, label="Checked", tasks=steps)
    page.locator(".runbar").get_by_role("button", name="Run", exact=True).click()
    page.locator(".runbar b", has_text="Failed").wait_for()
    return page


def test_the_empty_canvas_and_its_menus_pass(page: Page) -> None:
    page.get_by_role("heading", name="What should this flow do first?").wait_for()
    check(page, "empty")
    page.keyboard.press("/")
    page.locator(".command").wait_for()
    check(page, "menu")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.get_by_role("dialog", name="Shortcuts").wait_for()
    check(page, "shortcuts")


def test_the_canvas_and_the_inspector_pass(done: Page) -> None:
    check(done, "canvas")
    node(done, "ask_2").locator("header").click()
    done.locator(".model-control").wait_for()
    check(done, "inspector-failed")
    node(done, "ask_1").locator("header").click()
    done.get_by_role("tab", name="Output").click()
    done.locator(".output-facts").wait_for()
    check(done, "inspector-output")
    done.get_by_role("tab", name="Setup").click()
    done.locator(".model-control").click()
    done.get_by_role("option").first.wait_for()
    check(done, "models")


def test_runs_and_connections_pass(done: Page) -> None:
    done.get_by_role("tab", name="Runs").click()
    done.locator(".failure").wait_for()
    check(done, "runs")
    done.get_by_role("tab", name="Connections").click()
    done.locator(".connection").first.wait_for()
    check(done, "connections")


def test_dialogs_of_runs_and_files_pass(done: Page) -> None:
    for name, opened in DIALOGS.items():
        opened(done)
        done.get_by_role("dialog").wait_for()
        check(done, name)
        done.keyboard.press("Escape")
        done.get_by_role("dialog").wait_for(state="detached")


def test_the_wizard_and_the_report_of_an_import_pass(page: Page) -> None:
    page.get_by_role("tab", name="Connections").click()
    page.get_by_text("Paste an API key").click()
    page.locator("#wizard-key").fill("this is no key")
    check(page, "wizard")
    page.locator(".wizard-key").get_by_text("Test").click()
    page.get_by_text("This is not an API key").wait_for()
    check(page, "wizard-failed")
    page.get_by_role("tab", name="Canvas").click()
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_role("textbox", name="Text to import").fill(CURL)
    page.get_by_role("button", name="Read", exact=True).click()
    page.get_by_role("button", name="Import as New Flow").wait_for()
    check(page, "import-report")


def of_run(label: str) -> Callable[[Page], None]:
    def opened(page: Page) -> None:
        page.locator(".runbar").get_by_role("button", name="More").click()
        page.get_by_role("menuitem", name=label).click()

    return opened


def of_flow(label: str) -> Callable[[Page], None]:
    def opened(page: Page) -> None:
        page.locator(".topbar-flow").click()
        page.get_by_role("menuitem", name=label).click()

    return opened


def of_bar(label: str) -> Callable[[Page], None]:
    return lambda page: page.get_by_role("button", name=label, exact=True).click()


DIALOGS = {
    "run": of_run("Run with options"),
    "rehearse": of_run("Rehearse"),
    "import": of_bar("Import"),
    "export": of_bar("Export"),
    "flows": of_flow("All Flows"),
    "versions": of_flow("Versions"),
}


@pytest.mark.parametrize(("width", "height"), [(768, 1024), (960, 540)], ids=["768", "200 %"])
def test_a_small_window_shows_all_that_is_needed(done: Page, width: int, height: int) -> None:
    done.set_viewport_size({"width": width, "height": height})
    for name in ("Canvas", "Runs", "Connections"):
        done.get_by_role("tab", name=name).click()
        wide = done.evaluate("() => document.scrollingElement.scrollWidth")
        assert wide <= width, f"{name} is {wide} px wide"
        if PICTURES:
            done.screenshot(path=Path(PICTURES) / f"{name.lower()}-{width}.png")
    done.get_by_role("tab", name="Canvas").click()
    done.locator(".runbar").get_by_role("button", name="Resume").click(trial=True)
    done.get_by_role("button", name="Import", exact=True).click(trial=True)


def test_a_window_that_gets_narrow_closes_the_drawer_and_keeps_the_filters(done: Page) -> None:
    node(done, "ask_1").locator("header").click()
    done.locator(".model-control").wait_for()
    done.set_viewport_size({"width": 768, "height": 1024})
    done.locator(".inspector").wait_for(state="detached")
    node(done, "ask_1").locator("header").dblclick()
    done.locator(".model-control").click()
    done.get_by_role("option").first.wait_for()
    done.get_by_role("button", name="Filters").click()
    done.get_by_role("complementary", name="Filters").wait_for()
    check(done, "filters")
    done.keyboard.press("Escape")
    done.get_by_role("complementary", name="Filters").wait_for(state="hidden")
    assert done.get_by_role("option").first.is_visible()
