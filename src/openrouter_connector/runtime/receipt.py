"""Look up the cost of a call whose response does not contain it."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from ..definition.model import Receipt
from ..definition.paths import at
from ..errors import ConnectorError
from ..money import parse_amount
from .build import call_of
from .http.retry_not_found import opened
from .http.transport import Transport


async def cost_afterwards(receipt: Receipt, generation: str, transport: Transport) -> float | None:
    """Return the cost in USD; None when the API has no amount within the receipt's time."""
    call = call_of(receipt.request, {"generationId": generation})
    # The answer is here and paid for; a missing amount must not turn it into an error.
    with suppress(ConnectorError, TimeoutError):
        # The record appears some seconds after the call (RooCodeInc/Roo-Code#915).
        async with (
            asyncio.timeout(receipt.within),
            opened(call, receipt.within, transport.open) as response,
        ):
            cost = parse_amount(at(await response.json(), receipt.cost))
        return None if cost is None else float(cost)
    return None
