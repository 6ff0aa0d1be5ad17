"""Parse JSON strictly, and write it fast."""

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

from ...errors import InputError
from ...flows.formats.document import read_json
from ...offload import MAX_VALUES, holds_at_most
from ...plain_json import to_plain_json
from ...values import Json

_SMALL = 64 * 1024  # bytes; parsing them takes less time than a thread hop


def encode_json(value: Json) -> bytes:
    """Write JSON. Values that JSON cannot express are replaced as in `plain_json`."""
    try:
        return to_json(value, inf_nan_mode="null")
    except PydanticSerializationError:  # a lone surrogate, or nested too deeply
        return json.dumps(to_plain_json(value, ascii_only=True)).encode()


def json_response(
    value: Json, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a response of JSON. It is not validated: validating our own output costs time."""
    return Response(encode_json(value), status, headers, media_type="application/json")


class StrictRequest(Request):
    """A request whose JSON must be standard: no NaN, no endless nesting, no invalid text.

    A body of too many values is refused, since processing it would block the server.
    """

    most_values = MAX_VALUES

    async def json(self) -> Json:
        """Parse the body. JSONDecodeError says what is wrong with it."""
        try:
            value = await self.parsed(body := await self.body())
        except ValueError as error:
            raise json.JSONDecodeError(str(error), "", 0) from None
        if len(body) > _SMALL and not await to_thread(holds_at_most, self.most_values, value):
            raise HTTPException(413, f"the body holds more than {self.most_values} values")
        return value

    async def parsed(self, body: bytes) -> Json:
        """Return the JSON of a body. ValueError says what is wrong with it."""
        return await parse_json(body)


class LargeRequest(StrictRequest):
    """A request whose JSON may hold as many values as a flow, and no key twice in an object."""

    most_values = 1_000_000

    async def parsed(self, body: bytes) -> Json:
        """Return the JSON of a body, parsed as a file is. ValueError says what is wrong with it."""
        try:
            return await to_thread(read_json, body, _refuse)
        except InputError as error:
            raise ValueError("; ".join(map(str, error.problems))) from None


def _refuse(name: str) -> Json:
    raise ValueError(f"{name} is no JSON")


async def parse_json(body: bytes) -> Json:
    """Parse a body, in another thread if it is large. ValueError says what is wrong with it."""
    parse = partial(from_json, body, allow_inf_nan=False)
    return parse() if len(body) <= _SMALL else await to_thread(parse)


class StrictRoute(APIRoute):
    """A route whose endpoint gets strict requests."""

    request_class: type[StrictRequest] = StrictRequest

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap FastAPI's handler, so that it parses JSON strictly."""
        handler = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await handler(self.request_class(request.scope, request.receive))

        return strict


class LargeJsonRoute(StrictRoute):
    """A route of flows, which holds all its work in threads: its bodies may be large."""

    request_class = LargeRequest
