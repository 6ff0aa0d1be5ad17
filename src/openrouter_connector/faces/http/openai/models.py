"""Relay the list of models and the record of one, with the keys that OpenAI adds."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp

from ....errors import IncompleteError
from ....runtime.build import call_of
from ....runtime.relay import Relayed
from ....values import Call, Json, JsonObject
from ..json_io import json_response
from ..problems import not_found
from .relay_call import ChunkWriter, Relay


async def list_models(request: Request) -> Relay:
    """`GET /models`. The query is passed on, so that clients can use the API's filters."""
    query = dict(request.query_params)
    call = Call("GET", "/models", query=query)
    return Relay(request, "models.list", call, _list, keyless=True)


async def retrieve_model(request: Request) -> Relay:
    """`GET /models/{id}`."""
    name = request.path_params["id"]
    try:
        call = call_of("GET /model/{id}", {"id": name})
    except ValueError as error:
        raise not_found(f"the model {name!r} does not exist") from error
    return Relay(request, "models.retrieve", call, _model, keyless=True)


async def _list(relayed: Relayed, writer: ChunkWriter) -> ASGIApp:
    body = await relayed.json()
    if not isinstance(rows := body.get("data"), list):
        raise IncompleteError("the response has no list of models", status=200, raw=body)
    return json_response({**body, "object": "list", "data": [_with_openai_keys(r) for r in rows]})


async def _model(relayed: Relayed, writer: ChunkWriter) -> ASGIApp:
    body = await relayed.json()
    return json_response(_with_openai_keys(body.get("data") or body))


def _with_openai_keys(row: Json) -> JsonObject:
    """Add OpenAI's keys. An id such as `openai/gpt-5` begins with the owner."""
    known = row if isinstance(row, dict) else {}
    author = str(known.get("id", "")).partition("/")[0]
    return {"object": "model", "created": 0, "owned_by": author, **known}
