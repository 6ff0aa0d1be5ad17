"""Actions as people exchange them: `{label, name, parameters, type: "openRouter/v1/ask"}`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body
from starlette.responses import Response

from ...connections.redact_keys import refuse_keys
from ...definition.exchange import ActionStep, read_action, without_keys, write_action
from .context import Here
from .json_io import StrictRoute, response
from .models import AskedExport, ExchangedAction, ImportedAction
from .problems import responses

router = APIRouter(prefix="/api", route_class=StrictRoute, tags=["exchange"])


@router.post("/export", response_model=ExchangedAction, responses=responses(404))
async def export_action(asked: AskedExport, here: Here) -> Response:
    """Write an action as JSON that can be passed on. It holds no connection and no key."""
    form = here.form(asked.action)
    kind = here.connector.definition.component.type_of(asked.action)
    step = ActionStep(kind, asked.parameters, asked.label, asked.name, asked.extra)
    written = write_action(without_keys(step, form.action))
    refuse_keys(written)
    return response(written)


@router.post("/import", response_model=ImportedAction, responses=responses())
async def import_action(
    action: Annotated[dict[str, Any], Body(description="An exported action.")], here: Here
) -> Response:
    """Read an exported action: its name and parameters, to be put into a form."""
    step = read_action(action, here.connector.definition.component)
    told = {"action": step.action, "parameters": step.parameters}
    return response({**told, "label": step.label, "name": step.name, "extra": dict(step.extra)})
