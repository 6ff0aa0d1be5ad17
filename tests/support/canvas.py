"""What tests do on the canvas of the Studio."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from support.studio import node

if TYPE_CHECKING:
    from playwright.sync_api import FloatRect, Locator, Page

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

RESTS = """() => {
  const now = document.querySelector('.react-flow__viewport').style.transform;
  const rests = now === window.lastTransform && performance.now() - window.restsSince > 250;
  if (now !== window.lastTransform) window.restsSince = performance.now();
  window.lastTransform = now;
  return rests;
}"""


def paste(page: Page, text: str) -> None:
    """Paste a text onto the canvas."""
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.locator(".canvas-stage").focus()
    page.keyboard.press("Control+v")


def tasks(page: Page) -> list[dict[str, Any]]:
    """All steps of the flow, as a copy of them says."""
    page.locator(".canvas-stage").focus()
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+c")
    found = json.loads(page.evaluate("() => navigator.clipboard.readText()"))
    return list(found["tasks"])


def names(page: Page) -> list[str]:
    """The names of all steps outside containers, in their order."""
    return [task["name"] for task in tasks(page)]


def box(locator: Locator) -> FloatRect:
    """Where an element is; it must be in the page."""
    found = locator.bounding_box()
    assert found is not None
    return found


def drag(page: Page, source: tuple[float, float], target: tuple[float, float]) -> None:
    """Drag with the mouse from one point to another."""
    page.mouse.move(*source)
    page.mouse.down()
    page.mouse.move(source[0] + 8, source[1] + 8)
    page.mouse.move(*target, steps=6)
    page.mouse.up()


def middle(locator: Locator) -> tuple[float, float]:
    """The middle of an element."""
    found = box(locator)
    return found["x"] + found["width"] / 2, found["y"] + found["height"] / 2


def open_story(page: Page) -> None:
    """Open the flow of three steps, with nothing selected."""
    paste(page, json.dumps(STORY))
    node(page, "ask_2").wait_for()
    page.keyboard.press("Escape")
    page.wait_for_function("() => !document.querySelector('.canvas-selected')")
    page.get_by_role("button", name="Zoom to Fit").click()
    # The zoom is animated; it rests when two frames show the same.
    page.wait_for_function(RESTS)
