"""Several calls at a time, and the outcome of each, in whatever order they end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from itertools import count
from traceback import format_tb
from typing import TypeVar

from ...errors import BudgetError, ConnectorError, CredentialError, PaymentError
from ..item_place import at_item

T = TypeVar("T", bound=object)
R = TypeVar("R")

log = logging.getLogger("openrouter_connector.runtime")

HOPELESS: tuple[type[ConnectorError], ...] = (BudgetError, CredentialError, PaymentError)
"""Failures that every further call would meet."""


async def many(
    items: AsyncGenerator[T],
    concurrency: int,
    call: Callable[[int, T], Awaitable[R]],
    *,
    hopeless: tuple[type[ConnectorError], ...] = HOPELESS,
) -> AsyncGenerator[tuple[int, R | ConnectorError]]:
    """Yield the index of each item and the outcome of its call, as the calls end.

    Items are pulled lazily, one per idle worker, so memory stays constant. After a `hopeless`
    failure, or one that is no ConnectorError, no further item is pulled. Closing the generator
    cancels the running calls. An error in pulling an item is raised at the end.
    """
    ended: asyncio.Queue[tuple[int, R | ConnectorError] | None] = asyncio.Queue()
    turn, indices, stopped = asyncio.Lock(), count(), False

    async def work() -> None:
        nonlocal stopped
        try:
            while True:
                # An async generator cannot be advanced by two tasks at once.
                async with turn:
                    item = None if stopped else await anext(items, None)
                    index = next(indices)
                if item is None:
                    return
                with at_item(index):
                    outcome = await _outcome(call, index, item)
                stopped = stopped or isinstance(outcome, hopeless)
                # Never full: results are taken in the order in which calls end.
                ended.put_nowait((index, outcome))
        except BaseException:
            stopped = True
            raise
        finally:
            ended.put_nowait(None)

    workers = [asyncio.create_task(work()) for _ in range(concurrency)]
    try:
        working = len(workers)
        while working:
            if pair := await ended.get():
                yield pair
            else:
                working -= 1
        for worker in workers:
            worker.result()
    finally:
        stopped = True  # also for a worker whose call raises instead of being cancelled
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        await items.aclose()


async def isolated(call: Awaitable[R]) -> R:
    """Await a call. A fault of our own fails this call, and does not lose the other results."""
    try:
        return await call
    except ConnectorError:
        raise
    except Exception as error:
        # Without the text of the error, which may be what a user wrote.
        name, trace = type(error).__name__, "".join(format_tb(error.__traceback__))
        log.error("%s in one of several calls\n%s", name, trace)
        message = f"an internal error of the connector ({name}); please report it"
        raise ConnectorError(message) from error


async def listed(items: Iterable[T]) -> AsyncGenerator[T]:
    """Yield the items of a list."""
    for item in items:
        yield item


async def _outcome(
    call: Callable[[int, T], Awaitable[R]], index: int, item: T
) -> R | ConnectorError:
    try:
        return await call(index, item)
    except ConnectorError as error:
        return error
