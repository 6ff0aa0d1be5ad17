"""A running action as server-sent events; and no run that nobody waits for.

started, delta {text, reasoning} …, progress {done, total, unit, text, jobId, row} …,
result {output, metadata}  or  error (a problem document)
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing, suppress
from typing import TypeVar

import anyio
from anyio.abc import ObjectSendStream
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from ...errors import ConnectorError
from ...values import Event, Json, JsonObject, Result
from .json_io import encoded
from .problems import document
from .safe_responses import tell

HEARTBEAT = 15.0  # seconds without an event after which a comment is sent
_AHEAD = 16  # events that wait for a slow reader; then the run waits too

T = TypeVar("T")
Steps = AsyncGenerator[Event]
Shown = Callable[[Result], Json]


async def streamed(steps: Steps, shown: Shown, request_id: str) -> Response:
    """Answer with the events of a run. What fails before the first one is raised."""
    beats = _beating(steps)
    while (first := await anext(beats)) is None:
        pass
    return _Stream(
        _frames(first, beats, shown, request_id),
        headers={"X-Accel-Buffering": "no"},
        media_type="text/event-stream",
    )


async def unless_left(request: Request, work: Coroutine[None, None, T]) -> T | None:
    """Do the work as long as the caller waits for it; else end it, and the calls it made."""
    doing = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait((doing, leaving), return_when=asyncio.FIRST_COMPLETED)
        return doing.result() if doing.done() else None
    finally:
        leaving.cancel()
        if not doing.done():
            doing.cancel()
            await asyncio.wait((doing,))


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


class _Stream(StreamingResponse):
    """A stream that is closed at its end also when the reader left in the middle of a piece."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            if isinstance(self.body_iterator, AsyncGenerator):
                await self.body_iterator.aclose()


async def _frames(
    first: Event, beats: AsyncGenerator[Event | None], shown: Shown, request_id: str
) -> AsyncGenerator[bytes]:
    async with aclosing(beats):
        yield _frame(first, shown)
        try:
            async for event in beats:
                yield KEEPALIVE_COMMENT if event is None else _frame(event, shown)
        except Exception as error:
            if not isinstance(error, ConnectorError):
                tell(error, request_id)
            yield _event("error", document(error, request_id))


async def _beating(steps: Steps) -> AsyncGenerator[Event | None]:
    """Give the events as they come, and None whenever none came for a while."""
    ahead, events = anyio.create_memory_object_stream[Event](_AHEAD)
    # One task from end to end, since what lies below may time its work by the task it is in.
    run = asyncio.create_task(_run(steps, ahead))
    try:
        while True:
            try:
                async with asyncio.timeout(HEARTBEAT):
                    event = await events.receive()
            except TimeoutError:
                yield None
            except anyio.EndOfStream:
                break
            else:
                yield event
        await run
    finally:
        run.cancel()
        with anyio.CancelScope(shield=True), suppress(asyncio.CancelledError, Exception):
            await run
        events.close()


async def _run(steps: Steps, ahead: ObjectSendStream[Event]) -> None:
    async with ahead, aclosing(steps):
        async for event in steps:
            await ahead.send(event)


def _frame(event: Event, shown: Shown) -> bytes:
    return _event(event.type, _data(event, shown))


def _data(event: Event, shown: Shown) -> JsonObject:
    if event.result:
        told: JsonObject = shown(event.result)
        return told
    if event.type == "delta":
        return {"text": event.text, "reasoning": event.reasoning}
    if event.type == "progress":
        known = {"done": event.done, "total": event.total, "unit": event.unit, "text": event.text}
        more = {"jobId": event.job, "row": event.row}
        return known | {key: value for key, value in more.items() if value}
    return {}


def _event(name: str, data: JsonObject) -> bytes:
    return format_sse_event(event=name, data_str=encoded(data).decode())
