"""Build the OpenAPI document: what FastAPI derives, plus security, problems and action names."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic.alias_generators import to_camel
from starlette.requests import Request
from starlette.responses import Response

from ...definition.load import Definition
from ...values import JsonObject
from .action_paths import add_actions
from .json_io import json_response
from .schemas import ProblemDocument

router = APIRouter(include_in_schema=False)


@router.get("/api/openapi.json")
async def openapi(request: Request) -> Response:
    """Return the OpenAPI document of this API."""
    return json_response(request.app.openapi())


def operation_id(route: APIRoute) -> str:
    """Return the id of an operation, made of its function's name: `testConnection`."""
    return to_camel(route.name)


def document(app: FastAPI, definition: Definition) -> JsonObject:
    """Return the OpenAPI document of an application that serves a component."""
    title, actions = definition.component.title, definition.component.actions
    built: JsonObject = get_openapi(
        title=f"{title} connector",
        version=version("openrouter-connector"),
        summary="A low-code component over HTTP: its forms, dropdowns, checks, runs and files.",
        routes=app.routes,
    )
    components = built["components"]
    reference = "#/components/schemas/{model}"
    problem = ProblemDocument.model_json_schema(ref_template=reference)
    components["schemas"] |= {**problem.pop("$defs", {}), "ProblemDocument": problem}
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    built["security"] = [{"token": []}]
    for operation in _operations(built):
        for parameter in operation.get("parameters", []):
            if parameter["name"] == "action":
                parameter["schema"]["enum"] = list(actions)
    add_actions(built, definition)
    return built


def _operations(built: JsonObject) -> list[dict[str, Any]]:
    return [operation for path in built["paths"].values() for operation in path.values()]
