"""The answer to a call, read once: as JSON, in pieces, or as a stream of events."""

from __future__ import annotations

import json
import zlib
from collections.abc import AsyncIterator, Callable
from email.message import EmailMessage
from pathlib import PureWindowsPath
from typing import NoReturn

import httpx

from ..errors import ApiError, IncompleteError
from ..values import Json

LARGEST_REPLY = 100 * 1024 * 1024  # bytes of JSON or of a stream, unpacked


class Reply:
    """The answer to a call: its headers are here, its body is read once, as one likes."""

    def __init__(
        self, response: httpx.Response, attempts: int, idle: float, hide: Callable[[bytes], bytes]
    ) -> None:
        self._response = response
        self._idle = idle
        self._hide = hide
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
        return dict(self._response.headers)

    @property
    def content_type(self) -> str:
        """The MIME type, without parameters."""
        return str(self._response.headers.get("content-type", "")).split(";")[0].strip().lower()

    @property
    def filename(self) -> str | None:
        """The name that a file has at the server, without folders."""
        told = EmailMessage()
        told["Content-Disposition"] = self._response.headers.get("content-disposition", "inline")
        return PureWindowsPath(told.get_filename() or "").name or None

    @property
    def generation_id(self) -> str | None:
        """What the API calls this call."""
        return generation_id_of(self._response, self._hide)

    async def json(self) -> Json:
        """Read the whole body as JSON; IncompleteError when it is cut off, or none."""
        try:
            raw = await limited(self._response, LARGEST_REPLY)
        except BROKEN as error:
            self._broken(error)
        return _parsed(self._hide(raw), self.content_type)

    def parsed(self, raw: bytes) -> Json:
        """Read bytes of the body that were taken already as JSON, as `json` does."""
        return _parsed(self._hide(raw), self.content_type)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Read the body in pieces; IncompleteError when it breaks off."""
        try:
            async for chunk in self._response.aiter_bytes():
                yield chunk
        except BROKEN as error:
            self._broken(error)

    async def lines(self) -> AsyncIterator[bytes]:
        """Read a stream of events as it is, some whole lines at a time, as they come."""
        parts: list[bytes] = []
        size = 0
        async for chunk in self.chunks():
            size += len(chunk)
            if size > LARGEST_REPLY:
                raise IncompleteError(_too_large(LARGEST_REPLY), status=self.status)
            whole, end, rest = chunk.rpartition(b"\n")
            if end:
                yield self._hide(b"".join((*parts, whole, end)))
                parts = [rest] if rest else []
            else:
                parts.append(rest)
        if parts:
            yield self._hide(b"".join(parts))

    async def events(self) -> AsyncIterator[Json]:
        """Read server-sent events as JSON, without comments and without the final `[DONE]`."""
        async for line in _lines(self.chunks()):
            if not line.startswith(b"data:"):
                continue
            data = self._hide(line[5:]).strip()
            if data == b"[DONE]":
                self.done = True
                return
            try:
                yield json.loads(data)
            except (ValueError, RecursionError) as error:
                raise IncompleteError("the stream holds what is not JSON", status=200) from error

    def _broken(self, error: Exception) -> NoReturn:
        told = "the answer broke off; it may have been billed, and was not asked for again"
        if isinstance(error, TIMEOUTS):
            told = f"no byte came for {self._idle:g} s; {told}"
        raise IncompleteError(
            told, status=self._response.status_code, generation_id=self.generation_id
        ) from error


TIMEOUTS = (httpx.ReadTimeout, httpx.WriteTimeout)
BROKEN = (httpx.TransportError, httpx.DecodingError, zlib.error)


def generation_id_of(response: httpx.Response, hide: Callable[[bytes], bytes]) -> str | None:
    """Give what the API calls a call, by the header of its answer."""
    value = response.headers.get("x-generation-id")
    return hide(value.encode()).decode() if value else None


async def limited(response: httpx.Response, most: int) -> bytes:
    """Read a body whole; IncompleteError when it has more than so many bytes."""
    parts, size = [], 0
    async for chunk in response.aiter_bytes():
        parts.append(chunk)
        size += len(chunk)
        if size > most:
            raise IncompleteError(_too_large(most), status=response.status_code)
    return b"".join(parts)


async def _lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Split into lines. The parts of a long one are joined once, and there is an end to them."""
    parts: list[bytes] = []
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > LARGEST_REPLY:
            raise IncompleteError(_too_large(LARGEST_REPLY), status=200)
        first, *others = chunk.split(b"\n")
        parts.append(first)
        for other in others:
            yield b"".join(parts)
            parts = [other]
    if parts:
        yield b"".join(parts)


def _too_large(most: int) -> str:
    return f"the answer is larger than {most // 1024**2} MB, unpacked"


def _parsed(raw: bytes, content_type: str) -> Json:
    # A slow answer may begin with blank lines, which keep the connection alive.
    text = raw.strip()
    if not text:
        raise IncompleteError("the answer is empty", status=200)
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        if "html" in content_type or text.startswith(b"<"):
            told = "the answer is a web page and not the API's; check the base URL"
            raise ApiError(told, status=200) from error
        told = f"the answer is not JSON, or was cut off: {error}"
        raise IncompleteError(told, status=200) from error
