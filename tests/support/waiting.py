"""Wait for a condition, for a test whose event loop must go on meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


async def until(true: Callable[[], object]) -> None:
    """Return when a condition holds; TimeoutError after 40 seconds."""
    async with asyncio.timeout(40):
        while not true():  # noqa: ASYNC110 - what changes it is in another thread
            await asyncio.sleep(0.005)
