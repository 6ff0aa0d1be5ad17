"""Read the browser's own trace of a page: its frames, its interactions and its work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page

CATEGORIES = ",".join(
    (
        "loading,blink.user_timing,devtools.timeline,toplevel",
        "disabled-by-default-devtools.timeline,devtools.timeline.frame",
    )
)
_SCRIPT = {"EventDispatch", "FunctionCall", "FireAnimationFrame", "TimerFire", "RunMicrotasks"}

TraceEvent = dict[str, Any]


class Figure(NamedTuple):
    """A figure with its unit, and its target: the largest value that is good enough, or `least`."""

    title: str
    unit: str
    value: float
    most: float | None = None
    least: float | None = None

    @property
    def target(self) -> str:
        """`≤ 300`, `≥ 50`, or nothing."""
        if self.least is not None:
            return f"≥ {self.least:g}"
        return "" if self.most is None else f"≤ {self.most:g}"

    @property
    def is_met(self) -> bool:
        """Whether the value is good enough."""
        if self.least is not None:
            return self.value >= self.least
        return self.most is None or self.value <= self.most


@dataclass
class Traced:
    """What happened on the main thread of a page. Milliseconds."""

    events: list[TraceEvent] = field(default_factory=list)

    @property
    def frames(self) -> int:
        """How many frames had something new from the main thread."""
        return sum(one["name"] == "Commit" for one in self._main())

    @property
    def script(self) -> float:
        """How long scripts ran."""
        return _covered(one for one in self._main() if one["name"] in _SCRIPT)

    @property
    def work(self) -> float:
        """How long the thread was busy: script, style, layout and paint."""
        return _covered(one for one in self._main() if one["name"] == "RunTask")

    @property
    def longest_task(self) -> float:
        """The longest time of the processor for which the thread could not answer."""
        tasks = [one.get("tdur", 0) for one in self._main() if one["name"] == "RunTask"]
        return max(tasks, default=0) / 1000

    @property
    def longest_interaction(self) -> float:
        """The longest time from an input to the next paint; the browser counts in 8 ms."""
        found = [
            one["args"]["data"]
            for one in self.events
            if one["name"] == "EventTiming" and "data" in one.get("args", {})
        ]
        return float(max((one["duration"] for one in found if one.get("interactionId")), default=0))

    def _main(self) -> Iterator[TraceEvent]:
        """Yield the complete events of the thread on which most scripts ran."""
        counts: dict[tuple[int, int], int] = {}
        for one in self.events:
            if one["name"] in _SCRIPT:
                key = (one["pid"], one["tid"])
                counts[key] = counts.get(key, 0) + 1
        if counts:
            main = max(counts, key=lambda key: counts[key])
            for one in self.events:
                if (one["pid"], one["tid"]) == main and "tts" in one:
                    yield one


@contextmanager
def traced(page: Page) -> Iterator[Traced]:
    """Trace a page during the block; the events are there when it ends."""
    found = Traced()
    session = page.context.new_cdp_session(page)
    with trace(session) as events:
        yield found
    session.detach()
    found.events = events


@contextmanager
def trace(session: CDPSession) -> Iterator[list[TraceEvent]]:
    """Trace the browser during the block; the events are in the list when it ends."""
    events: list[TraceEvent] = []
    ended: list[bool] = []
    session.on("Tracing.dataCollected", lambda data: events.extend(data["value"]))
    session.on("Tracing.tracingComplete", lambda _: ended.append(True))
    session.send("Tracing.start", {"transferMode": "ReportEvents", "categories": CATEGORIES})
    yield events
    session.send("Tracing.end")
    while not ended:
        session.send("Runtime.evaluate", {"expression": "0"})  # lets the events arrive


def _covered(events: Iterator[TraceEvent]) -> float:
    """Return the milliseconds of the thread in these events, which contain each other.

    That is time of the processor: other programs on the machine do not count.
    """
    covered, end = 0.0, 0.0
    for start, duration in sorted((one["tts"], one.get("tdur", 0)) for one in events):
        covered += max(0.0, start + duration - max(start, end))
        end = max(end, start + duration)
    return covered / 1000
