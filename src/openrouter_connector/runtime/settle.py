"""Long jobs: ask how they stand until they are done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from time import monotonic

from ..definition.model import Poll
from ..definition.paths import at
from ..errors import ApiError, IncompleteError, JobFailedError, JobTimedOutError
from ..values import Call, JsonObject
from .build import call_of
from .dialects.error_bodies import brief, plain
from .http.transport import Transport

_FIRST_PAUSE = 0.5  # seconds, doubled until `poll.every`: some jobs are done soon


@dataclass(frozen=True, slots=True)
class Step:
    """How a job stands after so many seconds, by its last reply."""

    status: str
    seconds: int
    response: JsonObject


async def settle(
    poll: Poll, job: JsonObject, transport: Transport, *, resumed: bool = False
) -> AsyncGenerator[Step]:
    """Give a step each time the job was asked for; the last one is done.

    A job that is `resumed` is asked for at once, since only its name is known; what is wrong with
    that first question is raised as it is, NotFoundError for a name that is none.

    JobFailedError when it failed. JobTimedOutError, with the job in `raw`, when it was not done
    within its time or could not be asked for: it goes on, and submitting it anew would be paid
    anew.
    """
    call = called(poll.request, job)
    started, response, name = monotonic(), job, _name(poll, job)
    pause = min(_FIRST_PAUSE, poll.every)
    if resumed:
        async with transport.open(call) as answer:
            response = plain(await answer.json())
    while True:
        status, seconds = brief(at(response, poll.status)), monotonic() - started
        if not status:
            raise IncompleteError(f"the job has no {poll.status}", status=200, raw=response)
        yield Step(status, int(seconds), response)
        if status in poll.done:
            return
        if status in poll.failed:
            why = at(response, poll.error) if poll.error else None
            told = f"the job ended as {status}: {brief(why) or 'no reason given'}"
            raise JobFailedError(told, job=name, raw=response)
        if seconds + pause > poll.within:
            told = f"the job is {status} after {seconds:.0f} s; it goes on, as {call.path}"
            raise JobTimedOutError(told, job=name, raw=response)
        await asyncio.sleep(pause)
        pause = min(pause * 2, poll.every)
        response = await _asked(call, response, name, transport)


def called(line: str, response: JsonObject) -> Call:
    """Give the call of a request line whose placeholders a reply fills."""
    try:
        return call_of(line, response)
    except (ValueError, RecursionError) as error:
        raise IncompleteError(
            f"the reply leads nowhere: {error}", status=200, raw=response
        ) from error


def _name(poll: Poll, job: JsonObject) -> str | None:
    name = at(job, poll.id)
    return name if isinstance(name, str) else None


async def _asked(
    call: Call, last: JsonObject, name: str | None, transport: Transport
) -> JsonObject:
    try:
        async with transport.open(call) as answer:
            return plain(await answer.json())
    except ApiError as error:
        told = f"the job cannot be asked for ({error}); it goes on, as {call.path}"
        raise JobTimedOutError(told, status=error.status, job=name, raw=last) from error
