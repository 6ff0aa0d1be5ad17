"""Faults on the wire: what becomes of a finished answer on its way out.

Each is a function from the answer to another one, for streams and whole replies alike.
"""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import AsyncIterator, Callable

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from ..state import Settings

Wire = Callable[[Response, Settings], Response]

BLOCK = 1 << 20
BLOCKS = 4096
CRC_OF_BOMB = 0xE96CCF45  # of BLOCKS × BLOCK spaces


def drops(response: Response, settings: Settings) -> Response:
    """Send half, then close the connection."""
    return _Dropped(response)


def html(response: Response, settings: Settings) -> Response:
    """Send a page instead."""
    page = (
        "<!DOCTYPE html><html><head><title>Just a moment…</title></head><body>Sandbox</body></html>"
    )
    return Response(page, media_type="text/html")


def empty(response: Response, settings: Settings) -> Response:
    """Send nothing at all."""
    return Response(b"", media_type="application/json")


def truncated(response: Response, settings: Settings) -> Response:
    """Send half, and end as if it were all."""

    async def half() -> AsyncIterator[bytes]:
        body = await _collect(response)
        yield body[: len(body) // 2]

    return _like(response, half())


def wrong_shape(response: Response, settings: Settings) -> Response:
    """Send JSON that is about something else."""
    body = json.dumps({"status": "ok", "result": ["this is not the shape you know"]})
    return Response(body, media_type="application/json")


def gzip_bomb(response: Response, settings: Settings) -> Response:
    """Send little gzip that unpacks to four gigabytes, made block by block."""

    async def bomb() -> AsyncIterator[bytes]:
        press = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
        # After a full flush the same bytes can be repeated: each stands for one block of spaces.
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
    """Send signs of life for `settings.slow` seconds, then the answer."""
    kind = response.headers.get("content-type", "")
    sign = b": OPENROUTER PROCESSING\n\n" if "event-stream" in kind else b"\n"

    async def late() -> AsyncIterator[bytes]:
        for _ in range(10):
            await asyncio.sleep(settings.slow / 10)
            if not kind.startswith("audio"):
                yield sign
        async for part in _parts(response):
            yield part

    return _like(response, late())


def whitespace_first(response: Response, settings: Settings) -> Response:
    """Send blank lines, then the answer."""

    async def spaced() -> AsyncIterator[bytes]:
        yield b"\n         \n\n         \n"
        async for part in _parts(response):
            yield part

    return _like(response, spaced())


def without_events(*dropped: bytes) -> Wire:
    """Leave out the events of a stream that hold one of these marks."""

    def wire(response: Response, settings: Settings) -> Response:
        if not response.headers.get("content-type", "").startswith("text/event-stream"):
            return response

        async def fewer() -> AsyncIterator[bytes]:
            async for frame in _parts(response):
                if not any(mark in frame for mark in dropped):
                    yield frame

        return _like(response, fewer())

    return wire


class _Dropped(Response):
    """Half an answer, and then the connection closes without a word."""

    def __init__(self, whole: Response) -> None:
        super().__init__(media_type=whole.media_type or whole.headers.get("content-type"))
        self.whole = whole

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _collect(self.whole)
        headers = [
            (name, value) for name, value in self.whole.raw_headers if name != b"content-length"
        ]
        if not isinstance(self.whole, StreamingResponse):
            headers.append((b"content-length", str(len(body) + 1000).encode()))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        half = body[: len(body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})


def _like(response: Response, body: AsyncIterator[bytes]) -> Response:
    headers = {k: v for k, v in response.headers.items() if k.lower() != "content-length"}
    return StreamingResponse(body, response.status_code, headers=headers)


async def _parts(response: Response) -> AsyncIterator[bytes]:
    if not isinstance(response, StreamingResponse):
        yield bytes(response.body)
        return
    async for part in response.body_iterator:
        yield part.encode() if isinstance(part, str) else bytes(part)


async def _collect(response: Response) -> bytes:
    return b"".join([part async for part in _parts(response)])
