"""Do several things at the same time, and stop in good order when one of them fails."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any, TypeVar

T = TypeVar("T")


async def together(works: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Wait for all; raise the first error as it is, since the engine must recognize its own.

    After an error the others come to their end: what they wait for may be paid already.
    """
    tasks = [asyncio.create_task(work) for work in works]
    if not tasks:
        return
    try:
        await asyncio.wait(tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in tasks:
        task.result()


async def pooled(
    count: int,
    at_once: int,
    work: Callable[[int], Awaitable[T | None]],
) -> T | None:
    """Do the work of each index, begun in their order, until one fails or returns a value.

    Return that value. Raise the first error.
    """
    following, ended, errors = iter(range(count)), list[T](), list[BaseException]()

    async def worker() -> None:
        while not ended and not errors:
            # No await between two of them: `work` begins in the order of the indexes.
            index = next(following, None)
            if index is None:
                return
            try:
                if (value := await work(index)) is not None:
                    ended.append(value)
            except BaseException as error:
                errors.append(error)
                raise

    try:
        await together(worker() for _ in range(min(count, at_once)))
    except BaseException:
        if errors:
            raise errors[0] from None
        raise
    return ended[0] if ended else None
