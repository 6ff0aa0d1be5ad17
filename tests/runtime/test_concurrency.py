"""Several calls at a time: what is taken, what is stopped, and what is let go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from openrouter_connector import ConnectorError, CredentialError
from openrouter_connector.runtime.batch.concurrency import listed, many


async def all_of(items: AsyncGenerator[int], call: object, concurrency: int = 2) -> list[object]:
    found: list[object] = []
    async with aclosing(many(items, concurrency, call)) as pairs:  # type: ignore[arg-type]
        async for pair in pairs:
            found.append(pair)
    return found


def test_each_item_is_taken_once() -> None:
    async def double(place: int, item: int) -> int:
        await asyncio.sleep(0.001 * (5 - item))
        return item * 2

    found = asyncio.run(all_of(listed(range(5)), double))
    assert sorted(found) == [(n, n * 2) for n in range(5)]  # type: ignore[type-var]


def test_a_failure_takes_the_place_of_its_item() -> None:
    async def fails(place: int, item: int) -> int:
        if item == 1:
            raise ConnectorError("no")
        return item

    found = asyncio.run(all_of(listed(range(3)), fails))
    assert {(0, 0), (2, 2)} < set(found)
    assert len(found) == 3


def test_nothing_is_taken_after_a_failure_that_all_would_meet() -> None:
    calls: list[int] = []

    async def slow() -> AsyncGenerator[int]:
        for number in range(20):
            await asyncio.sleep(0.01)
            yield number

    async def refused(place: int, item: int) -> int:
        calls.append(item)
        raise CredentialError("no")

    asyncio.run(all_of(slow(), refused, concurrency=8))
    assert calls == [0]


def test_a_bug_stops_the_others_and_is_raised() -> None:
    calls: list[int] = []

    async def broken(place: int, item: int) -> int:
        calls.append(item)
        await asyncio.sleep(0)
        raise KeyError(item)

    with pytest.raises(KeyError):
        asyncio.run(all_of(listed(range(100)), broken))
    assert len(calls) == 2


def test_what_gives_the_items_is_closed() -> None:
    closed: list[bool] = []

    async def items() -> AsyncGenerator[int]:
        try:
            for number in range(100):
                yield number
        finally:
            closed.append(True)

    async def leave() -> None:
        async def call(place: int, item: int) -> int:
            return item

        async with aclosing(many(items(), 2, call)) as pairs:
            async for _ in pairs:
                break
        assert closed == [True]

    asyncio.run(leave())


def test_what_goes_wrong_in_taking_is_raised_after_all_that_came() -> None:
    async def items() -> AsyncGenerator[int]:
        yield 1
        raise ConnectorError("no more")

    async def call(place: int, item: int) -> int:
        return item

    async def seen() -> list[object]:
        found: list[object] = []
        with pytest.raises(ConnectorError, match="no more"):
            async with aclosing(many(items(), 2, call)) as pairs:
                async for pair in pairs:
                    found.append(pair)
        return found

    assert asyncio.run(seen()) == [(0, 1)]
