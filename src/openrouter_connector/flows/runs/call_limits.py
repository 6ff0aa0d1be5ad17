"""How many paid requests run at the same time: in this process, and of one connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

CALLS = 64
"""Paid requests of one process at the same time, by default."""


@dataclass(frozen=True, slots=True)
class CallLimits:
    """The limits of one event loop for one connection."""

    of_process: asyncio.Semaphore
    of_connection: asyncio.Semaphore
    is_closing: Callable[[], bool]

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn, and keep it inside the block. Cancels the caller when all is closed."""
        async with self.of_connection, self.of_process:
            if self.is_closing():
                raise asyncio.CancelledError
            yield
