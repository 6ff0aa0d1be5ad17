"""`/generation`: the records of past generations, and their content."""

from __future__ import annotations

import time

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..errors import RefusedRequest
from ..state import state_of

# Real records answer 404 for some seconds after the completion (RooCodeInc/Roo-Code#915), so a
# client has to retry.
READABLE_AFTER = 0.3


async def generation(request: Request) -> Response:
    """`GET /generation?id=`: one record; 404 for the first moments after the completion."""
    generation_id = _generation_id(request)
    finished, record = state_of(request).generations.get(generation_id, (None, {}))
    if finished is None or time.monotonic() - finished < READABLE_AFTER:
        raise RefusedRequest(404, f"Generation {generation_id} not found")
    return JSONResponse({"data": record})


async def content(request: Request) -> Response:
    """`GET /generation/content?id=`: the request and its answer."""
    generation_id = _generation_id(request)
    if (found := state_of(request).contents.get(generation_id)) is None:
        raise RefusedRequest(404, f"Generation {generation_id} not found")
    return JSONResponse({"data": found})


def _generation_id(request: Request) -> str:
    return str(request.query_params.get("id", ""))
