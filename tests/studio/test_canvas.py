"""The canvas in a real browser: steps are added, joined, moved and undone, by mouse and keys."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from support.http_face import Served
from support.http_runs import until
from support.studio import ask_step, open_flow

if TYPE_CHECKING:
    from playwright.sync_api import FloatRect, Locator, Page

    from support.studio import Troubles

STORY: dict[str, Any] = {
    "label": "Story",
    "inputs": [{"name": "topic", "type": "string"}],
    "tasks": [
        {
            "label": "Plan",
            "name": "ask_1",
            "type": "openRouter/v1/ask",
            "parameters": {"model": "sandbox/echo", "userPrompt": "Plan a story"},
        },
        {
            "label": "Each Scene",
            "name": "each_1",
            "type": "each/v1",
            "parameters": {
                "items": ["a", "b"],
                "iteratee": [
                    {
                        "label": "Draw",
                        "name": "createImage_1",
                        "type": "openRouter/v1/createImage",
                        "parameters": {
                            "model": "sandbox/painter",
                            "imageMessages": [{"content": "Draw ${each_1.item}"}],
                        },
                    }
                ],
            },
        },
        {
            "label": "Blurb",
            "name": "ask_2",
            "type": "openRouter/v1/ask",
            "parameters": {"model": "sandbox/echo", "userPrompt": "Write a blurb"},
        },
    ],
}

_RESTS = """() => {
  const now = document.querySelector('.react-flow__viewport').style.transform;
  const rests = now === window.lastTransform && performance.now() - window.restsSince > 250;
  if (now !== window.lastTransform) window.restsSince = performance.now();
  window.lastTransform = now;
  return rests;
}"""


@pytest.fixture
def canvas(page: Page) -> Iterator[Page]:
    """The page with an empty canvas, and a clipboard."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("heading", name="What should this flow do first?").wait_for()
    yield page


def paste(page: Page, text: str) -> None:
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.locator(".canvas-stage").focus()
    page.keyboard.press("Control+v")


def node(page: Page, name: str) -> Locator:
    return page.locator(f"#node-{name}")


def tasks(page: Page) -> list[dict[str, Any]]:
    """All steps of the flow, as a copy of them says."""
    page.locator(".canvas-stage").focus()
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+c")
    found = json.loads(page.evaluate("() => navigator.clipboard.readText()"))
    return list(found["tasks"])


def names(page: Page) -> list[str]:
    return [task["name"] for task in tasks(page)]


def box(locator: Locator) -> FloatRect:
    found = locator.bounding_box()
    assert found is not None
    return found


def drag(page: Page, source: tuple[float, float], target: tuple[float, float]) -> None:
    page.mouse.move(*source)
    page.mouse.down()
    page.mouse.move(source[0] + 8, source[1] + 8)
    page.mouse.move(*target, steps=6)
    page.mouse.up()


def middle(locator: Locator) -> tuple[float, float]:
    found = box(locator)
    return found["x"] + found["width"] / 2, found["y"] + found["height"] / 2


def open_story(page: Page) -> None:
    paste(page, json.dumps(STORY))
    node(page, "ask_2").wait_for()
    page.keyboard.press("Escape")
    page.wait_for_function("() => !document.querySelector('.canvas-selected')")
    page.get_by_role("button", name="Zoom to Fit").click()
    # The zoom is animated; it rests when two frames show the same.
    page.wait_for_function(_RESTS)


def test_the_palette_shows_the_groups_of_the_definition(canvas: Page, studio: Served) -> None:
    actions = studio.api.get("/api/component").json()["actions"]
    rows = canvas.locator(".palette-row")
    folded = [one for one in actions if one["group"] in ("Catalogue", "Account")]

    assert rows.count() == len(actions) - len(folded)
    canvas.get_by_role("button", name="Catalogue").click()
    canvas.get_by_role("button", name="Account").click()
    assert rows.count() == len(actions)


