"""What a run reports, as one stream of events that somebody reads.

run ──report──▶ up to AHEAD events ──▶ reader: async for event in events_of(…)

A run that nobody watches needs none of this: its reports go nowhere, without a task or a queue.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from typing import Any

from ..values import Event, Result
from .services import Report

AHEAD = 16
"""Events that wait for a slow reader; then the run waits too."""

Work = Callable[[Report], Coroutine[Any, Any, Result]]
"""A run that has still to be told where it reports."""


async def events_of(work: Work) -> AsyncGenerator[Event]:
    """Yield what a run reports, then its result; raise what it raises.

    Whoever closes the generator cancels the run. So does who is cancelled while waiting for an
    event, and then gets what the run makes of that: an answer that was paid for may still come.
    """
    waiting: asyncio.Queue[Event | None] = asyncio.Queue()
    # The queue itself is unbounded, so that the end of the run can always be put into it.
    places = asyncio.Semaphore(AHEAD)

    async def report(event: Event) -> None:
        await places.acquire()
        waiting.put_nowait(event)

    run = asyncio.create_task(work(report))
    run.add_done_callback(lambda _: waiting.put_nowait(None))
    try:
        while event := await _next(waiting, run):
            yield event
            places.release()
        yield Event("result", result=await run)
    finally:
        run.cancel()
        await asyncio.wait({run})
        if not run.cancelled():
            run.exception()  # seen, or asyncio logs that nobody looked at it


async def _next(waiting: asyncio.Queue[Event | None], run: asyncio.Task[Result]) -> Event | None:
    while True:
        try:
            return await waiting.get()
        except asyncio.CancelledError:
            run.cancel()
