"""Show the events of a run on stderr: bars of what runs on a terminal, and a line for each end.

translation: done in 1.2 s, $0.0012
pictures: 3 of 8 items
pictures[2].draw: failed: the provider is overloaded
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...values import JsonObject
from .progress_bar import live_progress
from .result_output import cost, duration
from .terminal import note, without_controls

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_FEW = 20
"""Items of a list whose steps have a line each; of a longer list the items are counted."""


@contextmanager
def run_progress(*, after: int = 0, with_text: bool = False) -> Iterator[RunProgress]:
    """Show events in the block; `with_text` also what steps stream, and then without bars."""
    with nullcontext(None) if with_text else live_progress() as bars:
        yield RunProgress(bars, after, with_text)


@dataclass(slots=True)
class RunProgress:
    """What is shown of a run."""

    bars: Progress | None
    after: int
    """The id of an event: those up to it are not shown."""
    with_text: bool
    _tasks: dict[str, TaskID] = field(default_factory=dict)
    _started: dict[str, float] = field(default_factory=dict)
    _long: set[str] = field(default_factory=set)
    """Places of lists with more than a few items."""
    _jobs: set[tuple[str, str]] = field(default_factory=set)
    """Places and ids of jobs that were printed."""
    _spoken: SpokenSteps = field(default_factory=lambda: SpokenSteps())

    def show(self, event: JsonObject) -> None:
        """Show an event."""
        place = event.get("place", "")
        if event["type"] == "started":
            self._started[place] = event["at"]
        if is_after(event, self.after) and (show := _SHOWN.get(event["type"])):
            show(self, event, place)

    def line(self, text: str) -> None:
        """Print a line, above the bars if there are any."""
        if self.bars:
            from rich.text import Text

            self.bars.console.print(Text(without_controls(text, sys.stderr)), soft_wrap=True)
        else:
            self._spoken.pause()
            note(text)

    def _start(self, event: JsonObject, place: str) -> None:
        total = event.get("total")
        if total is not None and total > _FEW:
            self._long.add(place)
        if self.bars and not self._is_counted(place):
            self._tasks[place] = self.bars.add_task(place, total=total)

    def _advance(self, event: JsonObject, place: str) -> None:
        done, total, unit = event.get("done"), event.get("total"), event.get("unit") or ""
        if (job := event.get("job")) and (place, job) not in self._jobs:
            self._jobs.add((place, job))  # each look at a job tells its id
            self.line(f"{place}: job {job}")
        if not done:
            return
        text = f"{place}: {done}{f' of {total}' if total else ''} {unit}"
        if self.bars and place in self._tasks and done != total:
            task = self._tasks[place]
            self.bars.update(task, description=text, completed=done, total=total)
        elif done == total or (not self.bars and _is_told(done, total)):
            self._remove(place)
            self.line(text)

    def _choose(self, event: JsonObject, place: str) -> None:
        if not self._is_counted(place):
            self.line(f"{place}: {event['slot']}")

    def _retry(self, event: JsonObject, place: str) -> None:
        reason = (event.get("error") or {}).get("message", "")
        self.line(f"{place}: try {event.get('tries')} failed, another follows: {reason}")

    def _end(self, event: JsonObject, place: str) -> None:
        self._remove(place)
        self._spoken.end(place)
        if self._is_counted(place):
            return
        amount = (event.get("metadata") or {}).get("cost")
        began = self._started.get(place, event["at"])
        spent = f", {cost(amount)}" if amount is not None else ""
        self.line(f"{place}: done in {duration(event['at'] - began)}{spent}")

    def _fail(self, event: JsonObject, place: str) -> None:
        self._remove(place)
        self._spoken.end(place)
        self.line(f"{place}: failed: {(event.get('error') or {}).get('message', '')}")

    def _warn(self, event: JsonObject, place: str) -> None:
        self.line(f"warning: {event['message']}")

    def _wait(self, event: JsonObject, place: str) -> None:
        self.line(f"a worker cannot perform it: {event['reason']}")

    def _speak(self, event: JsonObject, place: str) -> None:
        if self.with_text and event.get("text"):
            self._spoken.add(place, event["text"])

    def _finish(self, event: JsonObject, place: str) -> None:
        self._spoken.pause()

    def _remove(self, place: str) -> None:
        if self.bars and (task := self._tasks.pop(place, None)) is not None:
            self.bars.remove_task(task)

    def _is_counted(self, place: str) -> bool:
        """Return whether a step is in a long list, of which only the items are counted."""
        return any(place.startswith(f"{outer}[") for outer in self._long)


_SHOWN: dict[str, Callable[[RunProgress, JsonObject, str], None]] = {
    "started": RunProgress._start,
    "progress": RunProgress._advance,
    "chosen": RunProgress._choose,
    "retry": RunProgress._retry,
    "result": RunProgress._end,
    "failed": RunProgress._fail,
    "delta": RunProgress._speak,
    "ended": RunProgress._finish,
    "waiting": RunProgress._wait,
    "warning": RunProgress._warn,
}


def is_after(event: JsonObject, id: int) -> bool:
    """Return whether an event came after that with an id. A live piece of text has none."""
    return "id" not in event or bool(event["id"] > id)


def _is_told(done: int, total: int | None) -> bool:
    """Return whether a count has a line of its own: of a long list ten of them have one."""
    return not total or total <= _FEW or done % (total // 10) == 0


@dataclass(slots=True)
class SpokenSteps:
    """Print streamed text of one step at a time; that of steps beside it waits for its end."""

    _place: str = ""
    _is_open: bool = False
    """Whether the last line is not ended."""
    _waiting: dict[str, str] = field(default_factory=dict)
    _ended: set[str] = field(default_factory=set)

    def add(self, place: str, text: str) -> None:
        """Print a piece of the text of a step, or keep it."""
        if self._place not in ("", place):
            self._waiting[place] = self._waiting.get(place, "") + text
            return
        if self._place == "" or not self._is_open:
            note(f"{place}:")
        self._place, self._is_open = place, True
        note(text, end="")

    def end(self, place: str) -> None:
        """End the text of a step, and print what waited for it."""
        if place != self._place:
            self._ended.add(place)
            return
        self.pause()
        self._place = ""
        for following, text in list(self._waiting.items()):
            if self._place == "":
                del self._waiting[following]
                self.add(following, text)
                if following in self._ended:
                    self.pause()
                    self._place = ""

    def pause(self) -> None:
        """End the last line, so that another can be printed."""
        if self._is_open:
            note("")
        self._is_open = False
