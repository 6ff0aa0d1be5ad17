"""The canvas in a real browser: steps are added, joined, moved and undone, by mouse and keys."""

from __future__ import annotations

import json
import re
from itertools import combinations
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from support.canvas import RESTS, STORY, box, drag, middle, names, open_story, paste, tasks
from support.http_face import Served
from support.studio import ask_step, node

if TYPE_CHECKING:
    from playwright.sync_api import FloatRect, Page

    from support.studio import Troubles


def overlap(one: FloatRect, other: FloatRect) -> bool:
    return (
        one["x"] < other["x"] + other["width"]
        and other["x"] < one["x"] + one["width"]
        and one["y"] < other["y"] + other["height"]
        and other["y"] < one["y"] + one["height"]
    )


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
    canvas.wait_for_function(RESTS)
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


def test_copies_and_notes_lie_on_no_other_step(canvas: Page) -> None:
    step = ask_step("ask_1", "Hi") | {"metadata": {"ui": {"nodePosition": {"x": 0, "y": 0}}}}
    paste(canvas, json.dumps({"label": "One", "tasks": [step]}))
    node(canvas, "ask_1").locator("header").click()
    canvas.keyboard.press("Control+d")
    node(canvas, "ask_2").wait_for()
    for _ in range(2):
        canvas.locator(".canvas-stage").focus()
        canvas.keyboard.press("n")
        canvas.locator(".canvas-note textarea").wait_for()
        canvas.keyboard.press("Escape")
    canvas.keyboard.press("1")
    notes = canvas.locator(".canvas-note")
    expect(notes).to_have_count(2)
    canvas.wait_for_function(RESTS)

    boxes = [box(node(canvas, name)) for name in ("ask_1", "ask_2")]
    boxes += [box(one) for one in notes.all()]
    assert not any(overlap(a, b) for a, b in combinations(boxes, 2)), boxes


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
