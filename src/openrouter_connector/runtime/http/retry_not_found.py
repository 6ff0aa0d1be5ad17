"""Retry a call while it returns 404, for records that appear some time after the call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from time import monotonic

from ...errors import NotFoundError
from ...values import Call
from .response import Response

_LONGEST_PAUSE = 2.0  # seconds

Open = Callable[[Call], AbstractAsyncContextManager[Response]]
"""Sends a call, and closes its response at the end of the block, as `Transport.open` does."""


def opened(call: Call, within: float | None, send: Open) -> AbstractAsyncContextManager[Response]:
    """Send a call, retrying a 404 for `within` seconds."""
    return _appeared(call, within, send) if within else send(call)


@asynccontextmanager
async def _appeared(call: Call, within: float, send: Open) -> AsyncIterator[Response]:
    until, pause = monotonic() + within, 0.2
    async with AsyncExitStack() as stack:
        while True:
            try:
                response = await stack.enter_async_context(send(call))
                break
            # Records of calls are written some seconds later; until then their id answers 404.
            except NotFoundError:
                if monotonic() + pause > until:
                    raise
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
        yield response
