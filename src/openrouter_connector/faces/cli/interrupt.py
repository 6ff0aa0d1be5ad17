"""What a run over a list had when it was interrupted: what was paid for is not thrown away."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from signal import SIG_IGN, SIGINT, SIGTERM, getsignal, signal
from time import monotonic
from types import FrameType
from typing import Any, Self

from ...money import usd
from ...values import Event, JsonObject, Metadata, Result


@dataclass(slots=True)
class Kept:
    """The rows so far; `code` is the exit code, once the run was interrupted.

    In its `with` block, as soon as there is a row, the first Ctrl-C or SIGTERM ends the run, and
    nothing more; whoever presses again does not keep the block from printing the rows.
    """

    code: int | None = None
    _rows: list[JsonObject] = field(default_factory=list)
    _last: Event = field(default_factory=lambda: Event("progress"))
    _began: float = field(default_factory=monotonic)
    _before: dict[int, Any] = field(default_factory=dict)
    """What signals did, but for those that somebody has told to do nothing."""

    def __enter__(self) -> Self:
        before = {sign: getsignal(sign) for sign in (SIGINT, SIGTERM)}
        self._before = {sign: do for sign, do in before.items() if do not in (SIG_IGN, None)}
        return self

    def __exit__(self, *_: object) -> None:
        for sign, do in self._before.items():
            with suppress(ValueError):  # in another thread
                signal(sign, do)

    def keep(self, event: Event) -> None:
        """Keep the row that an event brings, if it brings one."""
        if event.row is None:
            return
        if not self._rows:
            self._heed_signals()  # which before end the program at once: there is nothing to lose
        self._rows.append(event.row)
        self._last = event

    def interrupted(self) -> Result | None:
        """Give what there is as the result, in the order of the list; None if there is nothing."""
        if not self._rows:
            return None
        self.code = self.code or 130
        costs = [row["cost"] for row in self._rows if row["cost"] is not None]
        cost = round(sum(costs), 12) if costs else None
        told = (
            f"interrupted: {self._last.done} of {self._last.total} {self._last.unit} are done, "
            f"{self._paid(cost)}; "
            "what was under way may be billed as well"
        )
        latency = round(monotonic() - self._began, 4)
        rows = sorted(self._rows, key=lambda row: int(row["index"]))
        return Result(rows, Metadata(cost=cost, latency=latency, warnings=(told,)))

    def _paid(self, cost: float | None) -> str:
        if cost is None:
            return "at an unknown cost"
        answered = (row for row in self._rows if not row.get("error"))
        unknown = any(row["cost"] is None for row in answered)
        return f"for {'at least ' if unknown else ''}{usd(cost)}"

    def _heed_signals(self) -> None:
        """Let the first signal cancel the run, and no further one do anything.

        asyncio's own handler raises KeyboardInterrupt at the second Ctrl-C, wherever that is.
        """
        from asyncio import current_task, get_running_loop

        run, loop = current_task(), get_running_loop()

        def end(sign: int, _: FrameType | None) -> None:
            if self.code is None and run and not run.done():
                self.code = 128 + sign
                loop.call_soon_threadsafe(run.cancel)

        for sign in self._before:
            with suppress(ValueError):  # in another thread
                signal(sign, end)
