"""The answer to a call, read once: as JSON, in pieces, or as a stream of events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import PureWindowsPath
from typing import NoReturn, cast

import httpx

from ...errors import ApiError, IncompleteError
from ...secret import Hiding
from ...values import Json
from .decoding import DecodeError, decoded
from .json_reader import read_json
from .sse import BOM, Events, Lines, begins_events

EVENTS = "text/event-stream"
_LARGE = 4 * 1024 * 1024  # bytes
LARGEST_REPLY = 100 * 1024 * 1024  # bytes of JSON or of a stream, unpacked
_EXCERPT = 2000  # characters of an answer that cannot be read, kept in the error


@dataclass(frozen=True, slots=True)
class Wait:
    """Seconds for the next byte and for the whole call, and when by the loop's clock that ends."""

    idle: float
    total: float
    until: float


class Response:
    """The answer to a call: its headers are here, its body is read once, as one likes."""

    def __init__(self, response: httpx.Response, attempts: int, wait: Wait, hiding: Hiding) -> None:
        self._response = response
        self._body = body_of(response, wait)
        self._head = b""
        self._wait = wait
        self.hiding = hiding
        """What hides the key in what was put together of the answer."""
        self._hide = hiding.in_bytes
        self.attempts = attempts
        self.done = False
        """Whether a stream of events ended with `[DONE]`."""

    @property
    def status(self) -> int:
        """The HTTP status: of success, or 304."""
        return self._response.status_code

    @property
    def headers(self) -> dict[str, str]:
        """The headers, their names in lower case."""
        return {self._shown(name): self._shown(one) for name, one in self._response.headers.items()}

    @property
    def content_type(self) -> str:
        """The MIME type, without parameters."""
        told = self._shown(self._response.headers.get("content-type", ""))
        return told.split(";")[0].strip().lower()

    @property
    def filename(self) -> str | None:
        """The name that a file has at the server, without folders."""
        told = EmailMessage()
        header = self._shown(self._response.headers.get("content-disposition", "inline"))
        told["Content-Disposition"] = header
        return PureWindowsPath(self._shown(told.get_filename() or "")).name or None

    @property
    def generation_id(self) -> str | None:
        """What the API calls this call."""
        return generation_id_of(self._response, self._hide)

    async def streams(self) -> bool:
        """Tell whether the body is a stream of events: its first bytes say so, not its header."""
        found = None
        try:
            while found is None:
                chunk = await anext(self._body)
                # Blank lines, which keep a connection alive, are not kept themselves.
                self._head = (self._head + chunk).removeprefix(BOM).lstrip()
                if self._head.startswith((b"{", b"[", b"<")):
                    return False
                found = begins_events(self._head)
        except StopAsyncIteration:
            pass
        except BROKEN as error:
            self._broken(error)
        return found or self.content_type == EVENTS

    async def json(self) -> Json:
        """Read the whole body as JSON; IncompleteError when it is cut off, or none.

        A document that is whole is read though its encoding has a fault, or its time is over.
        """
        body = bytearray(self._head)
        try:
            await limited(self._body, LARGEST_REPLY, self.status, body)
        except BROKEN as error:
            if isinstance(error, DecodeError | TotalTimeout):
                with suppress(ApiError):
                    value = await self._parsed_aside(bytes(body))
                    if isinstance(value, dict | list):
                        return value
            self._broken(error, self._excerpt(bytes(body).strip()))
        return await self._parsed_aside(bytes(body))

    async def _parsed_aside(self, raw: bytes) -> Json:
        # To look for the key in a large body may take seconds, and others go on meanwhile.
        return await asyncio.to_thread(self.parsed, raw) if len(raw) > _LARGE else self.parsed(raw)

    def parsed(self, raw: bytes) -> Json:
        """Read the bytes of a whole body as JSON; IncompleteError when it is cut off, or none."""
        # A slow answer may begin with blank lines, which keep the connection alive.
        text = raw.strip()
        if not text:
            raise IncompleteError("the answer is empty", status=200)
        try:
            return hidden_json(text, self._response, self.hiding)
        except (ValueError, RecursionError) as error:
            if self._is_page(text):
                told = "the answer is a web page and not the API's; check the base URL"
                raise ApiError(told, status=200) from error
            told = f"the answer is not JSON, or was cut off: {error}"
            raise IncompleteError(
                told, status=200, generation_id=self.generation_id, partial=self._excerpt(text)
            ) from error

    def _excerpt(self, text: bytes) -> str | None:
        """Return the beginning of a body that cannot be read, unless it is a web page."""
        if self._is_page(text):
            return None
        return self._hide(text).decode(errors="replace")[:_EXCERPT] or None

    def _is_page(self, text: bytes) -> bool:
        return "html" in self.content_type or text.startswith(b"<")

    async def chunks(self) -> AsyncIterator[bytes]:
        """Read the body in pieces; IncompleteError when it breaks off."""
        if self._head:
            yield self._head
        try:
            async for chunk in self._body:
                yield chunk
        except BROKEN as error:
            self._broken(error)

    async def lines(self) -> AsyncIterator[bytes]:
        """Read a stream of events, some whole lines at a time, as they come, without the key."""
        async for lines in self._lines():
            yield self._hide(lines)

    async def _lines(self) -> AsyncIterator[bytes]:
        lines, size = Lines(), 0
        async for chunk in self.chunks():
            size += len(chunk)
            if size > LARGEST_REPLY:
                raise IncompleteError(_too_large(LARGEST_REPLY), status=self.status)
            if whole := lines.feed(chunk):
                yield whole
        if rest := lines.end():
            yield rest

    async def events(self) -> AsyncIterator[Json]:
        """Read server-sent events as JSON, without comments and without the final `[DONE]`.

        A key may stand in them, and over several: it is hidden in what is put together of them.
        """
        events = Events()
        async for lines in self._lines():
            for _, event in events.frames(lines):
                if event is not None:
                    yield event
            if events.done:
                self.done = True
                return
        for event in events.end():
            yield event

    def _shown(self, text: str) -> str:
        return self._hide(text.encode(errors="replace")).decode()

    def _broken(self, error: Exception, partial: str | None = None) -> NoReturn:
        told = f"{_why(error, self._wait)}; it may have been billed, and was not asked for again"
        raise IncompleteError(
            told,
            status=self._response.status_code,
            generation_id=self.generation_id,
            partial=partial,
        ) from error


