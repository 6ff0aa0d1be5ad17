"""Models: the API's list and record of them, with the few words that OpenAI has beside."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp

from ....errors import IncompleteError
from ....runtime.build import call_of
from ....runtime.relay import Relayed
from ....values import Call, Json, JsonObject
from ..json_io import response
from ..problems import not_found
from .relay_call import Outlet, Relay


async def listed(request: Request) -> Relay:
    """`GET /models`; its query goes on, so that it filters as the API does."""
    query = dict(request.query_params)
    call = Call("GET", "/models", query=query)
    return Relay(request, "models.list", call, _list, keyless=True)


async def model(request: Request) -> Relay:
    """`GET /models/{id}`."""
    name = request.path_params["id"]
    try:
        call = call_of("GET /model/{id}", {"id": name})
    except ValueError as error:
        raise not_found(f"there is no model {name!r}") from error
    return Relay(request, "models.retrieve", call, _one, keyless=True)


async def _list(relayed: Relayed, outlet: Outlet) -> ASGIApp:
    found = await relayed.json()
    if not isinstance(rows := found.get("data"), list):
        raise IncompleteError("the answer has no list of models", status=200, raw=found)
    return response({**found, "object": "list", "data": [_row(row) for row in rows]})


async def _one(relayed: Relayed, outlet: Outlet) -> ASGIApp:
    found = await relayed.json()
    return response(_row(found.get("data") or found))


def _row(row: Json) -> JsonObject:
    """Add what OpenAI says of a model; an id such as `openai/gpt-5` begins with its author."""
    known = row if isinstance(row, dict) else {}
    author = str(known.get("id", "")).partition("/")[0]
    return {"object": "model", "created": 0, "owned_by": author, **known}
