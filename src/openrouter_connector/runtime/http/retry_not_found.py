"""Retry a call while it returns 404, for records that appear some time after the call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from time import monotonic

from ...errors import NotFoundError
from ...values import Call
from .response import Response
from .transport import Transport

_LONGEST_PAUSE = 2.0  # seconds


def opened(
    call: Call, within: float | None, transport: Transport
) -> AbstractAsyncContextManager[Response]:
    """Open a call as `Transport.open` does, retrying a 404 for `within` seconds."""
    return _appeared(call, within, transport) if within else transport.open(call)


@asynccontextmanager
async def _appeared(call: Call, within: float, transport: Transport) -> AsyncIterator[Response]:
    until, pause = monotonic() + within, 0.2
    async with AsyncExitStack() as stack:
        while True:
            try:
                response = await stack.enter_async_context(transport.open(call))
                break
            except NotFoundError:
                if monotonic() + pause > until:
                    raise
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
        yield response
