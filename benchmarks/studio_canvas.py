"""Measure the canvas of the Studio with 300 steps, its list of models, and what a run shows."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator
from statistics import median
from time import monotonic
from typing import TYPE_CHECKING, Any

from .studio_trace import Figure, traced

if TYPE_CHECKING:
    from playwright.sync_api import Browser, FloatRect, Page

STEPS = 300
RUNS = 100
_DRAG = 2.5  # seconds

# From the millisecond that a chunk holds to the task after the frame that shows it.
_WATCH = """() => {
  window.delays = [];
  const watch = new MutationObserver(() => requestAnimationFrame(() => setTimeout(() => {
    const text = document.querySelector(".canvas-well-result")?.textContent ?? "";
    const shown = text.match(/\\d{13}/g)?.at(-1);
    if (shown !== undefined && shown !== window.lastShown)
      window.delays.push(performance.timeOrigin + performance.now() - Number(shown));
    window.lastShown = shown;
  })));
  watch.observe(document.body, { subtree: true, childList: true, characterData: true });
}"""


def large_flow(browser: Browser, url: str) -> Iterator[Figure]:
    """Yield figures of a flow of 300 steps: dragging, selecting, typing, adding, undoing."""
    page = _opened(browser, url, [_ask(n) for n in range(STEPS)])
    with traced(page) as trace:
        moves = _drag(page)
    frames = max(1, trace.frames)
    yield Figure("drag one of 300 steps", "frames/s", frames / _DRAG, least=50)
    yield Figure("… moves of the mouse", "moves/s", moves / _DRAG)
    yield Figure("… script", "ms of CPU/frame", trace.script / frames)
    yield Figure("… all work of the page", "ms of CPU/frame", trace.work / frames, 20)
    page.keyboard.press("Control+z")
    yield from _paint("300 steps: select one", page, lambda: _select(page))
    editor = page.locator('.inspector [data-path="userPrompt"] [role=textbox]')
    editor.click()
    yield from _paint("300 steps: type in a prompt", page, lambda: _type(page, "Tell a story."))
    page.locator(".canvas-stage").focus()
    yield from _paint("300 steps: add one", page, lambda: _add(page))
    page.locator(".canvas-stage").focus()
    yield from _paint("300 steps: undo", page, lambda: page.keyboard.press("Control+z"))
    page.context.close()


def model_list(browser: Browser, url: str) -> Iterator[Figure]:
    """Yield figures of the open list of 400 models."""
    page = _opened(browser, url, [_ask(0)])
    page.locator(".canvas-node-head").click()
    page.locator(".model-control").click()
    page.get_by_role("option").first.wait_for()
    yield from _paint("400 models: arrow keys", page, lambda: _press(page, "ArrowDown", 20))
    yield from _paint("400 models: search", page, lambda: _type(page, "model-39"))
    page.context.close()


def streaming(browser: Browser, url: str) -> Iterator[Figure]:
    """Yield the time from a chunk of an answer at the API to the frame that shows it."""
    page = _opened(browser, url, [_ask(0, "Answer slowly")])
    page.evaluate(_WATCH)
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("button", name="Run Again").wait_for(timeout=60_000)
    delays = sorted(page.evaluate("window.delays"))
    yield Figure("streamed text, after its chunk", "ms", median(delays), 50)
    yield Figure("… 95th percentile", "ms", delays[int(len(delays) * 0.95)])
    page.context.close()


def memory(browser: Browser, url: str) -> Iterator[Figure]:
    """Yield how much the heap grows from the tenth run to the last."""
    page = _opened(browser, url, [_ask(n) for n in range(3)])
    page.get_by_role("button", name="Run", exact=True).click()
    sizes = []
    for number in range(RUNS):
        again = page.get_by_role("button", name="Run Again")
        again.wait_for(timeout=60_000)
        if number in (9, RUNS - 1):
            sizes.append(_heap(page))
        again.click()
    yield Figure("heap after 10 runs", "MB", sizes[0])
    yield Figure("… growth to 100 runs", "MB", sizes[1] - sizes[0], 2)
    page.context.close()


def _heap(page: Page) -> float:
    """Return the megabytes of live objects."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.enable")
    session.send("HeapProfiler.collectGarbage")
    used = session.send("Runtime.getHeapUsage")["usedSize"]
    session.detach()
    return float(used) / 1e6


def _opened(browser: Browser, url: str, tasks: list[dict[str, Any]]) -> Page:
    """Return a page with a new flow of these steps."""
    body = json.dumps({"flow": {"label": "Measured", "tasks": tasks}}).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}api/flows", body, headers)
    with urllib.request.urlopen(request) as response:
        id = json.load(response)["id"]
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.set_default_timeout(30_000)
    page.goto(f"{url}#/canvas/{id}")
    page.locator(".canvas-node-head").first.wait_for()
    page.wait_for_timeout(1500)  # everything else is loaded
    if len(tasks) > 20:
        page.locator(".canvas-zoom").click()
        page.wait_for_timeout(1000)
    return page


def _ask(number: int, prompt: str = "Hi") -> dict[str, Any]:
    reads = f"Say ${{ask_{number - 5}}}" if number >= 5 else prompt
    return {
        "label": f"Step {number}",
        "name": f"ask_{number}",
        "type": "openRouter/v1/ask",
        "parameters": {
            "supportedParameters": ["max_tokens"],
            "model": "author-1/model-1",
            "format": "SIMPLE",
            "userPrompt": reads,
            "response": {"responseFormat": "TEXT"},
        },
    }


def _drag(page: Page) -> int:
    """Move a node about for a while; return how often the mouse was moved."""
    box = _heads_in_sight(page)[0]
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    end, moves = monotonic() + _DRAG, 0
    while monotonic() < end:
        moves += 1
        page.mouse.move(x + moves % 60 * 3, y + moves % 40 * 3)
    page.mouse.up()
    return moves


def _heads_in_sight(page: Page) -> list[FloatRect]:
    boxes = [head.bounding_box() for head in page.locator(".canvas-node-head").all()]
    return [box for box in boxes if box and 250 < box["x"] < 800 and 100 < box["y"] < 700]


def _select(page: Page) -> None:
    for box in _heads_in_sight(page)[:3]:
        page.mouse.click(box["x"] + 60, box["y"] + 20)
        page.wait_for_timeout(400)


def _add(page: Page) -> None:
    page.keyboard.press("/")
    _type(page, "ask")
    page.keyboard.press("Enter")
    page.wait_for_timeout(500)


def _press(page: Page, key: str, times: int) -> None:
    for _ in range(times):
        page.keyboard.press(key)
        page.wait_for_timeout(30)


def _type(page: Page, text: str) -> None:
    page.keyboard.type(text, delay=80)


def _paint(title: str, page: Page, act: Callable[[], object]) -> Iterator[Figure]:
    """Yield the longest time from an input to the next paint, and the longest task of the page."""
    with traced(page) as trace:
        act()
        page.wait_for_timeout(600)
    yield Figure(f"{title}, to the next paint", "ms", trace.longest_interaction, 100)
    yield Figure("… longest task", "ms of CPU", trace.longest_task)
