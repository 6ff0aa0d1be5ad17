"""A thread for long work that must not block the event loop."""

from __future__ import annotations

from asyncio import get_running_loop
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Self, TypeVar

_T = TypeVar("_T")


class WorkerThread:
    """One thread that runs one function after another; use it with `with`.

    It is the same thread for all of them, because FFmpeg keeps memory for each thread that used it.
    """

    def __init__(self, cleanup: Callable[[], object]) -> None:
        """Start the thread. It runs `cleanup` at the end, also when the caller is cancelled."""
        self._pool = ThreadPoolExecutor(1, "audio")
        self._cleanup = cleanup

    async def run(self, function: Callable[..., _T], *args: object) -> _T:
        """Run a function in the thread, and return its result."""
        return await get_running_loop().run_in_executor(self._pool, function, *args)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # A cancelled caller does not wait: the thread finishes what it does, then cleans up.
        self._pool.submit(self._cleanup)
        self._pool.shutdown(wait=False)
