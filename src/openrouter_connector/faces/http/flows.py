"""Endpoints of flows: store them with all their versions, and check one before it runs."""

from __future__ import annotations

import re
from asyncio import to_thread
from collections.abc import Callable, Mapping
from typing import Annotated, ParamSpec, TypeVar

from fastapi import APIRouter, Header, Path
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from ...errors import ConflictError, InputError, Problem
from ...flows.formats import check
from ...flows.formats.flow import Flow
from ...flows.preflight import check_flow_costs
from ...flows.store import StoredFlow, UnknownFlow
from ...offload import offload
from ...values import JsonObject
from .context import InjectedContext
from .flow_schemas import (
    FlowCheckRequest,
    FlowCheckResponse,
    FlowDocument,
    FlowListItem,
    FlowVersionItem,
    NewFlow,
    StoredFlowResponse,
)
from .json_io import LargeJsonRoute, json_response
from .problems import document, not_found, problem_response, problem_responses

FlowId = Annotated[str, Path(description="The id of a stored flow.", max_length=100)]
VersionNumber = Annotated[int, Path(ge=1, le=999_999_999)]
IfMatch = Annotated[
    str | None,
    Header(description='The ETag of the version that was changed, such as `"3"`.', max_length=100),
]
ANY = "*"
MOST_LISTED = 1000
"""Problems in the response of a check, and warnings."""
_ETAG = re.compile(r'(?:W/)?"([1-9][0-9]{0,8})"')  # W/: a proxy that compresses weakens it
_NEEDS_VERSION = (
    "say which version you changed, so that no other change is lost: `version` in the body, or "
    "its ETag in the header If-Match"
)
P = ParamSpec("P")
T = TypeVar("T")

router = APIRouter(prefix="/api/flows", route_class=LargeJsonRoute, tags=["flows"])


@router.get(
    "", summary="List flows", response_model=list[FlowListItem], responses=problem_responses()
)
async def flows(context: InjectedContext) -> Response:
    """List the stored flows, the last saved first. `problem` says why one cannot be read."""
    found = await to_thread(context.flows.list)
    return json_response([summary.to_json() for summary in found])


@router.post(
    "",
    summary="Store a new flow",
    status_code=201,
    response_model=StoredFlowResponse,
    responses=problem_responses(),
)
async def create_flow(body: NewFlow, context: InjectedContext) -> Response:
    """Store a flow as its version 1. A flow that holds an API key is refused."""
    stored = await to_thread(lambda: context.flows.create(Flow.from_json(body.flow)))
    return await _stored_response(stored, 201, {"Location": f"/api/flows/{stored.id}"})


@router.post(
    "/check",
    summary="Check a flow",
    response_model=FlowCheckResponse,
    responses=problem_responses(404, 424),
)
async def check_flow(
    body: FlowCheckRequest, context: InjectedContext, request: Request
) -> Response:
    """Check a flow before it runs. Nothing is performed, and nothing is stored.

    `path` is the place in the flow: `tasks[0].parameters.userPrompt`. With `estimate` each step is
    checked against its model too, and the cost of the whole flow is estimated. Needs no API key.
    """
    given = await to_thread(Flow.from_json, body.flow)
    urls = context.urls(request)
    stored, files = await offload(urls.to_store, given.document, of_flow=True)
    flow = Flow(stored)
    if body.estimate:
        async with context.sessions.use(body.connection, anonymous=True) as session:
            checked = (await check_flow_costs(flow, session)).to_json()
    else:
        # In a thread, whatever its size: even a short formula may take the parser a while.
        found = await to_thread(check.check_flow, flow, context.connector.definition)
        checked = {**found.to_json(), "estimate": None}
    if files:
        problems = [
            *({"path": one.path, "message": one.message} for one in files),
            *checked["problems"],
        ]
        checked |= {"problems": problems, "canRun": False}
    return await to_thread(json_response, checked | _first(checked))


@router.get(
    "/{id}",
    summary="Read a flow",
    response_model=StoredFlowResponse,
    responses=problem_responses(404),
)
async def read_flow(id: FlowId, context: InjectedContext) -> Response:
    """Return the current version of a flow. Its ETag is for the next PUT."""
    return await _stored_response(await _in_store(context.flows.get, id))