def test_a_step_is_added_by_the_menu_and_reads_the_selected_one(canvas: Page) -> None:
    canvas.keyboard.press("/")
    canvas.keyboard.type("ask")
    canvas.keyboard.press("Enter")
    node(canvas, "ask_1").wait_for()
    canvas.keyboard.press("/")
    canvas.keyboard.type("create sp")
    canvas.keyboard.press("Enter")
    node(canvas, "createSpeech_1").wait_for()

    first, second = tasks(canvas)
    assert first["parameters"]["format"] == "SIMPLE"
    assert second["parameters"]["input"] == "${ask_1}"
    assert canvas.locator(".canvas-edge-data").count() == 1


def test_a_template_fills_the_canvas_and_is_one_step_of_undo(canvas: Page) -> None:
    canvas.get_by_role("button", name=re.compile("An image that is criticised")).click()
    node(canvas, "attempts").wait_for()
    assert canvas.locator(".canvas-pane").count() == 1
    canvas.keyboard.press("Control+z")
    canvas.get_by_role("heading", name="What should this flow do first?").wait_for()


def test_an_action_is_dragged_from_the_palette_into_a_container(canvas: Page) -> None:
    open_story(canvas)
    pane = box(node(canvas, "each_1"))
    row = canvas.locator(".palette-row", has_text="Create Speech")
    drag(canvas, middle(row), (pane["x"] + 40, pane["y"] + pane["height"] - 6))
    node(canvas, "createSpeech_1").wait_for()

    inner = tasks(canvas)[1]["parameters"]["iteratee"]
    assert [task["name"] for task in inner] == ["createImage_1", "createSpeech_1"]


def test_an_action_dropped_on_an_edge_passes_on_what_the_edge_carries(canvas: Page) -> None:
    told = {"model": "sandbox/echo", "userPrompt": "Shorten ${ask_1}"}
    reader = {"label": "Short", "name": "ask_2", "type": "openRouter/v1/ask", "parameters": told}
    paste(canvas, json.dumps({"tasks": [STORY["tasks"][0], reader]}))
    node(canvas, "ask_2").wait_for()
    canvas.get_by_role("button", name="Zoom to Fit").click()
    canvas.wait_for_function(_RESTS)
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
    canvas.wait_for_function(_RESTS)
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


def test_a_step_is_dragged_into_a_container_and_undone(canvas: Page) -> None:
    open_story(canvas)
    pane = box(node(canvas, "each_1"))
    title = middle(node(canvas, "ask_2").locator("header"))
    drag(canvas, title, (pane["x"] + pane["width"] / 2, pane["y"] + pane["height"] - 6))
    canvas.wait_for_function("() => document.querySelectorAll('.canvas-selected').length > 0")
    assert names(canvas) == ["ask_1", "each_1"]
    canvas.keyboard.press("Control+z")
    assert names(canvas) == ["ask_1", "each_1", "ask_2"]


def test_a_step_keeps_the_place_where_it_is_dropped(canvas: Page) -> None:
    open_story(canvas)
    title = middle(node(canvas, "ask_2").locator("header"))
    drag(canvas, title, (title[0] + 260, title[1] + 20))
    place = tasks(canvas)[2]["metadata"]["ui"]["nodePosition"]
    assert isinstance(place["x"], (int, float))
    canvas.keyboard.press("Shift+L")
    assert "nodePosition" not in tasks(canvas)[2]["metadata"]["ui"]


def test_drawing_an_edge_offers_the_fields_and_puts_a_pill(canvas: Page) -> None:
    open_story(canvas)
    source = node(canvas, "ask_1").locator(".canvas-port-out")
    target = node(canvas, "ask_2").locator(".canvas-port-in")
    drag(canvas, middle(source), middle(target))
    canvas.get_by_role("dialog", name="Connect ask_1 to ask_2").wait_for()
    canvas.keyboard.press("Enter")
    canvas.locator(".canvas-edge-data").first.wait_for()

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
    """Wait until a node stands in the middle of the stage: what was pasted is shown whole."""
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


def test_a_plain_click_selects_one_of_several_also_in_a_container(canvas: Page) -> None:
    open_story(canvas)
    for name in ("ask_2", "createImage_1"):
        canvas.locator(".canvas-stage").focus()
        canvas.keyboard.press("Control+a")
        canvas.get_by_role("toolbar", name="4 selected").wait_for()
        node(canvas, name).locator("header").click()
        canvas.get_by_role("toolbar", name="4 selected").wait_for(state="detached")
        assert canvas.locator(".canvas-selected").count() == 1
        assert "canvas-selected" in (node(canvas, name).get_attribute("class") or "")


