"""A `send` of a host that has a fault."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

from openrouter_connector import Call, Open, Response, Send


def fails_from(number: int) -> Send:
    """Return a `send` that fails from this request on."""
    numbers = count(1)

    @asynccontextmanager
    async def send(call: Call, open_: Open) -> AsyncIterator[Response]:
        if next(numbers) >= number:
            raise ValueError("a fault of the host")
        async with open_(call) as opened:
            yield opened

    return send
