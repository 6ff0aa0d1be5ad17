"""What a client asks: its body as it came, and the few headers that go on to the API."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request

from ....errors import InputError, Problem
from ....runtime.http.headers import NO_HEADER, fits_header
from ....values import Call, JsonObject
from ..json_io import parsed

_ATTRIBUTION = {
    "http-referer": "HTTP-Referer",
    "x-title": "X-OpenRouter-Title",  # its old name
    "x-openrouter-title": "X-OpenRouter-Title",
    "x-openrouter-categories": "X-OpenRouter-Categories",
}


async def object_of(request: Request) -> JsonObject:
    """Read the body; InputError when it is no JSON object."""
    try:
        body = await parsed(await request.body())
    except ValueError as error:
        raise InputError(f"the body is no JSON: {error}") from None
    if not isinstance(body, dict):
        raise InputError("the body is JSON, and no object")
    return body


def post(request: Request, path: str, body: JsonObject) -> Call:
    """Give the call for a request. InputError for a header that cannot go on."""
    return Call("POST", path, body=body, headers=_attribution(request))


def _attribution(request: Request) -> Mapping[str, str]:
    """Give the headers by which the API knows an app; no other of a client's goes on."""
    given = request.headers
    if bad := [name for name in _ATTRIBUTION if not fits_header(given.get(name, ""))]:
        raise InputError([Problem(name, NO_HEADER) for name in bad])
    return {theirs: given[name] for name, theirs in _ATTRIBUTION.items() if name in given}
