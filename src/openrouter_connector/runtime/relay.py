"""A call that is the caller's own and no action's: sent as it is, its answer passed on as it comes.

Only what tells of cost or failure is read on the way; the rest of a stream goes through as bytes.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager

from ..errors import IncompleteError
from ..values import Call, Json, JsonObject
from .dialects.chat import Fold, unnested
from .dialects.failures import BROKEN_OFF, incomplete
from .receipt import cost_afterwards
from .refusals import describe, error_of
from .reply import EVENTS as EVENTS
from .reply import Reply
from .response import metadata_of
from .run import Hands
from .sse import parsed

_TELLS = {"generationId": "id", "model": "model", "usage": "usage"}
_DONE = re.compile(rb"(?:\A|(?<=[\r\n]))data: ?\[DONE\]")
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

    async def streams(self) -> bool:
        """Tell whether the body is a stream of events, whatever its header says."""
        return await self._reply.streams()

    async def json(self, holds: str | None = None) -> JsonObject:
        """Read JSON. IncompleteError when it is none, is an error, or has no list of that name."""
        reply = await self._whole()
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
            if not lines.endswith((b"\n", b"\r")):  # the very last line, and perhaps cut off
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

    async def _whole(self) -> Json:
        """Read a body as JSON; a stream that came unasked is folded into it."""
        if not await self._reply.streams():
            return unnested(await self._reply.json())
        fold = Fold()
        try:
            async for event in self._reply.events():
                for _ in fold.add(event):
                    pass
        finally:
            self._account(fold.reply)
        return fold.complete(self._reply.done)

    def _read(self, lines: bytes) -> tuple[bytes, IncompleteError | None]:
        """Read what some lines tell: give them up to the first that is an error, and that one."""
        good = 0
        for part, event in _events(lines):
            if event:
                self._account(event)
                if failed := _failure(event):
                    return lines[:good], failed
            good += len(part)
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


def _events(lines: bytes) -> Iterator[tuple[bytes, JsonObject | None]]:
    """Cut lines where an event may end, and give the object that each part holds, if it does."""
    held: list[bytes] = []
    for line in lines.splitlines(keepends=True):
        held.append(line)
        blank = not line.strip()
        if blank or len(held) == 1:  # tried at its first line and its end, however many it has
            event = _event(b"".join(held))
            if blank or event is not None or not line.startswith(b"data:"):
                yield b"".join(held), event
                held = []
    if held:
        yield b"".join(held), _event(b"".join(held))


def _event(lines: bytes) -> JsonObject | None:
    """Give the object in the lines of an event, if there is one and it is whole."""
    data = [line[5:] for line in lines.splitlines() if line.startswith(b"data:")]
    try:
        event = parsed(b"\n".join(data)) if data else None
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
