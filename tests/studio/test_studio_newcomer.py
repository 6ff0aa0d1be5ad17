"""The first hour of somebody new: each kind of result, made by clicks, in the sandbox."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from support.http_face import Served
from support.studio import choose_model, field, node, saved_tasks

if TYPE_CHECKING:
    from playwright.sync_api import Page

PROMPT = "Tell the keeper of the lighthouse what the sea said last night. "

# A text that comes in pieces is seen at more than one length. The page keeps them: it is soon over.
_WATCH = """() => {
  window.lengths = new Set();
  new MutationObserver(() => {
    const text = document.querySelector(".result-live, .result-text-node")?.textContent ?? "";
    if (text) window.lengths.add(text.length);
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""


def offer(page: Page, title: str) -> None:
    """Add the first action by the button of the empty canvas."""
    page.locator(".empty-action", has_text=title).click()


def add(page: Page, text: str) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def write(page: Page, path: str, text: str) -> None:
    field(page, path).get_by_role("textbox").click()
    page.keyboard.insert_text(text)


def run(page: Page) -> None:
    page.locator(".runbar").get_by_role("button", name="Run", exact=True).click()
    page.wait_for_selector(".runbar-outcome-done", timeout=20_000)


def test_a_newcomer_asks_a_model_and_sees_text_and_cost(page: Page) -> None:
    page.get_by_text("You are in the sandbox.").wait_for()
    offer(page, "Ask")
    choose_model(page, "sandbox/echo")
    write(page, "userPrompt", PROMPT * 200)
    page.evaluate(_WATCH)
    run(page)

    assert PROMPT in node(page, "ask_1").inner_text()
    assert len(page.evaluate("() => [...window.lengths]")) > 1
    cost = page.inner_text(".runbar-cost")
    assert re.search(r"\$0\.0+[1-9]", cost), cost
    page.get_by_text("Saved · v").wait_for()


def test_an_image_is_shown_on_its_node_and_opens_large(page: Page) -> None:
    offer(page, "Create Image")
    choose_model(page, "sandbox/painter")
    field(page, "imageMessages").get_by_role("button", name="Add Item").click()
    write(page, "imageMessages[0].content", "A lighthouse at dawn")
    run(page)
    picture = node(page, "createImage_1").locator("img")
    picture.wait_for()
    page.wait_for_function("() => document.querySelector('.canvas-node img').naturalWidth > 100")
    picture.click()

    page.get_by_role("dialog").get_by_role("link", name="Download").wait_for()


def test_speech_has_a_length_and_is_transcribed_through_a_pill(page: Page, studio: Served) -> None:
    offer(page, "Create Speech")
    choose_model(page, "sandbox/speaker")
    write(page, "input", "The lamp turns at night.")
    field(page, "voice").get_by_role("combobox").click()
    page.get_by_role("option").first.click()
    add(page, "transcri")
    node(page, "createTranscription_1").wait_for()
    choose_model(page, "sandbox/listener")
    run(page)
    page.wait_for_function("() => document.querySelector('.canvas-node audio').duration > 0")

    assert "The lamp turns at night." in node(page, "createTranscription_1").inner_text()
    speech, transcription = saved_tasks(page, studio)
    assert transcription["parameters"]["file"] == f"${{{speech['name']}}}"


@pytest.mark.parametrize("number", range(4))
def test_a_template_has_models_of_the_sandbox_and_can_run(
    page: Page, studio: Served, number: int
) -> None:
    page.locator(".empty-template").nth(number).click()
    page.locator(".canvas-node").first.wait_for()
    tasks = saved_tasks(page, studio)
    flow = studio.api.get(f"/api/flows/{page.url.rpartition('/')[2]}").json()["flow"]
    check = studio.api.post("/api/flows/check", json={"flow": flow, "estimate": True}).json()

    models = set(re.findall(r'"model": "([^"]+)"', json.dumps(tasks)))
    assert models
    assert all(model.startswith("sandbox/") for model in models), models
    assert check["canRun"], check["problems"]
    assert page.locator(".canvas-words-problem").count() == 0
