"""Endpoints that read and write actions and flows of other programs.

An action of this component, `{label, name, parameters, type}`, becomes the parameters of its form.
Anything else becomes a flow, with a report of what was changed on the way.
"""

from __future__ import annotations

from asyncio import to_thread
from typing import Annotated, Any

from fastapi import APIRouter, Body
from starlette.responses import Response

from ...connections.redact_keys import refuse_keys
from ...definition.exchange import ActionStep, read_action, without_secrets, write_action
from ...errors import InputError, Problem
from ...flows.formats.exporters import export_flow
from ...flows.formats.flow import Flow
from ...flows.formats.importers import import_flow
from ...values import Json, JsonObject
from .context import Context, InjectedContext
from .flow_schemas import ExportedAction, ExportedFlow, ExportRequest, ImportedAction, ImportedFlow
from .json_io import LargeJsonRoute, json_response
from .problems import problem_responses

_SOURCE = (
    "An exported action or flow, a workflow of another program, or `{source, format}`: its text "
    "or its JSON, and the name of its format."
)

router = APIRouter(prefix="/api", route_class=LargeJsonRoute, tags=["exchange"])


@router.post(
    "/export",
    summary="Export an action or a flow",
    response_model=ExportedAction | ExportedFlow,
    responses=problem_responses(404),
)
async def export(body: ExportRequest, context: InjectedContext) -> Response:
    """Write an action, or a flow in a format, to share. It holds no connection and no API key.

    An action without `format` is its JSON; all else is `{text, mediaType, scan, removed, notes}`.
    """
    if (body.action is None) == (body.flow is None):
        raise InputError([Problem("flow", "must be sent, or `action` in its place")])
    if body.action is None:
        return await to_thread(_exported, body.flow, body, context)
    written = _written_action(body.action, body, context)
    if body.format is None:
        return json_response(written)
    return await to_thread(_exported, written, body, context)


@router.post(
    "/import",
    summary="Import an action or a flow",
    response_model=ImportedAction | ImportedFlow,
    responses=problem_responses(),
)
async def import_(
    source: Annotated[dict[str, Any], Body(description=_SOURCE)], context: InjectedContext
) -> Response:
    """Read an exported action: its name, and the parameters for its form. Or read a flow.

    Without `format` the content decides. A flow comes with a report: what was kept, converted and
    dropped, and what is still to choose, each with its place.
    """
    if "source" in source and source.keys() <= {"source", "format"}:
        return await to_thread(_imported, source["source"], source.get("format"), context)
    if _is_own_action(source, context):
        return json_response(_read_action(source, context))
    return await to_thread(_imported, source, None, context)


def _written_action(action: str, body: ExportRequest, context: Context) -> JsonObject:
    form = context.form(action)
    type_ = context.connector.definition.component.type_of(action)
    step = ActionStep(type_, body.parameters, body.label, body.name, body.extra)
    written = write_action(without_secrets(step, form.action))
    # `without_secrets` removes key fields; this refuses a key that was pasted into any other field.
    refuse_keys(written)
    return written


def _exported(document: Json, body: ExportRequest, context: Context) -> Response:
    definition = context.connector.definition
    flow, chosen = Flow.from_json(document), body.format or "bytechef"
    exported = export_flow(flow, chosen, step=body.step, definition=definition)
    return json_response(exported.to_json())


def _read_action(action: JsonObject, context: Context) -> JsonObject:
    step = read_action(action, context.connector.definition.component)
    imported = {"action": step.action, "parameters": step.parameters}
    return {**imported, "label": step.label, "name": step.name, "extra": dict(step.extra)}


def _imported(source: Json, name: Json, context: Context) -> Response:
    definition = context.connector.definition
    if not isinstance(name, str | None):
        raise InputError([Problem("format", "must be the name of a format")])
    imported = import_flow(source, format=name, definition=definition)
    own = definition.component.name
    if _is_action(source) and not any(step.word == own for step in imported.flow.steps):
        read_action(source, definition.component)  # raises the reason why it is not ours
    flow, report = imported.flow.document, imported.report.to_json()
    return json_response({"flow": flow, "report": report})


def _is_own_action(source: JsonObject, context: Context) -> bool:
    own = context.connector.definition.component.name
    return _is_action(source) and str(source["type"]).startswith(f"{own}/")


def _is_action(source: Json) -> bool:
    return isinstance(source, dict) and "type" in source and "tasks" not in source
