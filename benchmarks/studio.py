"""The Studio in a real browser on loopback: how long the first page takes, and what it loads.

    python -m benchmarks.studio        needs the built pages (`make bundle`) and Chromium

A frame is what the browser's own trace calls one; nothing here is timed by a script in the page.
"""

from __future__ import annotations

import gzip
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

from tools.chromium import chromium
from tools.studio_server import studio_server

from openrouter_connector.faces.http.studio import BUNDLE, Bundle

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession

TIMES = 5
_CATEGORIES = "loading,blink.user_timing,devtools.timeline"
_PAINTS = ("firstContentfulPaint", "largestContentfulPaint::Candidate")


class Figure(NamedTuple):
    """A figure with its unit and the largest value that is good enough."""

    title: str
    unit: str
    value: float
    most: float


def main() -> int:
    """Measure and print. Return 1 if a figure is beyond its target, 2 if nothing is built."""
    if not Bundle(BUNDLE).is_built:
        print("the Studio is not built; run `make bundle`")
        return 2
    figures = [*sizes(), *in_browser(first_load)]
    for one in figures:
        met = "" if one.value <= one.most else f"  (target: {one.most:g})"
        print(f"{one.title:<40} {one.value:>10.1f} {one.unit}{met}")
    return int(any(one.value > one.most for one in figures))


def sizes() -> Iterator[Figure]:
    """Yield the size of the script that the page names, and of all scripts together."""
    page = (BUNDLE / "index.html").read_text(encoding="utf-8")
    scripts = {file.name: _zipped(file) for file in (BUNDLE / "assets").glob("*.js")}
    at_once = sum(size for name, size in scripts.items() if name in page)
    yield Figure("script of the first page, gzip", "kB", at_once, 300)
    yield Figure("all scripts, gzip", "kB", sum(scripts.values()), 600)


def in_browser(*measures: Callable[[Browser, str], Iterator[Figure]]) -> Iterator[Figure]:
    """Yield the figures of measures that need a browser and the address of a server."""
    with TemporaryDirectory() as name, studio_server(Path(name)) as url, chromium() as browser:
        for measure in measures:
            yield from measure(browser, url)


def first_load(browser: Browser, url: str) -> Iterator[Figure]:
    """Yield the time from the request of the page to its largest paint, with an empty cache."""
    taken = []
    for _ in range(TIMES):
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        page = context.new_page()
        with trace(context.new_cdp_session(page)) as events:
            page.goto(url)
            page.wait_for_load_state("networkidle")
            page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        context.close()
        taken.append(_largest_paint(events, url))
    yield Figure("first load, to the largest paint", "ms", median(taken), 1000)


@contextmanager
def trace(session: CDPSession) -> Iterator[list[dict[str, Any]]]:
    """Trace the browser during the block; the events are in the list when it ends."""
    events: list[dict[str, Any]] = []
    ended: list[bool] = []
    session.on("Tracing.dataCollected", lambda data: events.extend(data["value"]))
    session.on("Tracing.tracingComplete", lambda _: ended.append(True))
    session.send("Tracing.start", {"transferMode": "ReportEvents", "categories": _CATEGORIES})
    yield events
    session.send("Tracing.end")
    while not ended:
        session.send("Runtime.evaluate", {"expression": "0"})  # lets the events arrive


def _largest_paint(events: list[dict[str, Any]], url: str) -> float:
    """Return the milliseconds from the start of the navigation to a page to its largest paint."""
    start = min(
        one["ts"]
        for one in events
        if one["name"] == "navigationStart" and _loaded_url(one).startswith(url)
    )
    paints = [one["ts"] for one in events if one["name"] in _PAINTS and one["ts"] > start]
    return float(max(paints) - start) / 1000


def _loaded_url(event: dict[str, Any]) -> str:
    return str(event["args"].get("data", {}).get("documentLoaderURL", ""))


def _zipped(file: Path) -> float:
    return len(gzip.compress(file.read_bytes())) / 1000


if __name__ == "__main__":
    sys.exit(main())
