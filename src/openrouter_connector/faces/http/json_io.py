"""JSON in and out: strict about what comes, quick with what goes."""

from __future__ import annotations

import json
from asyncio import to_thread
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import Any

from fastapi.routing import APIRoute
from pydantic_core import PydanticSerializationError, from_json, to_json
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from ...offload import MAX_VALUES, holds_at_most
from ...plain_json import to_plain_json
from ...values import Json

_SMALL = 64 * 1024  # bytes that are parsed at once


def encoded(value: Json) -> bytes:
    """Write JSON. What it has no word for is replaced, as `plain_json` says."""
    try:
        return to_json(value, inf_nan_mode="null")
    except PydanticSerializationError:  # half a character, nested too deeply
        return json.dumps(to_plain_json(value, ascii_only=True)).encode()


def response(value: Json, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with JSON. It is not validated: what we make ourselves is as documented."""
    return Response(encoded(value), status, headers, media_type="application/json")


class StrictRequest(Request):
    """A request whose JSON is read by the book: no NaN, no endless nesting, no broken text.

    One of so many values that to look at them all would stop the server is refused.
    """

    async def json(self) -> Json:
        """Parse the body; JSONDecodeError says what is wrong with it."""
        try:
            value = await parsed(body := await self.body())
        except ValueError as error:
            raise json.JSONDecodeError(str(error), "", 0) from None
        if len(body) > _SMALL and not holds_at_most(MAX_VALUES, value):
            raise HTTPException(413, f"it holds more than {MAX_VALUES} values, and is not taken")
        return value


async def parsed(body: bytes) -> Json:
    """Parse a body, a large one in another thread. ValueError says what is wrong with it."""
    parse = partial(from_json, body, allow_inf_nan=False)
    return parse() if len(body) <= _SMALL else await to_thread(parse)


class StrictRoute(APIRoute):
    """A route that gets strict requests."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Give the handler of FastAPI, behind a stricter reading of JSON."""
        handler = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await handler(StrictRequest(request.scope, request.receive))

        return strict
