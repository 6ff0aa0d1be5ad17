"""Send each paid request of a run once: this is the `Send` of the sessions that perform its steps.

intent recorded ──▶ sent ──▶ answer recorded ──▶ read
       └─▶ the run was interrupted before: its recorded answer is read again, or, without one,
           the request is in doubt and is not sent again
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial

from ...errors import ConnectorError, InDoubtError
from ...runtime.api_profile import ApiProfile
from ...runtime.files.store import FileStore
from ...runtime.http.response import Response
from ...runtime.item_place import item_place
from ...runtime.services import Open
from ...secret import Redactor
from ...values import Call, an_object
from .call_limits import CallLimits
from .large_values import LARGEST_INLINE, open_file
from .requests import RecordedAnswer, RequestKey, Requests

_DROPPED = {"content-encoding", "content-length", "transfer-encoding", "set-cookie", "connection"}
"""Headers that do not hold for a recorded body, or that nobody may keep."""


@dataclass(slots=True)
class StepContext:
    """The step that is performed: where its requests are recorded, and under which name."""

    run: str
    place: str
    owner: str
    action: str
    requests: Requests
    files: FileStore
    calls: CallLimits
    redactor: Redactor
    profile: ApiProfile
    retries_doubtful: bool
    """Whether a request in doubt is sent again."""
    on_turn: Callable[[], None]
    """Called when a request may be sent: the time of the step begins with the first one."""
    usual_cost: Callable[[], Awaitable[float | None]]
    """Looks up what such a step usually costs, for a report of doubt."""
    numbers: Counter[str] = field(default_factory=Counter)
    """How many requests each item of the step has made in this try."""
    begun: set[RequestKey] = field(default_factory=set)
    """The requests of all tries."""
    is_lost: bool = False
    """Whether the answer to one of its requests did not come, although it may be charged."""
    doubt: InDoubtError | None = None
    """Why the step cannot end: one of its requests is in doubt, whatever became of the others."""


current_step: ContextVar[StepContext] = ContextVar("current_step")


def durable_send(call: Call, open: Open) -> AbstractAsyncContextManager[Response]:
    """Send a paid request of the current step, or yield the answer that was recorded for it."""
    return _sent(call, open, current_step.get())


@asynccontextmanager
async def _sent(call: Call, open: Open, step: StepContext) -> AsyncGenerator[Response]:
    item = ".".join(map(str, item_place()))
    key = RequestKey(step.run, step.place, item, step.numbers[item])
    step.numbers[item] += 1
    async with step.calls.turn():
        step.on_turn()
        model = str(an_object(call.body).get("model") or "")
        begin = partial(step.requests.begin, key, step.owner, step.action, model)
        begun = await begin(first=key not in step.begun)
        step.begun.add(key)
        if begun.answer is None and not begun.is_new and step.retries_doubtful:
            await step.requests.retire(step.run, step.place, key)
            begun = await begin(first=False)
        if begun.is_new:
            async with _opened(call, open, key, step) as response:
                yield response
            return
    if begun.answer is None:
        step.doubt = _doubt(await step.usual_cost())
        raise step.doubt
    answer, body = begun.answer, _body(begun.answer, step.files)
    yield Response.recorded(answer.status, answer.headers, body, step.redactor, step.profile)


@asynccontextmanager
async def _opened(
    call: Call, open: Open, key: RequestKey, step: StepContext
) -> AsyncGenerator[Response]:
    """Send a request, and record what became of it."""
    served = False
    try:
        async with open(call) as response:
            served = True
            body = bytearray()
            response.copy_to(body.extend)
            yield response
            await _record(key, response, body, step)
    except asyncio.CancelledError:
        step.requests.lost(key)  # a timeout, or the end of this process
        raise
    except ConnectorError as error:
        # An answer that broke off is paid for, and what came of it is in the error.
        if served or error.may_be_charged:
            step.requests.lost(key)
            step.is_lost = step.is_lost or not served
        else:
            step.requests.refused(key)
        raise


async def _record(key: RequestKey, response: Response, body: bytearray, step: StepContext) -> None:
    content = response.redactor.redact_bytes(bytes(body))
    headers = {name: value for name, value in response.headers.items() if name not in _DROPPED}
    answer = RecordedAnswer(response.status, headers)
    try:
        text = content.decode() if len(content) <= LARGEST_INLINE else None
    except UnicodeDecodeError:
        text = None
    if text is not None and "\0" not in text:  # which PostgreSQL does not store
        answer = RecordedAnswer(response.status, headers, body=text)
    else:
        entry = await step.files.put(content, "answer.bin", "application/octet-stream")
        answer = RecordedAnswer(response.status, headers, file=entry.url)
    step.requests.answered(key, answer)


async def _body(answer: RecordedAnswer, files: FileStore) -> AsyncIterator[bytes]:
    if answer.file is None:
        yield (answer.body or "").encode()
        return
    async for chunk in open_file(answer.file, files):
        yield chunk


def _doubt(cost: float | None) -> InDoubtError:
    about = f", which costs about ${cost:.4f}" if cost is not None else ""
    return InDoubtError(
        f"a request{about} was under way when the run was interrupted, and nobody knows whether it "
        "was served and charged. It was not sent again; a resume sends it again if you ask for it",
        likely_cost=cost,
    )
