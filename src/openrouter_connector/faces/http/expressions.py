"""The endpoint that previews expressions, as a person types them into a form."""

from __future__ import annotations

from asyncio import to_thread

from fastapi import APIRouter
from starlette.responses import Response

from ...flows.formats.expressions import (
    ExpressionError,
    path_text,
    read_condition,
    read_template,
)
from ...flows.formats.expressions.bounds import measured
from ...values import JsonObject
from .flow_schemas import PreviewRequest, PreviewResponse
from .json_io import StrictRoute, json_response
from .problems import problem_responses

LARGEST_VALUE = 1_000_000
"""Characters of a value that is shown."""

router = APIRouter(prefix="/api/expressions", route_class=StrictRoute, tags=["flows"])


@router.post(
    "/preview",
    summary="Preview an expression",
    response_model=PreviewResponse,
    responses=problem_responses(),
)
async def preview_expression(body: PreviewRequest) -> Response:
    """Evaluate a text with expressions in it: pills such as `${ask_1}`, or a formula.

    If it cannot be computed, `error` says why (status 200).
    """
    # In a thread: the largest expressions take a few hundred milliseconds.
    return await to_thread(_preview, body)


def _preview(body: PreviewRequest) -> Response:
    template = (read_condition if body.condition else read_template)(body.text)
    try:
        value, error = template.evaluate(body.scope), None
        if measured(value, LARGEST_VALUE, each=1) > LARGEST_VALUE:
            value, error = None, f"the value has more than {LARGEST_VALUE:,} characters"
    except ExpressionError as failed:
        value, error = None, str(failed)
    shown: JsonObject = {
        "value": value,
        "error": error,
        "reads": sorted(map(path_text, template.reads)),
    }
    return json_response({**shown, "problems": list(template.problems)})
