"""Send the events of a running action to the client, and stop the run when the client disconnects.

started, delta {text, reasoning} …, progress {done, total, unit, text, jobId, row, preview} …,
result {output, metadata}  or  error (a problem document)
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from contextlib import aclosing, suppress
from functools import partial
from typing import TypeVar

import anyio
from anyio.abc import ObjectSendStream
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from ...errors import ConnectorError
from ...values import Event, Json, JsonObject, Result
from .json_io import encode_json
from .problems import document
from .safe_responses import log_exception

HEARTBEAT = 15.0  # seconds without an event until a comment is sent; proxies close idle connections
_BUFFER = 16  # events that wait for a slow reader; beyond that the run waits too

EVENTS = "text/event-stream"

T = TypeVar("T")
Events = AsyncGenerator[Event]
ToJson = Callable[[Result], Json]
RunEvents = AsyncGenerator[JsonObject]


async def stream_events(events: Events, to_json: ToJson, request_id: str) -> Response:
    """Return a stream of the events of an action. An error before the first event is raised.

    So an error that is known at once gets its own HTTP status.
    """
    paced = _with_heartbeats(events)
    while (first := await anext(paced)) is None:
        pass
    encode = partial(_frame, to_json=to_json)
    return _event_stream(_frames(paced, encode, request_id, encode(first)))


def stream_run(
    events: RunEvents,
    to_json: Callable[[JsonObject], JsonObject],
    request_id: str,
    stopping: asyncio.Event,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a stream of the events of a durable run, which begins before the first of them.

    An event that is stored has its id, by which a client that comes back goes on. The stream ends
    with the run, or when the server is stopping.
    """

    def encode(event: JsonObject) -> bytes:
        id = str(event["id"]) if "id" in event else None
        return _encode(event["type"], to_json(event), id)

    frames = _frames(
        _with_heartbeats(_until(stopping, events)), encode, request_id, KEEPALIVE_COMMENT
    )
    return _event_stream(frames, status, headers)


def _event_stream(
    frames: AsyncGenerator[bytes], status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    # nginx would buffer the stream otherwise.
    unbuffered = {"X-Accel-Buffering": "no", **(headers or {})}
    return _EventStream(frames, status, unbuffered, media_type=EVENTS)


async def unless_disconnected(request: Request, work: Coroutine[None, None, T]) -> T | None:
    """Return the result of the work; cancel it and return None when the client disconnects."""
    task = asyncio.ensure_future(work)
    disconnect = asyncio.ensure_future(_disconnected(request))
    try:
        await asyncio.wait((task, disconnect), return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else None
    finally:
        disconnect.cancel()
        if not task.done():
            task.cancel()
            await asyncio.wait((task,))


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


class _EventStream(StreamingResponse):
    """A stream that closes its generator also when the client disconnects between two chunks."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            if isinstance(self.body_iterator, AsyncGenerator):
                await self.body_iterator.aclose()


async def _frames(
    paced: AsyncGenerator[T | None], encode: Callable[[T], bytes], request_id: str, first: bytes
) -> AsyncGenerator[bytes]:
    async with aclosing(paced):
        yield first
        try:
            async for event in paced:
                yield KEEPALIVE_COMMENT if event is None else encode(event)
        except Exception as error:
            if not isinstance(error, ConnectorError):
                log_exception(error, request_id)
            yield _encode("error", document(error, request_id))


async def _with_heartbeats(events: AsyncGenerator[T]) -> AsyncGenerator[T | None]:
    """Yield the events, and None whenever there was none for `HEARTBEAT` seconds."""
    sender, receiver = anyio.create_memory_object_stream[T](_BUFFER)
    # The events are read in one task, since the layers below use timeouts, and those are bound to
    # the task that entered them.
    run = asyncio.create_task(_forward(events, sender))
    try:
        while True:
            try:
                async with asyncio.timeout(HEARTBEAT):
                    event = await receiver.receive()
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
        receiver.close()


async def _until(stop: asyncio.Event, events: AsyncGenerator[T]) -> AsyncGenerator[T]:
    """Yield the events until the last one, or until it is time to stop."""
    stopped = asyncio.create_task(stop.wait())
    following = asyncio.ensure_future(anext(events, None))
    try:
        while True:
            await asyncio.wait((following, stopped), return_when=asyncio.FIRST_COMPLETED)
            event = following.result() if following.done() else None
            if event is None:
                return
            yield event
            following = asyncio.ensure_future(anext(events, None))
    finally:
        for task in (stopped, following):
            task.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await following  # it uses the generator until then
        await events.aclose()


async def _forward(events: AsyncGenerator[T], sender: ObjectSendStream[T]) -> None:
    async with sender, aclosing(events):
        async for event in events:
            await sender.send(event)


def _frame(event: Event, to_json: ToJson) -> bytes:
    return _encode(event.type, _data(event, to_json))


def _data(event: Event, to_json: ToJson) -> JsonObject:
    if event.result:
        data: JsonObject = to_json(event.result)
        return data
    if event.type == "delta":
        return {"text": event.text, "reasoning": event.reasoning}
    if event.type == "progress":
        data = {"done": event.done, "total": event.total, "unit": event.unit, "text": event.text}
        preview = event.preview.to_json() if event.preview else None
        optional = {"jobId": event.job, "row": event.row, "preview": preview}
        return data | {key: value for key, value in optional.items() if value}
    return {}


def _encode(name: str, data: JsonObject, id: str | None = None) -> bytes:
    return format_sse_event(event=name, data_str=encode_json(data).decode(), id=id)
