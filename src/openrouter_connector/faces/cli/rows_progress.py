"""Show how many rows have ended, what they cost and when the rest will be done; on stderr.

4,120 of 10,000 rows · 12 failed · $0.41 · 118 rows/s · 50 s left
"""

from __future__ import annotations

from asyncio import create_task, sleep, wait
from collections.abc import AsyncIterator, Coroutine
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

from ...money import format_usd
from .progress_bar import live_progress
from .run_progress import RunProgress, run_progress
from .terminal import note

if TYPE_CHECKING:
    from rich.progress import Progress

    from ...flows.runs import RowCounts, Run

_EVERY = 0.5  # seconds between two looks on a terminal
_EVERY_ELSEWHERE = 5.0  # seconds, where each tenth of the rows has a line
_TENTHS = 10


@asynccontextmanager
async def rows_progress(run: Run, before: RowCounts) -> AsyncIterator[None]:
    """Show the progress of a run of rows inside the block; `before` had ended before."""
    plan = run.rows_plan
    if plan.via == "api":
        begun = [one["id"] for one in await run.recorded() if one["type"] == "resumed"]
        with run_progress(after=max(begun, default=0)) as shown:
            async with _beside(_keep_showing(run, shown)):
                yield
        return
    with live_progress() as bars:
        shown_rows = _Shown(run, plan.count, plan.unit, before.done + before.doubtful, bars)
        async with _beside(shown_rows.keep()):
            yield


@asynccontextmanager
async def _beside(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    showing = create_task(work)
    try:
        yield
    finally:
        showing.cancel()
        await wait({showing})


async def _keep_showing(run: Run, shown: RunProgress) -> None:
    """Show the events of a run that is one call of the API: its job, and how far that is."""
    async with aclosing(run.events()) as events:
        async for event in events:
            shown.show(event)


@dataclass(slots=True)
class _Shown:
    """What is shown of a run."""

    run: Run
    total: int
    unit: str
    before: int
    bars: Progress | None
    began: float = 0.0
    tenth: int = 0

    async def keep(self) -> None:
        """Show it, until this is cancelled."""
        self.began = monotonic()
        task = self.bars.add_task(self._ended(0), total=self.total) if self.bars else None
        # Rows in doubt had ended before, unless they are sent again.
        self.before = min(self.before, (await self.run.row_counts()).ended)
        while True:
            counts = await self.run.row_counts()
            if self.bars and task is not None:
                text = self.text(counts)
                self.bars.update(task, description=text, completed=counts.ended)
            elif (tenth := counts.ended * _TENTHS // self.total) > self.tenth:
                self.tenth = tenth
                note(self.text(counts))
            await sleep(_EVERY if self.bars else _EVERY_ELSEWHERE)

    def text(self, counts: RowCounts) -> str:
        """Return the progress as one line."""
        rate = (counts.ended - self.before) / max(monotonic() - self.began, 0.001)
        left = (self.total - counts.ended) / rate if rate > 0 else None
        parts = [
            self._ended(counts.ended),
            f"{counts.failed:,} failed" if counts.failed else "",
            f"{counts.doubtful:,} in doubt" if counts.doubtful else "",
            format_usd(counts.cost) if counts.cost else "",
            f"{_rounded(rate)} {self.unit}/s" if rate > 0 else "",
            f"{_time(left)} left" if left else "",
        ]
        return " · ".join(filter(None, parts))

    def _ended(self, count: int) -> str:
        return f"{count:,} of {self.total:,} {self.unit}"


def _rounded(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 100 else f"{rate:.3g}"


def _time(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"
