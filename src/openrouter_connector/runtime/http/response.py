"""The response to a call. Its body is read once: as JSON, in chunks, or as a stream of events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import PureWindowsPath
from typing import NoReturn, Self, cast

import httpx

from ...errors import ApiError, IncompleteError
from ...secret import Redactor
from ...values import Json
from ..api_profile import ApiProfile
from .decoding import DecodeError, decoded
from .json_reader import read_json
from .sse import BOM, Events, Lines, begins_events

EVENTS = "text/event-stream"
# The search for the key in 4 MB takes 50 ms, for which no other call goes on.
_LARGE = 4 * 1024 * 1024  # bytes
LARGEST_RESPONSE = 100 * 1024 * 1024  # bytes of JSON or of a stream, unpacked
_FOR_READING = 3600.0  # seconds to read a recorded body from disk
_EXCERPT = 2000  # characters of an unreadable response that the error keeps


@dataclass(frozen=True, slots=True)
class Wait:
    """The timeouts of one call in seconds, and when it ends by the clock of the event loop."""

    idle: float
    total: float
    until: float


class Response:
    """A response whose headers have arrived and whose body can be read once."""

    def __init__(
        self,
        response: httpx.Response,
        attempts: int,
        wait: Wait,
        redactor: Redactor,
        profile: ApiProfile,
    ) -> None:
        self._response = response
        self._body = body_of(response, wait)
        self._head = b""
        self._wait = wait
        self.profile = profile
        """What is true of the API that sent it."""
        self.redactor = redactor
        """Redacts the token from text that was assembled from several chunks."""
        self._hide = redactor.redact_bytes
        self.attempts = attempts
        self.done = False
        """Whether a stream of events ended with `[DONE]`."""

    @classmethod
    def recorded(
        cls,
        status: int,
        headers: Mapping[str, str],
        body: AsyncIterator[bytes],
        redactor: Redactor,
        profile: ApiProfile,
    ) -> Self:
        """Return a response that was received before, as it was read then: without its encoding."""
        stream = _Recorded(body)
        wait = Wait(0, _FOR_READING, asyncio.get_running_loop().time() + _FOR_READING)
        response = httpx.Response(status, headers=dict(headers), stream=stream)
        return cls(response, 0, wait, redactor, profile)

    def copy_to(self, take: Callable[[bytes], object]) -> None:
        """Pass each chunk of the body to `take` when it is read. Called before the first read."""
        self._body = _copied(self._body, take)

    @property
    def status(self) -> int:
        """The HTTP status: 2xx or 304, since all others raise."""
        return self._response.status_code

    @property
    def headers(self) -> dict[str, str]:
        """The headers, their names in lower case."""
        return {
            self._shown(name): self._shown(value) for name, value in self._response.headers.items()
        }

    @property
    def content_type(self) -> str:
        """The MIME type, without parameters."""
        content_type = self._shown(self._response.headers.get("content-type", ""))
        return content_type.split(";")[0].strip().lower()

    @property
    def declares_text(self) -> bool:
        """Whether the header declares text, JSON or XML: a message where a file was expected."""
        return self.content_type.startswith("text/") or self.content_type.endswith(("json", "xml"))

    @property
    def filename(self) -> str | None:
        """The file name that the server suggests, without folders."""
        message = EmailMessage()
        header = self._shown(self._response.headers.get("content-disposition", "inline"))
        # It reads both forms of the header: `filename` and the encoded `filename*`.
        message["Content-Disposition"] = header
        # A server must not choose the folder: `PureWindowsPath` cuts at both kinds of slash.
        return PureWindowsPath(self._shown(message.get_filename() or "")).name or None

    @property
    def generation_id(self) -> str | None:
        """The id that the API gave this call."""
        return response_id(self._response, self.profile, self._hide)

    async def streams(self) -> bool:
        """Return whether the body is a stream of events, by its first bytes and not its header.

        IncompleteError for a body that has nothing but blank lines, and does not end.
        """
        found, size = None, 0
        try:
            # Some gateways declare events as JSON, and whole answers as events.
            while found is None:
                chunk = await anext(self._body)
                size += len(chunk)
                # Four megabytes may unpack to four gigabytes of blank lines.
                if size > LARGEST_RESPONSE:
                    raise IncompleteError(_too_large(LARGEST_RESPONSE), status=self.status)
                # Servers send blank lines to keep the connection alive; they are dropped.
                self._head = (self._head + chunk).removeprefix(BOM).lstrip()
                if self._head.startswith((b"{", b"[", b"<")):
                    return False
                found = begins_events(self._head)
        except StopAsyncIteration:
            pass
        except BROKEN as error:
            self._broken(error)
        # A body that ended too early to recognize is what its header says.
        return found or self.content_type == EVENTS

    async def json(self) -> Json:
        """Read the whole body as JSON. IncompleteError when it is cut off or not JSON.

        A complete document is returned even if the compression broke or the timeout passed after
        it: the answer was paid for.
        """
        body = bytearray(self._head)
        try:
            await limited(self._body, LARGEST_RESPONSE, self.status, body)
        except BROKEN as error:
            # After any other break the body is shorter than its header said.
            if isinstance(error, DecodeError | TotalTimeout):
                with suppress(ApiError):
                    value = await self._parsed_aside(bytes(body))
                    if isinstance(value, dict | list):
                        return value
            self._broken(error, self._excerpt(bytes(body).strip()))
        return await self._parsed_aside(bytes(body))

    async def _parsed_aside(self, raw: bytes) -> Json:
        # Searching a large body for the token may take seconds, so other calls go on meanwhile.
        return await asyncio.to_thread(self.parsed, raw) if len(raw) > _LARGE else self.parsed(raw)

    def parsed(self, raw: bytes) -> Json:
        """Parse a whole body as JSON. IncompleteError when it is cut off or not JSON."""
        # A slow response may begin with blank lines that keep the connection alive.
        text = raw.strip()
        if not text:
            raise IncompleteError("the response is empty", status=200)
        try:
            return hidden_json(text, self._response, self.redactor)
        except (ValueError, RecursionError) as error:
            # A base URL without `/api/v1` answers with the website, and status 200.
            if self._is_page(text):
                message = "the response is a web page, not the API's; check the base URL"
                raise ApiError(message, status=200) from error
            message = f"the response is not JSON, or was cut off: {error}"
            raise IncompleteError(
                message, status=200, generation_id=self.generation_id, partial=self._excerpt(text)
            ) from error

    def _excerpt(self, text: bytes) -> str | None:
        """Return the start of an unreadable body for the error; None for a web page."""
        if self._is_page(text):
            return None
        return self._hide(text).decode(errors="replace")[:_EXCERPT] or None

    def _is_page(self, text: bytes) -> bool:
        return "html" in self.content_type or text.startswith(b"<")

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the body in chunks. IncompleteError when it breaks off."""
        if self._head:
            yield self._head
        try:
            async for chunk in self._body:
                yield chunk
        except BROKEN as error:
            self._broken(error)

    async def lines(self) -> AsyncIterator[bytes]:
        """Yield a stream of events in blocks of whole lines as they arrive, without the token."""
        async for lines in self._lines():
            yield self._hide(lines)

    async def _lines(self) -> AsyncIterator[bytes]:
        lines, size = Lines(), 0
        async for chunk in self.chunks():
            size += len(chunk)
            # A stream may never end; without a limit it would fill the memory.
            if size > LARGEST_RESPONSE:
                raise IncompleteError(_too_large(LARGEST_RESPONSE), status=self.status)
            if whole := lines.feed(chunk):
                yield whole
        if rest := lines.end():
            yield rest

    async def events(self) -> AsyncIterator[Json]:
        """Yield server-sent events as JSON, without comments and the final `[DONE]`.

        The token is not redacted here, since it may be spread over several events: redact what is
        assembled from them.
        """
        events = Events()
        async for lines in self._lines():
            for _, event in events.frames(lines):
                if event is not None:
                    yield event
            if events.done:
                self.done = True
                return
        # Some servers leave out the blank line after the last event.
        for event in events.end():
            yield event

    def ended(self, folded: Json) -> bool:
        """Return whether a stream declared its end: by `[DONE]`, or by an error of its API.

        `folded` is what its events add up to.
        """
        return self.done or self.profile.error_of(folded) is not None

    def _shown(self, text: str) -> str:
        return self._hide(text.encode(errors="replace")).decode()

    def _broken(self, error: Exception, partial: str | None = None) -> NoReturn:
        message = f"{_why(error, self._wait)}; it may have been billed, so it was not retried"
        broken = IncompleteError(
            message,
            status=self._response.status_code,
            generation_id=self.generation_id,
            partial=partial,
        )
        broken.may_be_charged = True
        raise broken from error


