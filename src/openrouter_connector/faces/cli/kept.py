"""What a run over a list had when it was interrupted: what was paid for is not thrown away."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from signal import SIGTERM
from time import monotonic

from ...money import usd
from ...values import Event, JsonObject, Result


@dataclass(slots=True)
class Kept:
    """The rows so far; `code` is the exit code, once the run was interrupted."""

    code: int | None = None
    _rows: list[JsonObject] = field(default_factory=list)
    _last: Event = field(default_factory=lambda: Event("progress"))
    _began: float = field(default_factory=monotonic)

    def keep(self, event: Event) -> None:
        """Keep the row that an event brings, if it brings one."""
        if event.row is None:
            return
        if not self._rows:
            self._heed_sigterm()  # which before ends the program at once: there is nothing to lose
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
            f"{'at an unknown cost' if cost is None else f'for {usd(cost)}'}; "
            "what was under way may be billed as well"
        )
        latency = round(monotonic() - self._began, 4)
        rows = sorted(self._rows, key=lambda row: int(row["index"]))
        return Result(rows, {"cost": cost, "latency": latency, "warnings": [told]})

    def _heed_sigterm(self) -> None:
        """Let SIGTERM cancel the run, as asyncio lets Ctrl-C do."""
        from asyncio import current_task, get_running_loop

        run = current_task()

        def end() -> None:
            self.code = 128 + SIGTERM
            if run:
                run.cancel()

        with suppress(NotImplementedError, RuntimeError):  # on Windows; in another thread
            get_running_loop().add_signal_handler(SIGTERM, end)
