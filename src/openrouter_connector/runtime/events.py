"""What a run reports, as one stream of events that somebody reads.

run ──report──▶ up to AHEAD events ──▶ reader: async for event in events_of(…)

A run that nobody watches needs none of this: its reports go nowhere, without a task or a queue.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine
from typing import Any

from ..values import Event, Result
from .services import Report

AHEAD = 16
"""Events that wait for a slow reader; then the run waits too."""

Work = Callable[[Report], Coroutine[Any, Any, Result]]
"""A run, once it is given the function that it reports to."""


async def events_of(work: Work) -> AsyncGenerator[Event]:
    """Yield what a run reports, then its result; raise what it raises.

    Closing the generator cancels the run. A reader that is cancelled while it waits for an event
    cancels the run too, and then gets what the run makes of that: an answer that was paid for may
    still come.
    """
    waiting = deque[Event]()
    arrived, room = asyncio.Event(), asyncio.Event()

    async def report(event: Event) -> None:
        # No queue: to hand over each event by itself would cost a third of a streamed delta.
        waiting.append(event)
        arrived.set()
        # A run must not outpace its reader: unread deltas would fill the memory.
        if len(waiting) >= AHEAD:
            room.clear()
            await room.wait()

    run = asyncio.create_task(work(report))
    run.add_done_callback(lambda _: arrived.set())
    try:
        while True:
            while waiting:
                yield waiting.popleft()
            if run.done():
                break
            room.set()
            arrived.clear()
            await _wait(arrived, run)
        yield Event("result", result=await run)
    finally:
        await _stop(run)


async def _stop(run: asyncio.Task[Result]) -> None:
    """Cancel the run and wait for its end, even if the reader is cancelled again meanwhile."""
    run.cancel()
    interruption: asyncio.CancelledError | None = None
    while not run.done():
        try:
            await asyncio.wait({run})
        except asyncio.CancelledError as error:
            interruption = error
    if not run.cancelled():
        run.exception()  # looked at, or asyncio logs that nobody did
    if interruption:
        raise interruption


async def _wait(arrived: asyncio.Event, run: asyncio.Task[Result]) -> None:
    """Wait for the next event, or for the end of the run."""
    while not arrived.is_set():
        try:
            await arrived.wait()
        except asyncio.CancelledError:
            run.cancel()
