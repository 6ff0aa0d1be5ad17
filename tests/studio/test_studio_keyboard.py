"""All by keyboard, and all taken back: no test here moves the mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from support.http_face import Served
from support.studio import ask_step, field, node, open_flow, saved_tasks

if TYPE_CHECKING:
    from playwright.sync_api import Page


def add(page: Page, text: str) -> None:
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Add an action").wait_for()
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    page.locator(".command").wait_for(state="detached")


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(60):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not come to {selector}")


def choose_model(page: Page, name: str) -> None:
    field(page, "model").locator(".model-control").wait_for()
    page.keyboard.press("Enter")  # from the canvas into the inspector
    page.wait_for_function("() => document.activeElement.matches('.model-control')")
    page.keyboard.press("Enter")
    page.get_by_role("combobox", name="Search").wait_for()
    page.keyboard.type(name)
    page.get_by_role("option", selected=True).filter(has_text=name).wait_for()
    page.keyboard.press("Enter")
    field(page, "model").get_by_text(name, exact=True).wait_for()
    page.wait_for_function("() => document.activeElement.matches('.model-control')")


def to_canvas(page: Page) -> None:
    page.keyboard.press("Escape")
    page.wait_for_function("() => document.activeElement.matches('.canvas-stage')")


def test_a_flow_is_built_connected_and_run_without_a_mouse(page: Page, studio: Served) -> None:
    page.get_by_role("heading", name="What should this flow do first?").wait_for()
    add(page, "ask")
    node(page, "ask_1").wait_for()
    choose_model(page, "sandbox/echo")
    tab_to(page, '.inspector [data-path="userPrompt"] [role=textbox]')
    page.keyboard.type("Tell me of the sea")
    to_canvas(page)

    page.keyboard.press("Control+k")
    page.keyboard.type("ask")
    page.keyboard.press("Shift+Enter")  # alone, without a connection
    node(page, "ask_2").wait_for()
    page.locator(".command").wait_for(state="detached")
    choose_model(page, "sandbox/echo")
    to_canvas(page)
    page.keyboard.press("ArrowUp")
    page.locator("#node-ask_1.canvas-selected").wait_for()
    page.keyboard.press("e")
    page.keyboard.press("ArrowDown")
    page.locator("#node-ask_2.canvas-selected").wait_for()
    page.keyboard.press("Enter")
    page.get_by_role("dialog", name="Connect ask_1 to ask_2").wait_for()
    page.keyboard.press("Enter")
    page.locator(".canvas-edge-data").first.wait_for(state="attached")
    page.keyboard.press("Control+Shift+Enter")
    page.wait_for_selector(".runbar-outcome-done", timeout=20_000)

    assert "Tell me of the sea" in node(page, "ask_2").inner_text()
    assert saved_tasks(page, studio)[1]["parameters"]["userPrompt"] == "${ask_1}"


def prompts(page: Page, studio: Served) -> dict[str, str]:
    return {task["name"]: task["parameters"]["userPrompt"] for task in saved_tasks(page, studio)}


def saved(page: Page, version: int) -> None:
    page.get_by_text(f"Saved · v{version}", exact=True).wait_for()


def test_undo_and_redo_go_through_texts_and_steps_alike(page: Page, studio: Served) -> None:
    open_flow(page, studio, label="Two", tasks=[ask_step("ask_1", "Hi"), ask_step("ask_2", "Ho")])
    node(page, "ask_1").wait_for()
    page.locator(".canvas-stage").focus()
    page.keyboard.press("ArrowDown")
    field(page, "model").locator(".model-control").wait_for()
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.activeElement.closest('.inspector')")
    tab_to(page, '.inspector [data-path="userPrompt"] [role=textbox]')
    page.keyboard.press("Control+End")
    page.keyboard.type(" there")
    saved(page, 2)
    to_canvas(page)
    page.keyboard.press("Delete")
    saved(page, 3)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Control+d")
    saved(page, 4)
    states = [
        {"ask_1": "Hi", "ask_2": "Ho"},
        {"ask_1": "Hi there", "ask_2": "Ho"},
        {"ask_2": "Ho"},
        {"ask_2": "Ho", "ask_1": "Ho"},
    ]
    version = 4
    for keys, then in (("Control+z", states[2::-1]), ("Control+Shift+z", states[1:])):
        for state in then:
            page.keyboard.press(keys)
            version += 1
            saved(page, version)
            assert prompts(page, studio) == state


def test_the_tools_of_the_canvas_are_one_stop_of_tab(page: Page, studio: Served) -> None:
    open_flow(page, studio, label="Tools", tasks=[ask_step("ask_1", "Hi")])
    node(page, "ask_1").wait_for()
    stops = page.locator(".canvas-tools button:not(:disabled)[tabindex='0']")
    expect(stops).to_have_count(1)
    tab_to(page, ".canvas-tools button")
    page.keyboard.press("End")
    expect(page.get_by_role("button", name="Zoom to Fit")).to_be_focused()
    expect(stops).to_have_count(1)
    page.keyboard.press("Tab")
    assert not page.evaluate("document.activeElement.matches('.canvas-tools *')")