@router.put(
    "/{id}",
    summary="Save a flow",
    response_model=StoredFlowResponse,
    responses=problem_responses(404, 409, 412, 428),
)
async def save_flow(
    id: FlowId,
    body: FlowDocument,
    context: InjectedContext,
    request: Request,
    if_match: IfMatch = None,
) -> Response:
    """Store a new version of a flow. All earlier versions are kept.

    Name the version that was changed, in the body or in `If-Match`. If it is not the current one,
    nothing is stored: 409, or 412 for `If-Match`; `version` in the problem is the current one.
    """
    version = _changed_version(if_match, body.version)
    flow = await to_thread(Flow.from_json, body.flow)
    try:
        return await _stored_response(await _in_store(context.flows.save, id, flow, version))
    except ConflictError as error:
        return _conflict(409 if if_match is None else 412, error, request)


@router.delete(
    "/{id}",
    summary="Delete a flow",
    status_code=204,
    responses=problem_responses(404, 412),
)
async def delete_flow(
    id: FlowId, context: InjectedContext, request: Request, if_match: IfMatch = None
) -> Response:
    """Delete a flow with all its versions; with `If-Match` only if that version is current."""
    try:
        await _in_store(context.flows.delete, id, _matched(if_match or ANY))
    except ConflictError as error:
        return _conflict(412, error, request)
    return Response(status_code=204)


@router.get(
    "/{id}/versions",
    summary="List the versions of a flow",
    response_model=list[FlowVersionItem],
    responses=problem_responses(404),
)
async def flow_versions(id: FlowId, context: InjectedContext) -> Response:
    """List all versions of a flow, the newest first."""
    found = await _in_store(context.flows.versions, id)
    return json_response([version.to_json() for version in found])


@router.get(
    "/{id}/versions/{version}",
    summary="Read a version of a flow",
    response_model=StoredFlowResponse,
    responses=problem_responses(404),
)
async def flow_version(id: FlowId, version: VersionNumber, context: InjectedContext) -> Response:
    """Return one version of a flow, as it was saved."""
    return await _stored_response(await _in_store(context.flows.get, id, version))


async def _in_store(work: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
    """Call the store in a thread. 404 for what it does not have."""
    try:
        return await to_thread(work, *args, **options)
    except UnknownFlow as error:
        raise not_found(error.problems[0].message) from error


def _first(checked: JsonObject) -> JsonObject:
    """Return the first problems and warnings: a large flow of nonsense has a million."""
    return {
        kind: [*found[:MOST_LISTED], *_rest(len(found) - MOST_LISTED)]
        for kind in ("problems", "warnings")
        if (found := checked[kind])
    }


def _rest(count: int) -> list[JsonObject]:
    return [{"path": "", "message": f"{count} more are not listed"}] if count > 0 else []


def _changed_version(if_match: str | None, version: int | None) -> int | None:
    """Return the version that was changed; None for any. 428 if the request does not say."""
    if if_match is None:
        if version is None:
            raise HTTPException(428, _NEEDS_VERSION)
        return version
    matched = _matched(if_match)
    if version is not None and matched not in (None, version):
        message = f"is {version}, but If-Match names another version; send one of them"
        raise InputError([Problem("version", message)])
    return matched if version is None else version


def _matched(if_match: str) -> int | None:
    """Return the version of an ETag; None for `*`. 0, which is never current, for other tags."""
    if if_match.strip() == ANY:
        return None
    found = _ETAG.fullmatch(if_match.strip())
    return int(found[1]) if found else 0


async def _stored_response(
    stored: StoredFlow, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    tags = {"ETag": f'"{stored.version}"', **(headers or {})}
    # In a thread: a large flow takes a while to write.
    return await to_thread(json_response, stored.to_json(), status, tags)


def _conflict(status: int, error: ConflictError, request: Request) -> Response:
    """Return the problem of a stale version, with the current one in `version`."""
    problem = document(error, request.state.request_id) | {"status": status}
    return problem_response(problem, {"ETag": f'"{error.version}"'})
