"""A thread for long work, which goes on at its own pace beside the event loop."""

from __future__ import annotations

from asyncio import get_running_loop
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Self, TypeVar

_T = TypeVar("_T")


class Thread:
    """One thread, in which one thing is done after another; use it with `with`.

    A single one, because what FFmpeg takes of memory is kept for each thread.
    """

    def __init__(self, last: Callable[[], object]) -> None:
        """Start it. `last` is done at the end, also if that comes in the middle of something."""
        self._pool = ThreadPoolExecutor(1, "sound")
        self._last = last

    async def do(self, function: Callable[..., _T], *args: object) -> _T:
        """Do it there."""
        return await get_running_loop().run_in_executor(self._pool, function, *args)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # Who is cancelled does not wait: the thread ends what it is doing, and cleans up.
        self._pool.submit(self._last)
        self._pool.shutdown(wait=False)