def hidden_json(raw: bytes, response: httpx.Response, hiding: Hiding) -> Json:
    """Read a body as JSON without the key in it, which is looked for once the text is decoded."""
    value = read_json(raw, lambda: response.charset_encoding, whole_body=True)
    charset = (response.charset_encoding or "utf-8").lower()
    plain = charset in ("utf-8", "utf8", "ascii", "us-ascii") and b"\0" not in raw[:4]
    return value if plain and not hiding.may_be_in(raw) else hiding.in_json(value)


class TotalTimeout(httpx.ReadTimeout):
    """The time for the whole call is over."""


TIMEOUTS = (httpx.ReadTimeout, httpx.WriteTimeout)
BROKEN = (httpx.TransportError, DecodeError)


def body_of(response: httpx.Response, wait: Wait) -> AsyncIterator[bytes]:
    """Return the chunks of a body, decoded; one of `BROKEN` as they are read."""
    # Not by httpx, which undoes any number of encodings, and each in one step.
    stream = cast(httpx.AsyncByteStream, response.stream)
    return decoded(_in_time(aiter(stream), wait), response.headers.get("content-encoding", ""))


async def _in_time(chunks: AsyncIterator[bytes], wait: Wait) -> AsyncIterator[bytes]:
    """Pass chunks on until the time is over, however little and often they come.

    The backend's own timer is not enough: bytes around a body restart it, and are no chunk. One
    timer serves all reads, since `asyncio.timeout` would cost each of them ten times as much.
    """
    reader, over = None, False

    def end() -> None:
        nonlocal over
        over = True
        if reader:
            reader.cancel()

    timer = asyncio.get_running_loop().call_at(wait.until, end)
    try:
        while not over:
            reader = cast("asyncio.Task[object]", asyncio.current_task())
            cancels = reader.cancelling()
            try:
                chunk = await anext(chunks)
            except StopAsyncIteration:
                return
            except asyncio.CancelledError:
                if over and reader.uncancel() <= cancels:
                    break
                raise
            finally:
                reader = None
            yield chunk
    finally:
        timer.cancel()
    raise TotalTimeout("the time is over")


def generation_id_of(response: httpx.Response, hide: Callable[[bytes], bytes]) -> str | None:
    """Give what the API calls a call, by the header of its answer."""
    value = response.headers.get("x-generation-id")
    return hide(value.encode()).decode() if value else None


async def limited(chunks: AsyncIterator[bytes], most: int, status: int, body: bytearray) -> None:
    """Read the rest of a body into `body`; IncompleteError for more than so many bytes."""
    async for chunk in chunks:
        body += chunk
        if len(body) > most:
            raise IncompleteError(_too_large(most), status=status)


def _why(error: Exception, wait: Wait) -> str:
    if isinstance(error, DecodeError):
        return f"the answer {error}"
    if isinstance(error, TotalTimeout):
        return f"the answer was not done after {wait.total:g} s"
    silent = f"no byte came for {wait.idle:g} s; " if isinstance(error, TIMEOUTS) else ""
    return f"{silent}the answer broke off"


def _too_large(most: int) -> str:
    return f"the answer is larger than {most // 1024**2} MB, unpacked"
