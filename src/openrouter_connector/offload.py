"""Work on large values in another thread, so that a server answers others meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from .values import Json

MOST_VALUES = 100_000  # in what a caller of a server sends
LARGE = 2000  # values; a thread hop costs more than the work on fewer

T = TypeVar("T")
P = ParamSpec("P")


async def offload(
    work: Callable[Concatenate[Json, P], T], value: Json, *args: P.args, **options: P.kwargs
) -> T:
    """Call `work(value, …)`, in another thread when the value is large."""
    if holds_at_most(LARGE, value):
        return work(value, *args, **options)
    from asyncio import to_thread

    return await to_thread(work, value, *args, **options)


def holds_at_most(most: int, value: Json) -> bool:
    """Tell whether a value, with all that is inside it, is of no more than so many values."""
    waiting, seen = [value], 0
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, dict | list):
            seen += len(inner)
            if seen > most:
                return False
            waiting += inner.values() if isinstance(inner, dict) else inner
    return True