def hidden_json(raw: bytes, response: httpx.Response, redactor: Redactor) -> Json:
    """Parse a body as JSON and redact the token, which is searched for in the decoded text."""
    value = read_json(raw, lambda: response.charset_encoding, whole_body=True)
    charset = (response.charset_encoding or "utf-8").lower()
    # In other encodings the key may not be found in the bytes, only in the decoded text.
    plain = charset in ("utf-8", "utf8", "ascii", "us-ascii") and b"\0" not in raw[:4]
    return value if plain and not redactor.may_match(raw) else redactor.redact_json(value)


class _Recorded(httpx.AsyncByteStream):
    def __init__(self, body: AsyncIterator[bytes]) -> None:
        self._body = body

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._body


async def _copied(
    chunks: AsyncIterator[bytes], take: Callable[[bytes], object]
) -> AsyncIterator[bytes]:
    async for chunk in chunks:
        take(chunk)
        yield chunk


class TotalTimeout(httpx.ReadTimeout):
    """The timeout for the whole call has passed."""


TIMEOUTS = (httpx.ReadTimeout, httpx.WriteTimeout)
BROKEN = (httpx.TransportError, DecodeError)


def body_of(response: httpx.Response, wait: Wait) -> AsyncIterator[bytes]:
    """Return the decoded chunks of a body; reading them may raise one of `BROKEN`."""
    # Not httpx's decoder: it undoes any number of encodings, each in one unbounded step.
    stream = cast(httpx.AsyncByteStream, response.stream)
    return decoded(_in_time(aiter(stream), wait), response.headers.get("content-encoding", ""))


