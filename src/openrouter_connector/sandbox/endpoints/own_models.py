"""The models of one key: `GET /models/user`, and `GET /private/models/{author}/{slug}`."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..catalogue import private_model
from ..catalogue.models import Model
from ..errors import Refusal
from . import account, models


async def user(request: Request) -> Response:
    """List the models that a key may use; unlike `GET /models` it needs one."""
    account.admit("", "GET", request.headers.get("authorization"), request.app.state.ledger)
    return await models.models(request)


async def model(request: Request) -> Response:
    """Give a private model to its owner; 404 to everybody else."""
    return JSONResponse({"data": _owned(request).row})


async def endpoints(request: Request) -> Response:
    """Give the endpoints of a private model to its owner; 404 to everybody else."""
    return JSONResponse({"data": models.described(_owned(request))})


def _owned(request: Request) -> Model:
    private = private_model.private()
    name = "{author}/{slug}".format(**request.path_params)
    if private not in private_model.visible() or name not in (private.id, private.slug):
        raise Refusal(404, "Resource not found")
    return private
