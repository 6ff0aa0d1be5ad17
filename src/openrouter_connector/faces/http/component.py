"""Endpoints of the definition: what a canvas needs to draw the forms, the icons, and health."""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import version
from re import fullmatch

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from ...definition.derive.canvas import canvas
from ...definition.load import Definition
from .context import InjectedContext
from .json_io import encode_json, json_response
from .lasting_body import LastingBody, lasting_body, send_lasting
from .problems import not_found, problem_responses
from .schemas import ComponentDefinition, Health

_SVG = {"image/svg+xml": {"schema": {"type": "string"}}}

router = APIRouter(prefix="/api", tags=["component"])


@router.get(
    "/component",
    summary="Get the definition",
    response_model=ComponentDefinition,
    responses={
        304: {"description": "Unchanged since the version in If-None-Match"},
        **problem_responses(),
    },
)
async def component(context: InjectedContext, request: Request) -> Response:
    """Return the component with its actions: everything needed to draw their forms."""
    return send_lasting(_component(context.connector.definition), request, "private, no-cache")


@router.get(
    "/icons/{name}",
    summary="Get an icon",
    response_class=Response,
    responses={200: {"description": "An SVG image", "content": _SVG}, **problem_responses(404)},
)
async def icon(name: str, context: InjectedContext) -> Response:
    """Return an icon of the component or of one of its actions."""
    file = context.connector.definition.folder.parent / "icons" / name
    # The pattern has no slash and no dot before the suffix, so no path leaves the folder.
    if not fullmatch(r"[\w-]+\.svg", name) or not file.is_file():
        raise not_found("this icon does not exist")
    headers = {"Cache-Control": "private, max-age=3600"}
    return Response(file.read_bytes(), headers=headers, media_type="image/svg+xml")


@router.get(
    "/health",
    summary="Check health",
    response_model=Health,
    responses=problem_responses(),
    openapi_extra={"security": []},
)
async def health() -> Response:
    """Confirm that the server is running. Needs no token."""
    return json_response({"status": "ok", "version": version("openrouter-connector")})


@lru_cache(4)
def _component(definition: Definition) -> LastingBody:
    return lasting_body(encode_json(canvas(definition)), "application/json")
