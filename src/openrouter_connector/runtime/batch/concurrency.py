"""Several calls at a time, each with what comes of it, in whatever order they end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from itertools import count
from typing import TypeVar

from ...errors import BudgetError, ConnectorError, CredentialError, PaymentError

T = TypeVar("T", bound=object)
R = TypeVar("R")

HOPELESS: tuple[type[ConnectorError], ...] = (BudgetError, CredentialError, PaymentError)
"""Failures that every further call would meet."""


async def many(
    items: AsyncGenerator[T],
    concurrency: int,
    call: Callable[[int, T], Awaitable[R]],
    *,
    hopeless: tuple[type[ConnectorError], ...] = HOPELESS,
) -> AsyncGenerator[tuple[int, R | ConnectorError]]:
    """Give the place of each item and what came of its call, as the calls end.

    An item is taken only when there is a hand free for it, so many of them need no memory. After a
    `hopeless` failure, or one that is no ConnectorError, no further item is taken. Who stops
    reading cancels what goes on. What goes wrong in taking an item is raised at the end.
    """
    found: asyncio.Queue[tuple[int, R | ConnectorError] | None] = asyncio.Queue()
    turn, taken, stopped = asyncio.Lock(), count(), False

    async def work() -> None:
        nonlocal stopped
        try:
            while True:
                async with turn:
                    item = None if stopped else await anext(items, None)
                    place = next(taken)
                if item is None:
                    return
                came = await _outcome(call, place, item)
                stopped = stopped or isinstance(came, hopeless)
                found.put_nowait((place, came))
        except BaseException:
            stopped = True
            raise
        finally:
            found.put_nowait(None)

    workers = [asyncio.create_task(work()) for _ in range(concurrency)]
    try:
        working = len(workers)
        while working:
            if pair := await found.get():
                yield pair
            else:
                working -= 1
        for worker in workers:
            worker.result()
    finally:
        stopped = True  # also for a worker whose call fails of being cancelled
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        await items.aclose()


async def listed(items: Iterable[T]) -> AsyncGenerator[T]:
    """Give the items of a list, to be taken one by one."""
    for item in items:
        yield item


async def _outcome(
    call: Callable[[int, T], Awaitable[R]], place: int, item: T
) -> R | ConnectorError:
    try:
        return await call(place, item)
    except ConnectorError as error:
        return error
