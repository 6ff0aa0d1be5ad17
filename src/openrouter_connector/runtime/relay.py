"""A call that is the caller's own and no action's: sent as it is, its answer passed on as it comes.

Only what tells of cost or failure is read on the way; the rest of a stream goes through as bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from ..errors import IncompleteError
from ..values import Call, JsonObject
from .dialects.chat import unnested
from .dialects.failures import BROKEN_OFF, incomplete
from .receipt import cost_afterwards
from .refusals import describe, error_of
from .reply import Reply
from .response import metadata_of
from .run import Hands

EVENTS = "text/event-stream"
_TELLS = {"generationId": "id", "model": "model", "usage": "usage"}
_DONE = re.compile(rb"^data: ?\[DONE\]", re.MULTILINE)
# Inside a text of a model the quotes would be escaped, so that none can look like these.
_TELLING = (b'"usage"', b'"error"', b'"choices":null', b'"choices": null')
_FINISHED = re.compile(rb'"finish_reason"\s*:\s*"|"image_generation\.completed"')


@asynccontextmanager
async def relay(call: Call, hands: Hands) -> AsyncIterator[Relayed]:
    """Send a call and give its answer, which is closed at the end of the block.

    Raises what `Transport.open` does, and BudgetError when nothing more may be spent; a GET costs
    nothing.
    """
    if call.method != "GET":
        hands.budget.check()
    async with hands.transport.open(call) as reply:
        relayed = Relayed(reply, hands)
        try:
            yield relayed
        except IncompleteError as error:
            error.attempts = reply.attempts
            error.generation_id = relayed.metadata["generationId"]
            raise


class Relayed:
    """An answer, to be read once: as JSON, as events or as a file."""

    def __init__(self, reply: Reply, hands: Hands) -> None:
        self._reply = reply
        self._hands = hands
        self.metadata: JsonObject = {"generationId": reply.generation_id, "cost": None}
        """What is known of the call so far: generationId, model, and cost in USD."""

    @property
    def content_type(self) -> str:
        """The MIME type, without parameters."""
        return self._reply.content_type

    @property
    def full_type(self) -> str:
        """The MIME type with its parameters, such as the rate of samples."""
        return self._reply.headers.get("content-type", "")

    async def json(self, holds: str | None = None) -> JsonObject:
        """Read JSON. IncompleteError when it is none, is an error, or has no list of that name."""
        reply = unnested(await self._reply.json())
        if not isinstance(reply, dict):
            raise IncompleteError("the answer is not a JSON object", status=200, raw=reply)
        self._account(reply)
        if failed := _failure(reply):
            raise failed
        if holds and not (isinstance(reply.get(holds), list) and reply[holds]):
            raise incomplete(f"the answer has no {holds}", reply)
        return reply

    async def events(self) -> AsyncGenerator[bytes]:
        """Give a stream of events as it comes, whole lines at a time, without its `[DONE]`.

        It ends only when the answer did. IncompleteError when it broke off or holds an error,
        after all that came before.
        """
        finished = False
        async for lines in self._reply.lines():
            if _tells(lines):
                good, failed = self._read(lines)
                if failed and good:
                    yield good
                if failed:
                    raise failed
            if b"[DONE]" in lines and (done := _DONE.search(lines)):
                yield lines[: done.start()]
                return
            if not lines.endswith(b"\n"):  # the very last line, and perhaps cut off
                lines = lines + b"\n" if _event(lines) else b""
            finished = finished or bool(_FINISHED.search(lines))
            yield lines
        if not finished:
            raise IncompleteError(BROKEN_OFF, status=200)

    async def file(self) -> AsyncGenerator[bytes]:
        """Give a body that is a file, in pieces. IncompleteError when it is none, or empty."""
        if self.content_type.startswith("text/") or self.content_type.endswith(("json", "xml")):
            raise IncompleteError("the answer is not a file", status=200, raw=await self.json())
        size = 0
        async for chunk in self._reply.chunks():
            size += len(chunk)
            yield chunk
        if not size:
            raise IncompleteError("the answer is empty", status=200)

    async def look_up_cost(self) -> None:
        """Ask what an answer cost that did not tell it, after its end; it may take seconds."""
        receipt, generation = self._hands.component.receipt, self._reply.generation_id
        if self.metadata["cost"] is None and receipt and generation:
            self._count(await cost_afterwards(receipt, generation, self._hands.transport))

    def _read(self, lines: bytes) -> tuple[bytes, IncompleteError | None]:
        """Read what some lines tell: give them up to the first that is an error, and that one."""
        good = 0
        for line in lines.splitlines(keepends=True):
            event = _event(line) if _tells(line) else None
            if event:
                self._account(event)
                if failed := _failure(event):
                    return lines[:good], failed
            good += len(line)
        return lines, None

    def _account(self, reply: JsonObject) -> None:
        """Keep what an answer, or an event of one, tells of itself."""
        known = metadata_of(reply, _TELLS)
        known.pop("usage", None)
        self._count(known.pop("cost"))
        self.metadata |= {**known, **{k: v for k, v in self.metadata.items() if v is not None}}

    def _count(self, cost: float | None) -> None:
        # A stream may tell its cost again and again, each time the whole.
        if cost is not None:
            self._hands.budget.add(cost - (self.metadata["cost"] or 0))
            self.metadata["cost"] = cost


def _tells(lines: bytes) -> bool:
    """Tell, at next to no cost, whether anything in these lines is worth reading."""
    return any(word in lines for word in _TELLING)


def _event(line: bytes) -> JsonObject | None:
    """Give the object in a line of a stream, if there is one and it is whole."""
    try:
        event = json.loads(line[5:]) if line.startswith(b"data:") else None
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) else None


def _failure(reply: JsonObject) -> IncompleteError | None:
    """Give the error that an answer, or an event of one, is or has in one of its choices."""
    choices = reply.get("choices")
    for one in (reply, *(choices if isinstance(choices, list) else ())):
        if isinstance(one, dict) and (one.get("error") or one.get("finish_reason") == "error"):
            error = error_of(one)
            return incomplete(describe(error) or "the provider failed", reply, None, error)
    if choices is None and "choices" in reply:
        return incomplete("the answer has no choices", reply)
    return None
