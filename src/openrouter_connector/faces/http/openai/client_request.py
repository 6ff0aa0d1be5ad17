"""Read a client's request: its JSON body, and the few headers that are passed on to the API."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request

from ....errors import InputError, Problem
from ....runtime.http.headers import NO_HEADER, fits_header
from ....values import Call, JsonObject
from ..json_io import parse_json

_ATTRIBUTION = {
    "http-referer": "HTTP-Referer",
    "x-title": "X-OpenRouter-Title",  # its old name
    "x-openrouter-title": "X-OpenRouter-Title",
    "x-openrouter-categories": "X-OpenRouter-Categories",
}


async def json_body(request: Request) -> JsonObject:
    """Return the body. InputError when it is not a JSON object."""
    try:
        body = await parse_json(await request.body())
    except ValueError as error:
        raise InputError(f"the body is not valid JSON: {error}") from None
    if not isinstance(body, dict):
        raise InputError("the body must be a JSON object")
    return body


def post(request: Request, path: str, body: JsonObject, dialect: str | None = None) -> Call:
    """Return the call to the API. InputError for a header that cannot be passed on.

    `dialect` is the format of the response: by default that of chat completions.
    """
    return Call("POST", path, body=body, headers=_attribution(request), dialect=dialect)


def _attribution(request: Request) -> Mapping[str, str]:
    """Return the headers that name the client's app to the API; no others are passed on."""
    headers = request.headers
    if invalid := [name for name in _ATTRIBUTION if not fits_header(headers.get(name, ""))]:
        raise InputError([Problem(name, NO_HEADER) for name in invalid])
    return {name: headers[sent] for sent, name in _ATTRIBUTION.items() if sent in headers}
