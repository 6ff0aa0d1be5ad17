"""Edges of the canvas: drawn, dropped onto, and what they carry."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from support.canvas import RESTS, STORY, box, drag, middle, open_story, paste, tasks
from support.http_face import Served
from support.http_runs import until
from support.studio import ask_step, node, open_flow

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_an_action_dropped_on_an_edge_passes_on_what_the_edge_carries(canvas: Page) -> None:
    told = {"model": "sandbox/echo", "userPrompt": "Shorten ${ask_1}"}
    reader = {"label": "Short", "name": "ask_2", "type": "openRouter/v1/ask", "parameters": told}
    paste(canvas, json.dumps({"tasks": [STORY["tasks"][0], reader]}))
    node(canvas, "ask_2").wait_for()
    canvas.get_by_role("button", name="Zoom to Fit").click()
    canvas.wait_for_function(RESTS)
    above, below = box(node(canvas, "ask_1")), box(node(canvas, "ask_2"))
    x, y = middle(node(canvas, "ask_1"))[0], (above["y"] + above["height"] + below["y"]) / 2
    view = canvas.locator(".react-flow__viewport").get_attribute("style")
    drag(canvas, middle(canvas.locator(".palette-row", has_text="Ask").first), (x, y))
    node(canvas, "ask_3").wait_for()

    assert canvas.locator(".react-flow__viewport").get_attribute("style") == view
    first, between, last = tasks(canvas)
    assert (first["name"], between["name"]) == ("ask_1", "ask_3")
    assert between["parameters"]["userPrompt"] == "${ask_1}"
    assert last["parameters"]["userPrompt"] == "Shorten ${ask_3}"


def test_a_step_without_wires_is_dragged_onto_an_edge(canvas: Page, studio: Served) -> None:
    steps = [
        ask_step("ask_1", "Plan"),
        ask_step("ask_2", "Shorten ${ask_1}"),
        ask_step("ask_3", ""),
    ]
    open_flow(canvas, studio, label="Wires", tasks=steps)
    canvas.wait_for_function(RESTS)
    above, below = box(node(canvas, "ask_1")), box(node(canvas, "ask_2"))
    x, y = middle(node(canvas, "ask_1"))[0], (above["y"] + above["height"] + below["y"]) / 2
    drag(canvas, middle(node(canvas, "ask_3").locator("header")), (x, y))

    until(lambda: [task["name"] for task in tasks(canvas)] == ["ask_1", "ask_3", "ask_2"])
    _, between, last = tasks(canvas)
    assert between["parameters"]["userPrompt"] == "${ask_1}"
    assert last["parameters"]["userPrompt"] == "Shorten ${ask_3}"
    canvas.keyboard.press("Control+z")
    assert [task["name"] for task in tasks(canvas)] == ["ask_1", "ask_2", "ask_3"]
    assert tasks(canvas)[1]["parameters"]["userPrompt"] == "Shorten ${ask_1}"


def test_drawing_an_edge_offers_the_fields_and_puts_a_pill(canvas: Page) -> None:
    open_story(canvas)
    source = node(canvas, "ask_1").locator(".canvas-port-out")
    target = node(canvas, "ask_2").locator(".canvas-port-in")
    drag(canvas, middle(source), middle(target))
    canvas.get_by_role("dialog", name="Connect ask_1 to ask_2").wait_for()
    canvas.keyboard.press("Enter")
    canvas.locator(".canvas-edge-data").first.wait_for()

    assert tasks(canvas)[2]["parameters"]["userPrompt"] == "Write a blurb ${ask_1}"


def test_an_edge_that_exists_already_is_selected_and_not_written_twice(canvas: Page) -> None:
    open_story(canvas)
    source = node(canvas, "ask_1").locator(".canvas-port-out")
    target = node(canvas, "ask_2").locator(".canvas-port-in")
    for _ in range(2):
        drag(canvas, middle(source), middle(target))
        canvas.get_by_role("dialog", name="Connect ask_1 to ask_2").wait_for()
        canvas.keyboard.press("Enter")
        canvas.locator(".canvas-edge-data").first.wait_for()
    canvas.locator(".react-flow__edge.selected").wait_for()

    assert tasks(canvas)[2]["parameters"]["userPrompt"] == "Write a blurb ${ask_1}"


def test_the_label_of_an_edge_is_quiet_until_a_run_fails(canvas: Page, studio: Served) -> None:
    choice = {"rawExpression": True, "expression": "=1 > 0", "caseTrue": [], "caseFalse": []}
    condition = {"name": "condition_1", "type": "condition/v1", "parameters": choice}
    open_flow(canvas, studio, label="Labels", tasks=[condition, ask_step("ask_1", "Hi")])
    label = canvas.locator(".canvas-edge-label", has_text="true")
    quiet = canvas.evaluate("getComputedStyle(document.body).getPropertyValue('--text-3')")
    shown = label.evaluate(
        """(label, quiet) => {
      const sample = document.body.appendChild(document.createElement("i"));
      sample.style.color = quiet;
      return [getComputedStyle(label).fill, getComputedStyle(sample).color];
    }""",
        quiet,
    )
    assert shown[0] == shown[1]


def test_an_edge_is_drawn_by_keyboard_alone(canvas: Page) -> None:
    open_story(canvas)
    node(canvas, "ask_1").locator("header").click()
    canvas.keyboard.press("e")
    for _ in range(3):
        if "canvas-selected" in (node(canvas, "ask_2").get_attribute("class") or ""):
            break
        canvas.keyboard.press("ArrowDown")
    canvas.keyboard.press("Enter")
    canvas.get_by_role("dialog").wait_for()
    canvas.keyboard.press("Enter")
    canvas.locator(".canvas-edge-data").first.wait_for()


def test_an_edge_on_the_bare_canvas_asks_for_the_next_step(canvas: Page) -> None:
    open_story(canvas)
    source = middle(node(canvas, "ask_1").locator(".canvas-port-out"))
    drag(canvas, source, (source[0] - 300, source[1] + 150))
    canvas.keyboard.type("create image")
    canvas.keyboard.press("Enter")
    node(canvas, "createImage_2").wait_for()

    added = next(task for task in tasks(canvas) if task["name"] == "createImage_2")
    assert added["parameters"]["imageMessages"] == [{"content": "${ask_1}"}]


def in_the_middle(page: Page, name: str) -> None:
    """Wait until a node is in the middle of the canvas, as it is after a paste."""
    page.wait_for_function(
        """(id) => {
          const middle = (selector) => {
            const { x, width } = document.querySelector(selector).getBoundingClientRect();
            return x + width / 2;
          };
          return Math.abs(middle(id) - middle(".canvas-stage")) < 2;
        }""",
        arg=f"#node-{name}",
    )


def test_an_image_that_leads_to_vision_is_in_its_list_and_the_view_stays(canvas: Page) -> None:
    picture = {"model": "sandbox/painter", "imageMessages": [{"content": "A hat"}]}
    task = {"name": "createImage_1", "type": "openRouter/v1/createImage", "parameters": picture}
    paste(canvas, json.dumps({"tasks": [task]}))
    node(canvas, "createImage_1").wait_for()
    in_the_middle(canvas, "createImage_1")
    place = box(node(canvas, "createImage_1"))
    source = middle(node(canvas, "createImage_1").locator(".canvas-port-out"))
    drag(canvas, source, (source[0] - 150, source[1] + 60))
    canvas.keyboard.type("vision")
    canvas.keyboard.press("Enter")
    node(canvas, "vision_1").wait_for()

    assert box(node(canvas, "createImage_1")) == place
    assert tasks(canvas)[1]["parameters"]["imageUrls"] == ["${createImage_1}"]
