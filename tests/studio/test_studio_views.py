"""Going from one view to another and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from support.http_face import Served
from support.studio import ask_step, node, open_flow

if TYPE_CHECKING:
    from playwright.sync_api import Page


def sight(page: Page) -> str:
    return str(page.locator(".react-flow__viewport").get_attribute("style"))


def test_the_canvas_is_found_as_it_was_left(page: Page, studio: Served) -> None:
    open_flow(page, studio, label="Views", tasks=[ask_step("ask_1", "Hi"), ask_step("ask_2", "Ho")])
    page.locator(".canvas-stage").focus()
    page.keyboard.press("Shift+1")
    page.locator(".canvas-stage").hover()
    page.mouse.wheel(40, -120)
    page.wait_for_timeout(400)  # the wheel moves the view for a moment
    before = sight(page)
    page.get_by_role("tab", name="Runs").click()
    page.get_by_role("tab", name="Canvas").click()
    node(page, "ask_1").wait_for()

    expect(page.locator(".react-flow__viewport")).to_have_attribute("style", before)


def test_a_flow_that_is_opened_elsewhere_is_shown_whole(page: Page, studio: Served) -> None:
    steps = [ask_step(f"ask_{number}", f"${{ask_{number - 1}}}") for number in range(2, 8)]
    flow = {"label": "Elsewhere", "tasks": [ask_step("ask_1", "Hi"), *steps]}
    id = studio.api.post("/api/flows", json={"flow": flow}).json()["id"]
    page.goto("about:blank")
    page.goto(f"/#/canvas/{id}")
    node(page, "ask_7").wait_for()
    page.get_by_role("tab", name="Connections").click()
    page.reload()
    page.get_by_role("tab", name="Canvas").click()

    for name in ("ask_1", "ask_7"):
        expect(node(page, name)).to_be_in_viewport(ratio=0.99)
