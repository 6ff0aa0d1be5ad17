"""Relay a call that is the caller's own and no action's: it is sent as it is, and so is its answer.

A stream is passed on as bytes. Its events are read on the way: for the cost, for failures, and to
know whether the answer ended.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager

from ..errors import IncompleteError
from ..values import Call, Json, JsonObject, Metadata
from .account import Account
from .api_profile import ApiProfile
from .dialects import DIALECTS
from .dialects.chat import failure_in, unnested
from .dialects.error_bodies import BROKEN_OFF, error_in, failed, missing, not_a_file
from .http.response import EVENTS as EVENTS
from .http.response import Response
from .http.sse import Events, Frame
from .relay_events import Exact, Passing, Progress
from .services import Services

_METADATA = {"generation_id": "id", "model": "model", "usage": "usage"}


@asynccontextmanager
async def relay(call: Call, services: Services) -> AsyncIterator[Relayed]:
    """Send a call and yield its answer, which is closed at the end of the block.

    Raises what `Transport.open` does, and BudgetError when the budget does not cover the call; a
    GET costs nothing.
    """
    free = call.method == "GET"
    profile = services.transport.profile
    account = Account(services.budget.reserve(call), profile, free=free)
    async with account.reservation, services.send(call) as response:
        account.begin(response)
        try:
            yield Relayed(response, account, services, call.dialect)
        except IncompleteError as error:
            account.explain(error)
            raise


class Relayed:
    """An answer, to be read once: as JSON, as events or as a file."""

    def __init__(
        self, response: Response, account: Account, services: Services, dialect: str | None = None
    ) -> None:
        """`dialect` is the format that a stream is folded from, if none was requested."""
        self._dialect = dialect
        self._response = response
        self._account = account
        self._services = services

    @property
    def metadata(self) -> Metadata:
        """What is known of the call so far: `generation_id`, `model`, `usage`, and `cost`."""
        return self._account.metadata()

    @property
    def content_type(self) -> str:
        """The MIME type, without parameters."""
        return self._response.content_type

    @property
    def full_type(self) -> str:
        """The MIME type with its parameters, such as the sample rate."""
        return self._response.headers.get("content-type", "")

    async def streams(self) -> bool:
        """Return whether the body is a stream of events, whatever its header says."""
        return await self._response.streams()

    async def json(self, holds: str | None = None) -> JsonObject:
        """Read JSON. IncompleteError for other content, an error, or no list `holds`."""
        response = await self._whole()
        if not isinstance(response, dict):
            raise IncompleteError("the answer is not a JSON object", status=200, raw=response)
        self._account.read(response, _METADATA)
        if failure := _failure(response, self._response.profile):
            raise failure
        if holds and not (isinstance(response.get(holds), list) and response[holds]):
            raise missing(f"the answer has no {holds}", response, self._response.profile)
        return response

    async def events(self) -> AsyncGenerator[bytes]:
        """Yield a stream of events as it comes, whole events at a time, without its `[DONE]`.

        It ends only when the answer did. IncompleteError when it broke off, holds an error or no
        answer, after all that came before.
        """
        exact, progress = Exact(), Progress()
        events, passing = Events(exact), Passing(self._response.redactor, exact)
        async for lines in self._response.lines():
            # Everything before the failure is passed on first: the client paid for it.
            good, failure = self._read(events.frames(lines), progress, passing)
            if failure or events.done:
                good += passing.end()
            if good:
                yield good
            if failure:
                raise failure
            if events.done:
                break
        else:
            good, failure = self._read(events.last_frame(), progress, passing)
            if failure and failure.raw is not None:  # without it an event was only cut off
                raise failure
            if good:
                yield good + b"\n\n"
            if rest := passing.end():
                yield rest
        if not progress.began:
            raise IncompleteError("the stream holds no answer", status=200)
        if not (events.done or progress.finished):
            raise IncompleteError(BROKEN_OFF, status=200)

    async def file(self) -> AsyncGenerator[bytes]:
        """Yield the chunks of a file; raise IncompleteError for another or an empty body."""
        if self._response.declares_text:
            raise not_a_file(await self.json())
        size = 0
        async for chunk in self._response.chunks():
            size += len(chunk)
            yield chunk
        # An empty body with status 200 would be stored as an empty file.
        if not size:
            raise IncompleteError("the answer is empty", status=200)

    async def look_up_cost(self) -> None:
        """Look up a cost that the answer did not report, after its end; it may take seconds."""
        await self._account.look_up_cost(self._services)

    async def _whole(self) -> Json:
        """Read a body as JSON; a stream that was not requested is folded into it."""
        if not await self._response.streams():
            return unnested(await self._response.json())
        fold = DIALECTS[self._dialect].fold()
        try:
            async for event in self._response.events():
                for _ in fold.add(event):
                    pass
        finally:
            response = self._response.redactor.redact_json(fold.response)
            self._account.read(response, _METADATA)
        fold.complete(self._response.ended(response))
        return response

    def _read(
        self, frames: Iterator[Frame], progress: Progress, passing: Passing
    ) -> tuple[bytes, IncompleteError | None]:
        """Read events: return the bytes of those that can be passed on, and a failure."""
        good: list[bytes] = []
        try:
            for lines, event in frames:
                if isinstance(event, dict):
                    # Events of a response hold it one level deeper.
                    inner = event.get("response")
                    self._account.read(inner if isinstance(inner, dict) else event, _METADATA)
                    if failure := _failure(event, self._response.profile):
                        return b"".join(good), failure
                    progress.add(event)
                good.append(passing.write(lines, event))
        except IncompleteError as error:  # it is not JSON
            return b"".join(good), error
        return b"".join(good), None


def _failure(response: JsonObject, profile: ApiProfile) -> IncompleteError | None:
    """Return the failure that an answer, or an event of one, reports."""
    if failure := failure_in(response, profile):
        return failure
    if response.get("type") == "error":  # an event of a response
        return failed(error_in({"error": response}) or {}, response, profile)
    if response.get("choices", ()) is None:
        return missing("the answer has no choices", response, profile)
    return None
