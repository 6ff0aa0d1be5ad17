"""The definition as a canvas wants it, its icons, and whether the server is there."""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import version
from re import fullmatch

from fastapi import APIRouter
from starlette.responses import Response

from ...definition.derive.canvas import canvas
from ...definition.load import Definition
from .context import Here
from .json_io import encoded, response
from .problems import not_found, responses
from .schemas import ComponentShape, HealthShape

_SVG = {"image/svg+xml": {"schema": {"type": "string"}}}

router = APIRouter(prefix="/api", tags=["component"])


@router.get("/component", response_model=ComponentShape, responses=responses())
async def component(here: Here) -> Response:
    """Give the component with its actions: all that is needed to draw their forms."""
    return Response(_component(here.connector.definition), media_type="application/json")


@router.get(
    "/icons/{name}",
    response_class=Response,
    responses={200: {"description": "An SVG", "content": _SVG}, **responses(404)},
)
async def icon(name: str, here: Here) -> Response:
    """Give an icon that the component names."""
    file = here.connector.definition.folder.parent / "icons" / name
    if not fullmatch(r"[\w-]+\.svg", name) or not file.is_file():
        raise not_found("there is no such icon")
    headers = {"Cache-Control": "private, max-age=3600"}
    return Response(file.read_bytes(), headers=headers, media_type="image/svg+xml")


@router.get(
    "/health",
    response_model=HealthShape,
    responses=responses(),
    openapi_extra={"security": []},
)
async def health() -> Response:
    """Say that the server is there. Needs no token."""
    return response({"status": "ok", "version": version("openrouter-connector")})


@lru_cache(4)
def _component(definition: Definition) -> bytes:
    return encoded(canvas(definition))
