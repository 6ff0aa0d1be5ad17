"""Long jobs: ask how they stand until they are done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from time import monotonic

from ..definition.model import Poll
from ..errors import JobFailedError, JobTimedOutError
from ..values import Call, Json
from .request import fill
from .response import at
from .transport import Transport


@dataclass(frozen=True, slots=True)
class Step:
    """How a job stands after so many seconds, by its last reply."""

    status: str
    seconds: int
    reply: Json


async def settle(poll: Poll, job: Json, transport: Transport) -> AsyncGenerator[Step]:
    """Give a step each time the job was asked for; the last one is done.

    JobFailedError when it failed; JobTimedOutError, with the job in `raw`, when it was not done
    within its time: it goes on, and was paid for once.
    """
    method, path = poll.request.split(" ", 1)
    call = Call(method, fill(path, job), idempotent=True)
    started, reply = monotonic(), job
    while True:
        status = str(at(reply, poll.status))
        seconds = monotonic() - started
        yield Step(status, int(seconds), reply)
        if status in poll.done:
            return
        if status in poll.failed:
            why = at(reply, poll.error) if poll.error else None
            raise JobFailedError(
                f"the job ended as {status}: {why or 'no reason given'}", raw=reply
            )
        if seconds + poll.every > poll.within:
            told = f"the job is {status} after {seconds:.0f} s; it goes on, as {call.path}"
            raise JobTimedOutError(told, retryable=True, raw=reply)
        await asyncio.sleep(poll.every)
        async with transport.open(call) as answer:
            reply = await answer.json()
