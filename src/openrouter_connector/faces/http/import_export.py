"""Endpoints that read and write exported actions: `{label, name, parameters, type}`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body
from starlette.responses import Response

from ...connections.redact_keys import refuse_keys
from ...definition.exchange import ActionStep, read_action, without_secrets, write_action
from .context import InjectedContext
from .json_io import StrictRoute, json_response
from .problems import problem_responses
from .schemas import ExportedAction, ExportRequest, ImportedAction

router = APIRouter(prefix="/api", route_class=StrictRoute, tags=["exchange"])


@router.post(
    "/export",
    summary="Export an action",
    response_model=ExportedAction,
    responses=problem_responses(404),
)
async def export_action(body: ExportRequest, context: InjectedContext) -> Response:
    """Write an action as JSON to share. It holds no connection and no API key."""
    form = context.form(body.action)
    type_ = context.connector.definition.component.type_of(body.action)
    step = ActionStep(type_, body.parameters, body.label, body.name, body.extra)
    written = write_action(without_secrets(step, form.action))
    # `without_secrets` removes key fields; this refuses a key that was pasted into any other field.
    refuse_keys(written)
    return json_response(written)


@router.post(
    "/import",
    summary="Import an action",
    response_model=ImportedAction,
    responses=problem_responses(),
)
async def import_action(
    action: Annotated[dict[str, Any], Body(description="An exported action.")],
    context: InjectedContext,
) -> Response:
    """Read an exported action: its name, and the parameters for its form."""
    step = read_action(action, context.connector.definition.component)
    imported = {"action": step.action, "parameters": step.parameters}
    return json_response(
        {**imported, "label": step.label, "name": step.name, "extra": dict(step.extra)}
    )
