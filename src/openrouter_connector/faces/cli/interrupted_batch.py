"""Print the finished rows of a batch when it is interrupted: they are paid for."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from signal import SIG_IGN, SIGINT, SIGTERM, getsignal, signal
from time import monotonic
from types import FrameType
from typing import Any, Self

from ...money import format_usd
from ...values import Event, JsonObject, Metadata, Result


@dataclass(slots=True)
class FinishedRows:
    """The rows that a batch has finished.

    Inside its `with` block, once there is a row, the first Ctrl-C or SIGTERM cancels the run
    instead of the program. Further signals are ignored until the block has printed the rows.
    """

    exit_code: int | None = None
    """128 + the signal, once the run is interrupted."""
    _rows: list[JsonObject] = field(default_factory=list)
    _last: Event = field(default_factory=lambda: Event("progress"))
    _started: float = field(default_factory=monotonic)
    _handlers: dict[int, Any] = field(default_factory=dict)
    """The signal handlers to restore; a signal that is ignored stays ignored."""

    def __enter__(self) -> Self:
        handlers = {sign: getsignal(sign) for sign in (SIGINT, SIGTERM)}
        self._handlers = {
            sign: handler for sign, handler in handlers.items() if handler not in (SIG_IGN, None)
        }
        return self

    def __exit__(self, *_: object) -> None:
        for sign, handler in self._handlers.items():
            with suppress(ValueError):  # in another thread
                signal(sign, handler)

    def add(self, event: Event) -> None:
        """Store the row of an event, if it has one."""
        if event.row is None:
            return
        if not self._rows:
            # Before the first row a signal ends the program at once: there is nothing to lose.
            self._handle_signals()
        self._rows.append(event.row)
        self._last = event

    def interrupted_result(self) -> Result | None:
        """Return the rows in the order of the input as a result; None if there are none."""
        if not self._rows:
            return None
        self.exit_code = self.exit_code or 130
        costs = [row["cost"] for row in self._rows if row["cost"] is not None]
        cost = round(sum(costs), 12) if costs else None
        warning = (
            f"interrupted: {self._last.done} of {self._last.total} {self._last.unit} are finished, "
            f"{self._paid(cost)}; requests under way may be billed too"
        )
        latency = round(monotonic() - self._started, 4)
        rows = sorted(self._rows, key=lambda row: int(row["index"]))
        return Result(rows, Metadata(cost=cost, latency=latency, warnings=(warning,)))

    def _paid(self, cost: float | None) -> str:
        if cost is None:
            return "at an unknown cost"
        answered = (row for row in self._rows if not row.get("error"))
        unknown = any(row["cost"] is None for row in answered)
        return f"for {'at least ' if unknown else ''}{format_usd(cost)}"

    def _handle_signals(self) -> None:
        """Let the first signal cancel the run, and ignore all further ones.

        asyncio's own handler raises KeyboardInterrupt at the second Ctrl-C, wherever that is.
        """
        from asyncio import current_task, get_running_loop

        run, loop = current_task(), get_running_loop()

        def cancel(sign: int, _: FrameType | None) -> None:
            if self.exit_code is None and run and not run.done():
                self.exit_code = 128 + sign
                loop.call_soon_threadsafe(run.cancel)

        for sign in self._handlers:
            with suppress(ValueError):  # in another thread
                signal(sign, cancel)