def test_a_long_flow_fits_into_sight_beside_the_map(canvas: Page) -> None:
    steps = [
        {
            "name": f"ask_{number}",
            "type": "openRouter/v1/ask",
            "parameters": {"model": "sandbox/echo", "userPrompt": f"${{ask_{number - 1}}}"},
        }
        for number in range(1, 61)
    ]
    paste(canvas, json.dumps({"tasks": steps}))
    node(canvas, "ask_60").wait_for()
    canvas.get_by_role("button", name="Zoom to Fit").click()
    canvas.wait_for_function(_RESTS)
    frame, map_ = box(canvas.locator(".canvas-stage")), box(canvas.locator(".canvas-minimap"))
    for number in range(1, 61):
        one = box(node(canvas, f"ask_{number}"))
        right, bottom = one["x"] + one["width"], one["y"] + one["height"]
        assert one["x"] >= frame["x"] and right <= frame["x"] + frame["width"]
        assert one["y"] >= frame["y"] and bottom <= frame["y"] + frame["height"]
        assert right <= map_["x"] or bottom <= map_["y"]
        assert one["width"] > 24


def test_alt_and_arrows_move_a_step_inside_a_container(canvas: Page) -> None:
    story = json.loads(json.dumps(STORY))
    story["tasks"][1]["parameters"]["iteratee"].append({**STORY["tasks"][0], "name": "ask_9"})
    paste(canvas, json.dumps(story))
    node(canvas, "ask_9").locator("header").click()
    canvas.locator(".canvas-stage").focus()
    canvas.keyboard.press("Alt+ArrowUp")

    inner = tasks(canvas)[1]["parameters"]["iteratee"]
    assert [task["name"] for task in inner] == ["ask_9", "createImage_1"]


def test_copies_have_names_of_their_own_and_deleting_joins(canvas: Page) -> None:
    open_story(canvas)
    node(canvas, "ask_1").locator("header").click()
    canvas.keyboard.press("Control+d")
    node(canvas, "ask_3").wait_for()
    canvas.keyboard.press("Delete")
    node(canvas, "ask_3").wait_for(state="detached")
    assert names(canvas) == ["ask_1", "each_1", "ask_2"]


def test_steps_are_grouped_into_a_container(canvas: Page) -> None:
    open_story(canvas)
    node(canvas, "ask_2").locator("header").click()
    canvas.keyboard.press("g")
    canvas.keyboard.type("parallel")
    canvas.keyboard.press("Enter")
    node(canvas, "parallel_1").wait_for()
    assert tasks(canvas)[2]["parameters"]["tasks"][0]["name"] == "ask_2"


def test_a_note_is_written_and_kept_in_the_flow(canvas: Page) -> None:
    open_story(canvas)
    canvas.locator(".canvas-stage").focus()
    canvas.keyboard.press("n")
    canvas.get_by_role("textbox", name="Note").fill("Check the drawings")
    canvas.keyboard.press("Escape")
    canvas.get_by_text("Check the drawings").wait_for()


def test_any_other_text_is_given_to_the_import(canvas: Page) -> None:
    paste(canvas, "curl https://openrouter.ai/api/v1/chat/completions -d '{}'")
    canvas.get_by_role("dialog").wait_for()
    assert canvas.locator(".canvas-node").count() == 0


def test_the_shortcuts_are_listed(canvas: Page) -> None:
    canvas.keyboard.press("?")
    canvas.get_by_role("dialog", name="Shortcuts").get_by_text("Tidy up").wait_for()


def test_a_missing_model_is_marked_on_its_node_once_a_run_was_tried(
    canvas: Page, troubles: Troubles
) -> None:
    troubles.expect("422")
    canvas.locator(".empty").get_by_role("button", name="Ask", exact=True).click()
    node(canvas, "ask_1").wait_for()
    assert node(canvas, "ask_1").locator(".canvas-node-mark").count() == 0
    canvas.keyboard.press("Control+Shift+Enter")
    node(canvas, "ask_1").locator(".canvas-node-mark").wait_for()

    assert "problem" in (node(canvas, "ask_1").get_attribute("aria-label") or "")
