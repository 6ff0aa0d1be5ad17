"""The Studio in a real browser on loopback: its first page, a large flow, a long list, many runs.

    python -m benchmarks.studio        needs the built pages (`make bundle`) and Chromium

Frames, interactions and work are what the browser's own trace says. A time of the processor is
that of the page alone; the others are longer on a busy machine, whose load is printed.
"""

from __future__ import annotations

import gzip
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tools.chromium import chromium
from tools.studio_server import studio_server

from openrouter_connector.faces.http.studio import BUNDLE, Bundle

from .measure import a_server
from .studio_canvas import large_flow, memory, model_list, streaming
from .studio_trace import Figure, TraceEvent, trace

if TYPE_CHECKING:
    from playwright.sync_api import Browser

TIMES = 5
_PAINTS = ("firstContentfulPaint", "largestContentfulPaint::Candidate")


def main() -> int:
    """Measure and print. Return 1 if a figure is beyond its target, 2 if nothing is built."""
    if not Bundle(BUNDLE).is_built:
        print("the Studio is not built; run `make bundle`")
        return 2
    print("| Figure | Value | Unit | Target | Met |\n|---|---:|---|---|---|")
    met = True
    for one in figures():
        word = "" if not one.target else "yes" if one.is_met else "no"
        cells = (one.title, f"{one.value:,.1f}", one.unit, one.target, word)
        print(f"| {' | '.join(cells)} |", flush=True)
        met = met and one.is_met
    print(f"\nload of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    return int(not met)


def figures() -> Iterator[Figure]:
    """Measure one after another."""
    yield from sizes()
    yield from in_browser(first_load, large_flow, model_list, streaming, memory)


def sizes() -> Iterator[Figure]:
    """Yield the size of the script that the page names, and of all scripts together."""
    page = (BUNDLE / "index.html").read_text(encoding="utf-8")
    scripts = {file.name: _zipped(file) for file in (BUNDLE / "assets").glob("*.js")}
    first = re.findall(r"assets/([\w.-]+\.js)", page)
    panel = [name for name in scripts if name.startswith("FlowInspector-")]
    layout = [name for name in scripts if name.startswith("layout-")]
    for title, names in (
        ("script until the first paint, gzip", first),
        ("… with the panel beside the canvas", [*first, *panel]),
        ("… and with a flow that has steps", [*first, *panel, *layout]),
    ):
        size = sum(scripts[name] for name in _with_imports(names))
        yield Figure(title, "kB", size, 300)
    yield Figure("all scripts, gzip", "kB", sum(scripts.values()), 600)


def _with_imports(names: Iterable[str]) -> set[str]:
    """Return the scripts and all that they need to run."""
    found, left = set[str](), set(names)
    while left:
        name = left.pop()
        found.add(name)
        text = (BUNDLE / "assets" / name).read_text(encoding="utf-8")
        left |= set(re.findall(r'(?:from|import)\s*"\./([\w.-]+\.js)"', text)) - found
    return found


def in_browser(*measures: Callable[[Browser, str], Iterator[Figure]]) -> Iterator[Figure]:
    """Yield the figures of measures that need a browser and the address of a server."""
    with (
        TemporaryDirectory() as name,
        a_server("benchmarks.studio_api") as api,
        studio_server(Path(name), api) as url,
        chromium() as browser,
    ):
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


def _largest_paint(events: list[TraceEvent], url: str) -> float:
    """Return the milliseconds from the start of the navigation to a page to its largest paint."""
    start = min(
        one["ts"]
        for one in events
        if one["name"] == "navigationStart" and _loaded_url(one).startswith(url)
    )
    paints = [one["ts"] for one in events if one["name"] in _PAINTS and one["ts"] > start]
    return float(max(paints) - start) / 1000


def _loaded_url(event: TraceEvent) -> str:
    return str(event["args"].get("data", {}).get("documentLoaderURL", ""))


def _zipped(file: Path) -> float:
    return len(gzip.compress(file.read_bytes())) / 1000


if __name__ == "__main__":
    sys.exit(main())
