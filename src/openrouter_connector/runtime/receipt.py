"""The cost of a call whose reply does not tell it."""

from __future__ import annotations

import asyncio
from time import monotonic

from ..definition.model import Receipt
from ..errors import ConnectorError, NotFoundError
from ..values import Call
from .request import fill
from .response import at
from .transport import Transport


async def cost_afterwards(receipt: Receipt, generation: str, transport: Transport) -> float | None:
    """Look the cost up, in USD; None when its record does not appear in time."""
    method, line = receipt.request.split(" ", 1)
    path, _, query = line.partition("?")
    pairs = dict(pair.split("=", 1) for pair in query.split("&") if pair)
    names = {"generationId": generation}
    asked = {key: fill(value, names) for key, value in pairs.items()}
    call = Call(method, path, asked, idempotent=True)
    until, pause = monotonic() + receipt.within, 0.2
    while True:
        try:
            async with transport.open(call) as reply:
                cost = at(await reply.json(), receipt.cost)
            return float(cost) if isinstance(cost, int | float) else None
        except NotFoundError:
            # The record appears some seconds after the call (RooCodeInc/Roo-Code#915).
            if monotonic() + pause > until:
                return None
        except ConnectorError:
            return None
        await asyncio.sleep(pause)
        pause *= 2
