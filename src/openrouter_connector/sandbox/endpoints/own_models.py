"""The models of one key: `GET /models/user`, and `GET /private/models/{author}/{slug}`."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..access import check_key
from ..catalogue.models import Model
from ..catalogue.private_model import private_model, visible_models
from ..errors import RefusedRequest
from ..state import state_of
from .models import describe_endpoints, list_models


async def models(request: Request) -> Response:
    """`GET /models/user`: the models that a key may use; unlike `GET /models` it needs a key."""
    check_key("", "GET", request.headers.get("authorization"), state_of(request))
    return await list_models(request)


async def model(request: Request) -> Response:
    """`GET /private/models/…`: a private model, for its owner; 404 for other keys."""
    return JSONResponse({"data": _own_model(request).record})


async def endpoints(request: Request) -> Response:
    """`GET /private/models/…/endpoints`: its endpoints, for its owner; 404 for other keys."""
    return JSONResponse({"data": describe_endpoints(_own_model(request))})


def _own_model(request: Request) -> Model:
    private = private_model()
    name = "{author}/{slug}".format(**request.path_params)
    if private not in visible_models() or name not in (private.id, private.slug):
        raise RefusedRequest(404, "Resource not found")
    return private
