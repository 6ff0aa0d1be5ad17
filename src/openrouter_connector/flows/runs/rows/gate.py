"""What the rows of a run share in one event loop: how many run, and whether they stop."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from ....values import JsonObject


@dataclass(slots=True)
class RowGate:
    """The gate that each row passes before anything of it is loaded."""

    turn: asyncio.Semaphore
    """Rows at the same time; `CallLimits` holds for their requests as well."""
    error: JsonObject | None = None
    """Why no further row is sent, such as a spent budget."""
    is_closed: bool = False
    """Whether the run was cancelled."""

    @property
    def is_open(self) -> bool:
        """Whether a further row may be sent."""
        return self.error is None and not self.is_closed
