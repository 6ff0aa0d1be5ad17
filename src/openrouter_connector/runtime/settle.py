"""Wait for a long job: poll it until it is done."""

from __future__ import annotations

import asyncio
from time import monotonic

from ..definition.model import Poll
from ..definition.paths import at
from ..errors import ApiError, IncompleteError, JobFailedError, JobTimedOutError
from ..values import Call, Event, JsonObject
from .build import call_of
from .dialects.error_bodies import brief, plain
from .http.retry_not_found import Open
from .services import Report

_FIRST_PAUSE = 0.5  # seconds, doubled until `poll.every`: some jobs are done soon


async def settle(
    poll: Poll, job: JsonObject, send: Open, report: Report, *, resumed: bool = False
) -> JsonObject:
    """Return the last response of a job, which is done; report its status after each poll.

    A `resumed` job is polled at once, since only its id is known; an error of that first poll is
    raised as it is, so NotFoundError for an unknown id.

    JobFailedError when it failed. JobTimedOutError, with the job in `raw`, when it was not done in
    time or could not be polled: it goes on, and submitting it again would be paid again.
    """
    call, name = called(poll.request, job), brief(at(job, poll.id))
    started, response = monotonic(), job
    pause = min(_FIRST_PAUSE, poll.every)
    if resumed:
        response = await _polled(call, send)
    while True:
        status, seconds = brief(at(response, poll.status)), monotonic() - started
        if not status:
            raise IncompleteError(f"the job has no {poll.status}", status=200, raw=response)
        done = int(seconds)
        await report(Event("progress", status, done=done, unit="seconds", job=name))
        if status in poll.done:
            return response
        if status in poll.failed:
            reason = brief(at(response, poll.error)) if poll.error else ""
            message = f"the job ended as {status}: {reason or 'no reason given'}"
            raise JobFailedError(message, raw=response)
        # Checked before the pause, so that the limit is kept and not passed by one pause.
        if seconds + pause > poll.within:
            message = (
                f"the job is {status} after {seconds:.0f} s; it is still running at {call.path}"
            )
            raise JobTimedOutError(message, raw=response)
        await asyncio.sleep(pause)
        # Doubled: an image job ends in seconds, a film in minutes.
        pause = min(pause * 2, poll.every)
        response = await _polled_again(call, response, send)


def called(line: str, response: JsonObject) -> Call:
    """Return the call of a request line whose placeholders a response fills."""
    try:
        return call_of(line, response)
    except (ValueError, RecursionError) as error:
        message = f"the next request cannot be built from the response: {error}"
        raise IncompleteError(message, status=200, raw=response) from error


async def _polled(call: Call, send: Open) -> JsonObject:
    async with send(call) as response:
        return plain(await response.json(), response.profile)


async def _polled_again(call: Call, last: JsonObject, send: Open) -> JsonObject:
    try:
        return await _polled(call, send)
    except ApiError as error:
        message = f"could not poll the job ({error}); it is still running at {call.path}"
        # Not the ApiError: whoever retries that would submit the job again, and pay again.
        raise JobTimedOutError(message, status=error.status, raw=last) from error
