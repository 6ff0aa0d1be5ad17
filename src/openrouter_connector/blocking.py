"""Wait for async work in code that is not async."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def run_async(work: Coroutine[Any, Any, T]) -> T:
    """Run async work to its end, and return its result."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    # A notebook has a running loop, and a thread can run only one.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
