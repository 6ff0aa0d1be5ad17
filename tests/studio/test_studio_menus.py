"""What a person adds is found by everyday words, by keys alone, and named as people name it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from support.http_face import Served
from support.studio import ask_step, field, node, open_flow, saved_tasks

if TYPE_CHECKING:
    from playwright.sync_api import Page


def search(page: Page, text: str) -> str:
    """Return the title of what the palette finds first."""
    page.get_by_role("textbox", name="Find an action").fill(text)
    return page.locator(".palette-row").first.inner_text()


def test_the_palette_finds_actions_by_everyday_words(page: Page) -> None:
    page.locator(".palette-row").first.wait_for()
    found = {word: search(page, word) for word in ("draw", "tts", "stt", "subtitles", "llm")}
    assert found == {
        "draw": "Create Image",
        "tts": "Create Speech",
        "stt": "Create Transcription",
        "subtitles": "Create Transcription",
        "llm": "Ask",
    }
    search(page, "ocr")
    assert page.locator(".palette-row").all_inner_texts() == ["Analyze Images", "Vision"]


def test_the_menu_begins_with_the_best_match_and_an_each_without_items_is_a_problem(
    page: Page,
) -> None:
    page.locator(".canvas-stage").focus()
    page.keyboard.press("/")
    first = page.locator(".command-row").first
    for word, title in {"if": "Condition", "each": "Each"}.items():
        page.get_by_role("combobox").fill(word)
        first.locator("b", has_text=re.compile(f"^{title}$")).wait_for()
    page.keyboard.press("Enter")
    node(page, "each_1").wait_for()

    page.locator(".runbar").get_by_text("1 problem").wait_for()


def test_a_step_with_missing_values_is_opened_by_keys_and_is_not_sent(
    page: Page, studio: Served
) -> None:
    page.locator(".canvas-stage").focus()
    page.keyboard.press("/")
    page.get_by_role("combobox").fill("ask")
    page.keyboard.press("Control+Enter")
    page.locator('[data-path="model"] .model-control:focus').wait_for()
    page.locator(".runbar").get_by_text("2 problems").wait_for()
    page.keyboard.press("Control+Enter")

    page.get_by_text("Fill in the 2 marked fields first.").wait_for()
    assert studio.api.get("/api/runs").json() == []


def test_the_palette_is_one_stop_of_tab_behind_the_canvas(page: Page) -> None:
    page.locator(".palette-row").first.wait_for()
    page.locator(".canvas-stage").focus()
    page.wait_for_function(
        "() => document.querySelectorAll('.palette-list button[tabindex=\"0\"]').length === 1"
    )
    page.get_by_role("textbox", name="Find an action").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")  # unfolds the catalogue
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.locator(".react-flow__node").wait_for()
    order = "a => a[0].compareDocumentPosition(a[1]) & Node.DOCUMENT_POSITION_FOLLOWING"
    ends = page.locator(".canvas-stage"), page.locator(".palette")
    assert page.evaluate(order, [one.element_handle() for one in ends])


def test_a_model_of_the_menu_is_set_on_the_selected_step_or_begins_one(
    page: Page, studio: Served
) -> None:
    open_flow(page, studio, label="One", tasks=[ask_step("ask_1", "Hi")])
    node(page, "ask_1").locator("header").click()
    page.locator(".canvas-stage").focus()
    page.keyboard.press("/")
    page.keyboard.type("sandbox/slow")
    page.get_by_role("option", name=re.compile("set on ask_1")).first.click()
    page.locator(".command").wait_for(state="detached")
    field(page, "model").get_by_text("sandbox/slow", exact=True).wait_for()
    page.locator(".canvas-stage").focus()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("sandbox/slow")
    page.get_by_role("option", name=re.compile("add Ask with it")).first.click()
    node(page, "ask_2").wait_for()

    models = [task["parameters"]["model"] for task in saved_tasks(page, studio)]
    assert models == ["sandbox/slow", "sandbox/slow"]


def test_undo_names_the_field_by_its_label(page: Page, studio: Served) -> None:
    open_flow(page, studio, label="One", tasks=[ask_step("ask_1", "Hi")])
    node(page, "ask_1").locator("header").click()
    prompt = field(page, "userPrompt").get_by_role("textbox")
    prompt.click()
    page.keyboard.type(" there")
    page.locator(".canvas-stage").focus()
    page.keyboard.press("Control+z")
    toast = page.get_by_text("Undone: changing Prompt")
    toast.wait_for()
    spot, tools = toast.bounding_box(), page.locator(".canvas-tools").bounding_box()
    assert spot is not None and tools is not None
    assert spot["y"] + spot["height"] <= tools["y"]


def test_new_flows_are_numbered_and_a_pasted_flow_brings_its_own_name(
    page: Page, studio: Served
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    studio.api.post("/api/flows", json={"flow": {"label": "Untitled Flow", "tasks": []}})
    page.get_by_role("button", name=re.compile("Untitled Flow")).click()
    page.get_by_role("menuitem", name="New Flow").click()
    page.get_by_role("button", name=re.compile("Untitled Flow 2")).wait_for()
    outputs = [{"name": "text", "value": "${ask_1}"}]
    whole = {"label": "Brought", "tasks": [ask_step("ask_1", "Hi")], "outputs": outputs}
    page.evaluate("text => navigator.clipboard.writeText(text)", json.dumps(whole))
    page.locator(".canvas-stage").focus()
    page.keyboard.press("Control+v")
    page.get_by_role("button", name=re.compile("Brought")).wait_for()

    page.locator('[id="node-output:text"]').click()
    assert field(page, "outputs[0].value").get_by_text("ask_1").is_visible()
