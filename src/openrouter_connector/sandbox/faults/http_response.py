"""Faults in the HTTP response: it is altered after the answer is complete.

Each is a function from the response to another one, for streams and whole bodies alike.
"""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import AsyncIterator, Callable

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from ..state import Settings

AlterResponse = Callable[[Response, Settings], Response]

BLOCK = 1 << 20
BLOCKS = 4096
CRC_OF_BOMB = 0xE96CCF45  # of BLOCKS × BLOCK spaces


def drop_connection(response: Response, settings: Settings) -> Response:
    """Send half of the body, then close the connection."""
    return _DroppedResponse(response)


def html(response: Response, settings: Settings) -> Response:
    """Send an HTML page, as a proxy or a captcha in between does."""
    page = (
        "<!DOCTYPE html><html><head><title>Just a moment…</title></head><body>Sandbox</body></html>"
    )
    return Response(page, media_type="text/html")


def empty(response: Response, settings: Settings) -> Response:
    """Send an empty body."""
    return Response(b"", media_type="application/json")


def truncate(response: Response, settings: Settings) -> Response:
    """Send half of the body, and end as if it were complete."""

    async def half() -> AsyncIterator[bytes]:
        body = await _collect(response)
        yield body[: len(body) // 2]

    return _with_body(response, half())


def wrong_shape(response: Response, settings: Settings) -> Response:
    """Send valid JSON of another shape."""
    body = json.dumps({"status": "ok", "result": ["this is not the shape you know"]})
    return Response(body, media_type="application/json")


def gzip_bomb(response: Response, settings: Settings) -> Response:
    """Send a little gzip that unpacks to four gigabytes."""

    async def bomb() -> AsyncIterator[bytes]:
        press = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
        # After a full flush, the compressed block can be repeated as it is: the bomb is built
        # without ever compressing four gigabytes.
        block = press.compress(b" " * BLOCK) + press.flush(zlib.Z_FULL_FLUSH)
        yield b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
        for _ in range(BLOCKS // 64):
            yield block * 64
        size = BLOCKS * BLOCK & 0xFFFFFFFF
        yield b"\x03\x00" + CRC_OF_BOMB.to_bytes(4, "little") + size.to_bytes(4, "little")

    return StreamingResponse(
        bomb(), media_type="application/json", headers={"Content-Encoding": "gzip"}
    )


def slow(response: Response, settings: Settings) -> Response:
    """Send keep-alives for `settings.slow` seconds, then the answer."""
    kind = response.headers.get("content-type", "")
    # What the real API sends while a client waits: comments in a stream, blank lines before JSON
    # (router-for-me/CLIProxyAPI#2690).
    keep_alive = b": OPENROUTER PROCESSING\n\n" if "event-stream" in kind else b"\n"

    async def delayed() -> AsyncIterator[bytes]:
        for _ in range(10):
            await asyncio.sleep(settings.slow / 10)
            if not kind.startswith("audio"):  # a blank line would be played
                yield keep_alive
        async for chunk in _chunks(response):
            yield chunk

    return _with_body(response, delayed())


def whitespace_first(response: Response, settings: Settings) -> Response:
    """Send blank lines, then the answer."""

    async def padded() -> AsyncIterator[bytes]:
        yield b"\n         \n\n         \n"
        async for chunk in _chunks(response):
            yield chunk

    return _with_body(response, padded())


def without_events(*marks: bytes) -> AlterResponse:
    """Return a fault that drops the events of a stream that contain one of the marks."""

    def alter(response: Response, settings: Settings) -> Response:
        if not response.headers.get("content-type", "").startswith("text/event-stream"):
            return response

        async def watched() -> AsyncIterator[bytes]:
            async for frame in _chunks(response):
                if not any(mark in frame for mark in marks):
                    yield frame

        return _with_body(response, watched())

    return alter


class _DroppedResponse(Response):
    """Half a response, after which the connection closes."""

    def __init__(self, original: Response) -> None:
        super().__init__(media_type=original.media_type or original.headers.get("content-type"))
        self.original = original

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _collect(self.original)
        headers = [
            (name, value) for name, value in self.original.raw_headers if name != b"content-length"
        ]
        if not isinstance(self.original, StreamingResponse):
            # A client notices the loss only if more bytes were announced than arrive.
            headers.append((b"content-length", str(len(body) + 1000).encode()))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        half = body[: len(body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})


def _with_body(response: Response, body: AsyncIterator[bytes]) -> Response:
    headers = {k: v for k, v in response.headers.items() if k.lower() != "content-length"}
    return StreamingResponse(body, response.status_code, headers=headers)


async def _chunks(response: Response) -> AsyncIterator[bytes]:
    if not isinstance(response, StreamingResponse):
        yield bytes(response.body)
        return
    async for chunk in response.body_iterator:
        yield chunk.encode() if isinstance(chunk, str) else bytes(chunk)


async def _collect(response: Response) -> bytes:
    return b"".join([chunk async for chunk in _chunks(response)])
