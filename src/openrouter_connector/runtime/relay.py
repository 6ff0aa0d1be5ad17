"""A call that is the caller's own and no action's: sent as it is, its answer passed on as it comes.

A stream goes through as bytes. Its events are read on the way, for the cost, for failures, and to
know whether the answer came to its end.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager

from ..errors import IncompleteError
from ..plain_json import to_json_text
from ..secret import Redactor, StreamRedactor
from ..values import Call, Json, JsonObject
from .dialects.chat import unnested
from .dialects.chat_fold import Fold
from .dialects.endings import is_ending
from .dialects.error_bodies import BROKEN_OFF, error_in, failed, incomplete, missing, objects
from .http.json_reader import read_json
from .http.response import EVENTS as EVENTS
from .http.response import Response
from .read import metadata_of
from .receipt import cost_afterwards
from .run import Services

_TELLS = {"generationId": "id", "model": "model", "usage": "usage"}
_COMPLETED = "image_generation.completed"


@asynccontextmanager
async def relay(call: Call, services: Services) -> AsyncIterator[Relayed]:
    """Send a call and give its answer, which is closed at the end of the block.

    Raises what `Transport.open` does, and BudgetError when nothing more may be spent; a GET costs
    nothing.
    """
    if call.method != "GET":
        services.budget.check()
    async with services.transport.open(call) as response:
        relayed = Relayed(response, services)
        try:
            yield relayed
        except IncompleteError as error:
            error.attempts = response.attempts
            error.generation_id = relayed.metadata["generationId"]
            raise


class Relayed:
    """An answer, to be read once: as JSON, as events or as a file."""

    def __init__(self, response: Response, services: Services) -> None:
        self._reply = response
        self._hands = services
        self.metadata: JsonObject = {"generationId": response.generation_id, "cost": None}
        """What is known of the call so far: generationId, model, and cost in USD."""

    @property
    def content_type(self) -> str:
        """The MIME type, without parameters."""
        return self._reply.content_type

    @property
    def full_type(self) -> str:
        """The MIME type with its parameters, such as the rate of samples."""
        return self._reply.headers.get("content-type", "")

    async def streams(self) -> bool:
        """Return whether the body is a stream of events, whatever its header says."""
        return await self._reply.streams()

    async def json(self, holds: str | None = None) -> JsonObject:
        """Read JSON. IncompleteError when it is none, is an error, or has no list of that name."""
        response = await self._whole()
        if not isinstance(response, dict):
            raise IncompleteError("the answer is not a JSON object", status=200, raw=response)
        self._account(response)
        if failure := _failure(response):
            raise failure
        if holds and not (isinstance(response.get(holds), list) and response[holds]):
            raise missing(f"the answer has no {holds}", response)
        return response

    async def events(self) -> AsyncGenerator[bytes]:
        """Give a stream of events as it comes, whole events at a time, without its `[DONE]`.

        It ends only when the answer did. IncompleteError when it broke off, holds an error or no
        answer, after all that came before.
        """
        course, events, shown = _Course(), _Events(), _Shown(self._reply.redactor)
        async for lines in self._reply.lines():
            good, failure = self._read(events.read(lines), course, shown)
            if good:
                yield good
            if failure:
                raise failure
            if course.done:
                break
        else:
            good, failure = self._read(events.end(), course, shown)
            if failure:
                raise failure
            if good:
                yield good + b"\n\n"
            if rest := shown.end():
                yield rest
        if not course.came:
            raise IncompleteError("the stream holds no answer", status=200)
        if not (course.done or course.finished):
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
            response = self._reply.redactor.redact_json(fold.response)
            self._account(response)
        fold.complete(self._reply.done)
        return response

    def _read(
        self, events: Iterator[tuple[bytes, Json]], course: _Course, shown: _Shown
    ) -> tuple[bytes, IncompleteError | None]:
        """Read events: return the bytes of those that can be passed on, and a failure."""
        good: list[bytes] = []
        for part, event in events:
            failure = IncompleteError(_NO_JSON, status=200) if event is _BROKEN else None
            if isinstance(event, dict):
                self._account(event)
                failure = _failure(event)
                course.take(event)
            course.done = event is _DONE
            if failure or course.done:
                return b"".join((*good, shown.end())), failure
            if isinstance(event, dict):
                part = shown.passed(part, event)
            good.append(part if part.endswith((b"\n", b"\r")) else part + b"\n")
        return b"".join(good), None

    def _account(self, response: JsonObject) -> None:
        """Keep what an answer, or an event of one, tells of itself."""
        known = metadata_of(response, _TELLS)
        known.pop("usage", None)
        self._count(known.pop("cost"))
        self.metadata |= {**known, **{k: v for k, v in self.metadata.items() if v is not None}}

    def _count(self, cost: float | None) -> None:
        # A stream may tell its cost again and again, each time the whole.
        if cost is not None:
            self._hands.budget.add(cost - (self.metadata["cost"] or 0))
            self.metadata["cost"] = cost


class _Course:
    """How far a stream has come, by its events."""

    def __init__(self) -> None:
        self.done = False
        """Whether `[DONE]` came."""
        self._ended: dict[int, bool] = {}
        """Each choice by its index, and whether it has a finish reason."""

    @property
    def came(self) -> bool:
        """Whether anything of an answer came."""
        return bool(self._ended)

    @property
    def finished(self) -> bool:
        """Whether each choice has ended."""
        return self.came and all(self._ended.values())

    def take(self, event: JsonObject) -> None:
        """Note what an event says."""
        if "choices" not in event and "type" in event:  # a picture
            self._ended[0] = event["type"] == _COMPLETED
        for place, choice in enumerate(objects(event.get("choices"))):
            index = _index(choice, place)
            ended = is_ending(choice.get("finish_reason"))
            self._ended[index] = ended or self._ended.get(index, False)


class _Shown:
    """The events of a stream as they are passed on: as they are, unless a key comes over several.

    Then what may be its beginning is held back, and comes with a later event.
    """

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._flows: dict[tuple[int, str], StreamRedactor] = {}
        self._last: JsonObject = {}

    def passed(self, part: bytes, event: JsonObject) -> bytes:
        """Return the bytes of an event, written anew where its texts changed."""
        self._last, changed = event, False
        for place, choice in enumerate(objects(event.get("choices"))):
            if not isinstance(delta := choice.get("delta"), dict):
                continue
            index, ended = _index(choice, place), is_ending(choice.get("finish_reason"))
            for name in _TEXTS:
                piece = delta.get(name)
                text = piece if isinstance(piece, str) else ""
                if not text and not ended:
                    continue
                flow = self._flows.setdefault((index, name), StreamRedactor(self._redactor))
                shown = flow.feed(text) + (flow.flush() if ended else "")
                if shown != text:
                    delta[name], changed = shown, True
        return _written(event) if changed else part

    def end(self) -> bytes:
        """Return what was held back, as an event of its own."""
        held = [(place, flow.flush()) for place, flow in self._flows.items()]
        choices = [{"index": index, "delta": {name: text}} for (index, name), text in held if text]
        return _written({**self._last, "choices": choices}) if choices else b""


def _index(choice: JsonObject, place: int) -> int:
    index = choice.get("index")
    return index if isinstance(index, int) else place


_TEXTS = ("content", "reasoning", "reasoning_content")


def _written(event: JsonObject) -> bytes:
    return b"data: " + json.dumps(event).encode() + b"\n\n"


_DONE, _BROKEN = object(), object()
_NO_JSON = "the stream holds what is not JSON"
_LONGEST_HELD = 1024 * 1024  # bytes of an event of several lines


class _Events:
    """The events of a stream, each with the bytes that it came in."""

    def __init__(self) -> None:
        self._lines: list[bytes] = []
        self._data: list[bytes] = []
        self._size = 0

    def read(self, lines: bytes) -> Iterator[tuple[bytes, Json]]:
        """Yield the events that end in some whole lines, each with its JSON, `_DONE` or `_BROKEN`.

        An event whose first line is JSON is whole; None stands for one without data.
        """
        for line in lines.splitlines(keepends=True):
            self._lines.append(line)
            self._size += len(line)
            first, blank = not self._data, not line.strip()
            if line.startswith(b"data:"):
                if line[5:].strip() == b"[DONE]":
                    yield self._ended(_DONE if first else _BROKEN)
                    return
                self._data.append(line[5:].rstrip(b"\r\n"))
            if first or blank:
                event, exact = _parsed(b"\n".join(self._data))
                if blank or event is not _BROKEN:
                    yield self._ended(event, exact)
            elif self._size > _LONGEST_HELD:
                yield self._ended(_BROKEN)

    def end(self) -> Iterator[tuple[bytes, Json]]:
        """Yield the event that no blank line ended, if it is whole."""
        event, exact = _parsed(b"\n".join(self._data))
        if event not in (None, _BROKEN):
            yield self._ended(event, exact)

    def _ended(self, event: Json, exact: bool = True) -> tuple[bytes, Json]:
        lines = self._lines if exact else _rewritten(self._lines, event)
        part = b"".join(lines)
        self._lines, self._data, self._size = [], [], 0
        return part, event


def _parsed(data: bytes) -> tuple[Json, bool]:
    """Read an event, and tell whether every client can read it as it came."""
    if not data.strip():
        return None, True
    try:
        return _EXACT.decode(data.decode()), True
    except (ValueError, RecursionError):
        pass
    try:
        return read_json(data), False
    except (ValueError, RecursionError):
        return _BROKEN, True


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


_EXACT = json.JSONDecoder(parse_constant=_refuse)  # without NaN and Infinity


def _rewritten(lines: list[bytes], event: Json) -> list[bytes]:
    """Return the lines of an event with valid JSON as its data."""
    others = [line for line in lines if line.strip() and not line.startswith(b"data:")]
    return [*others, b"data: %b\n" % to_json_text(event).encode(), b"\n"]


def _failure(response: JsonObject) -> IncompleteError | None:
    """Return the error that an answer, or an event of one, is or has in one of its choices."""
    for one in (response, *objects(response.get("choices"))):
        if error := error_in(one):
            return failed(error, response)
        if str(one.get("finish_reason")).casefold() == "error":
            return incomplete("the provider failed", response)
    if response.get("choices", ()) is None:
        return missing("the answer has no choices", response)
    return None