async def _in_time(chunks: AsyncIterator[bytes], wait: Wait) -> AsyncIterator[bytes]:
    """Yield chunks until the total timeout, even if they keep trickling in.

    The backend's timer is not enough: chunk headers and trailers restart it without a chunk. One
    timer serves all reads, since `asyncio.timeout` costs ten times as much per read.
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
                # Our own timer cancelled the reader, and nobody else did: turn it into a timeout.
                if over and reader.uncancel() <= cancels:
                    break
                raise
            finally:
                # Outside a read the timer must not cancel: the reader then does other work.
                reader = None
            yield chunk
    finally:
        timer.cancel()
    raise TotalTimeout("the total timeout is over")


def response_id(
    response: httpx.Response, profile: ApiProfile, hide: Callable[[bytes], bytes]
) -> str | None:
    """Return the id that the API gave a call, from the header that its profile names."""
    header = profile.response_id_header
    value = response.headers.get(header) if header else None
    return hide(value.encode()).decode() if value else None


async def limited(chunks: AsyncIterator[bytes], most: int, status: int, body: bytearray) -> None:
    """Read the rest of a body into `body`. IncompleteError above `most` bytes."""
    async for chunk in chunks:
        body += chunk
        if len(body) > most:
            raise IncompleteError(_too_large(most), status=status)


def _why(error: Exception, wait: Wait) -> str:
    if isinstance(error, DecodeError):
        return f"the response {error}"
    if isinstance(error, TotalTimeout):
        return f"the response was not complete after {wait.total:g} s"
    silent = f"no byte arrived for {wait.idle:g} s; " if isinstance(error, TIMEOUTS) else ""
    return f"{silent}the response broke off"


def _too_large(most: int) -> str:
    return f"the response is larger than {most // 1024**2} MB uncompressed"
