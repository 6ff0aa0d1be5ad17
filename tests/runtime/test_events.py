"""What a run reports, as one stream: bounded, and closed with its reader."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from openrouter_connector import ConnectorError, Event, Metadata, Result
from openrouter_connector.runtime.events import AHEAD, events_of
from openrouter_connector.runtime.services import Report

DONE = Result("done", Metadata())


class Counting:
    """A run that reports a hundred events, and notes how far it came."""

    def __init__(self, error: Exception | None = None) -> None:
        self.reported = 0
        self.cancelled = False
        self.error = error

    async def __call__(self, report: Report) -> Result:
        """Run."""
        try:
            for number in range(100):
                await report(Event("progress", done=number))
                self.reported += 1
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        if self.error:
            raise self.error
        return DONE


def test_all_events_come_in_their_order_and_the_result_last() -> None:
    async def read() -> list[Event]:
        return [event async for event in events_of(Counting())]

    *progress, last = asyncio.run(read())
    assert [event.done for event in progress] == list(range(100))
    assert last == Event("result", result=DONE)


def test_a_slow_reader_slows_the_run() -> None:
    async def read() -> None:
        run = Counting()
        async with aclosing(events_of(run)) as events:
            async for event in events:
                for _ in range(3):
                    await asyncio.sleep(0)
                assert event.result or run.reported <= event.done + AHEAD

    asyncio.run(read())


def test_a_reader_that_leaves_cancels_the_run() -> None:
    async def read() -> Counting:
        run = Counting()
        async with aclosing(events_of(run)) as events:
            await anext(events)
        return run

    run = asyncio.run(read())
    assert run.cancelled and run.reported < AHEAD


def test_an_error_comes_after_the_events_before_it() -> None:
    async def read() -> int:
        count = 0
        with pytest.raises(ConnectorError, match="broke"):
            async for _ in events_of(Counting(ConnectorError("it broke"))):
                count += 1
        return count

    assert asyncio.run(read()) == 100


def test_a_run_that_ends_although_it_is_cancelled_gives_its_result() -> None:
    async def paid(report: Report) -> Result:
        await report(Event("started"))
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            return DONE
        raise AssertionError

    async def read() -> list[Event]:
        return [event async for event in events_of(paid)]

    async def cancelled() -> list[Event]:
        reading = asyncio.create_task(read())
        await asyncio.sleep(0.05)
        reading.cancel()
        return await reading

    assert [event.type for event in asyncio.run(cancelled())] == ["started", "result"]


def test_a_cancelled_reader_cancels_a_run_that_is_cancelled_by_it() -> None:
    async def hanging(report: Report) -> Result:
        await asyncio.sleep(60)
        return DONE

    async def cancelled() -> None:
        reading = asyncio.create_task(anext(events_of(hanging)))
        await asyncio.sleep(0.05)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading

    asyncio.run(cancelled())


def test_a_reader_that_is_cancelled_while_the_run_ends_waits_for_its_end() -> None:
    ended: list[bool] = []

    async def slow_to_end(report: Report) -> Result:
        await report(Event("started"))
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.2)
            ended.append(True)
        return DONE

    async def read_one() -> None:
        async with aclosing(events_of(slow_to_end)) as events:
            async for _ in events:
                break

    async def cancelled() -> None:
        reading = asyncio.create_task(read_one())
        for _ in range(2):
            await asyncio.sleep(0.05)
            reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert ended == [True]

    asyncio.run(cancelled())
