"""The OpenAPI document: what FastAPI derives, who may ask, and the actions by name."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic.alias_generators import to_camel
from starlette.requests import Request
from starlette.responses import Response

from ...values import JsonObject
from .json_io import response
from .schemas import ProblemDocument

router = APIRouter(include_in_schema=False)


@router.get("/api/openapi.json")
async def openapi(request: Request) -> Response:
    """Give the OpenAPI document of this API."""
    return response(request.app.openapi())


def operation_id(route: APIRoute) -> str:
    """Name an operation after its function: `testConnection`."""
    return to_camel(route.name)


def document(app: FastAPI, title: str, actions: tuple[str, ...]) -> JsonObject:
    """Make the document."""
    made: JsonObject = get_openapi(
        title=f"{title} connector",
        version=version("openrouter-connector"),
        summary="A low-code component over HTTP: its forms, dropdowns, checks, runs and files.",
        routes=app.routes,
    )
    components = made["components"]
    reference = "#/components/schemas/{model}"
    problem = ProblemDocument.model_json_schema(ref_template=reference)
    components["schemas"] |= {**problem.pop("$defs", {}), "ProblemDocument": problem}
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    made["security"] = [{"token": []}]
    for operation in _operations(made):
        for parameter in operation.get("parameters", []):
            if parameter["name"] == "action":
                parameter["schema"]["enum"] = list(actions)
    return made


def _operations(made: JsonObject) -> list[dict[str, Any]]:
    return [operation for path in made["paths"].values() for operation in path.values()]
