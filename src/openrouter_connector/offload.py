"""Run work on large values in a worker thread, so that the event loop keeps serving others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from .values import Json

MAX_VALUES = 100_000
"""The most values that a server accepts in one request."""
_LARGE = 2000  # values; for fewer, a thread hop costs more than the work

T = TypeVar("T")
P = ParamSpec("P")


async def offload(
    work: Callable[Concatenate[Json, P], T], value: Json, *args: P.args, **options: P.kwargs
) -> T:
    """Return `work(value, …)`; run it in a worker thread when the value is large."""
    if holds_at_most(_LARGE, value):
        return work(value, *args, **options)
    from asyncio import to_thread

    return await to_thread(work, value, *args, **options)


def holds_at_most(limit: int, value: Json) -> bool:
    """Return whether a JSON value contains at most `limit` values, counted at every depth."""
    waiting, count = [value], 0
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, dict | list):
            count += len(inner)
            if count > limit:  # stop early: the value may be huge
                return False
            waiting += inner.values() if isinstance(inner, dict) else inner
    return True
