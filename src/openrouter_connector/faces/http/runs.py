"""Endpoints of runs: start a flow durably, watch it, and stop, resume or repeat it."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Header, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from ...errors import InputError, Problem
from ...flows.formats.flow import Flow
from ...flows.needs_connection import needs_connection
from ...flows.rehearsal import listed_faults, rehearsed
from ...flows.store import UnknownFlow
from ...offload import offload
from ...values import Json, JsonObject
from .context import Context, InjectedContext
from .json_io import LargeJsonRoute, json_response
from .problems import not_found, problem_responses
from .run_files import RunFiles
from .run_schemas import (
    FaultItem,
    NewRun,
    RerunFrom,
    ResumeRun,
    RunCost,
    RunDetails,
    RunItem,
    StartedRun,
    Status,
)
from .streaming import EVENTS, stream_run

if TYPE_CHECKING:
    from ...flows.runs import Run

RunId = Annotated[str, Path(description="The id of a run.", max_length=100)]
_LATEST = 2**53
LastEventId = Annotated[
    int | None,
    Header(ge=0, le=_LATEST, description="The id of the last event that was received."),
]
_EVENTS_CONTENT: dict[str, Any] = {
    EVENTS: {
        "schema": {
            "type": "string",
            "description": "Server-sent events with an `id`: `running`, `started`, `delta` {text, "
            "reasoning}, `progress` {done, total, unit}, `retry`, `chosen`, `result` {output, "
            "metadata}, `failed` {error}, `resumed`; each with `place`, `step` and `at`. The last "
            "is `ended` {status, cost, outputs or error}. Comments keep the connection open.",
        },
        "example": 'id: 7\nevent: result\ndata: {"place":"ask_1","step":"ask_1","output":"Hello",'
        '"metadata":{"cost":0.0001},"at":1785920401.5}\n\n',
    }
}

router = APIRouter(prefix="/api/runs", route_class=LargeJsonRoute, tags=["runs"])


@router.post(
    "",
    summary="Start a run",
    status_code=201,
    response_model=StartedRun,
    responses={201: {"content": _EVENTS_CONTENT}, **problem_responses(404, 424, 503)},
)
async def start_run(body: NewRun, context: InjectedContext, request: Request) -> Response:
    """Start a flow. It goes on when the client goes away, and after a restart of the server.

    With `Accept: text/event-stream` the response is the stream of its events. A flow that cannot
    run is refused with all its problems; nothing has been paid then.
    """
    run = await _start(body, context, request)
    if EVENTS in request.headers.get("accept", ""):
        return _stream(run, [], 0, context, request, 201, {"Location": _place(run)})
    return _started(run, 201)


@router.get("", summary="List runs", response_model=list[RunItem], responses=problem_responses(503))
async def runs(
    context: InjectedContext,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    status: Status | None = None,
    flow: Annotated[str | None, Query(max_length=100, description="The id of a flow.")] = None,
) -> Response:
    """List the runs, or those of a stored flow, the newest first.

    `interrupted` is one whose process died.
    """
    async with context.runs.use() as known:
        found = await known.list(limit, status, flow=flow)
    return json_response([run.to_json() for run in found])


@router.get(
    "/costs",
    summary="Sum up costs",
    response_model=list[RunCost],
    responses=problem_responses(503),
)
async def run_costs(
    context: InjectedContext,
    by: Annotated[
        str, Query(max_length=100, description="Any of `day,model,action,flow`.")
    ] = "day",
    since: Annotated[datetime | None, Query(description="A date, or a date with a time.")] = None,
) -> Response:
    """Return what was spent by day, model, action or flow, the most expensive first.

    What ran in the sandbox is not counted: nobody paid that.
    """
    async with context.runs.use() as known:
        found = await known.costs([name.strip() for name in by.split(",")], _seconds(since))
    return json_response(found)


@router.get(
    "/faults",
    summary="List faults",
    response_model=list[FaultItem],
    responses=problem_responses(),
)
async def faults(context: InjectedContext) -> Response:
    """Return the faults that steps can be given in a rehearsal, each with the actions it fits."""
    return json_response(await to_thread(listed_faults, context.connector.definition))


@router.get(
    "/{id}",
    summary="Read a run",
    response_model=RunDetails,
    responses=problem_responses(404, 503),
)
async def read_run(id: RunId, context: InjectedContext, request: Request) -> Response:
    """Return all that is known of a run: its steps, its outputs or its error, its doubts."""
    async with context.runs.use_run(id) as (known, run):
        details = await known.details(id)
        created = await run.recorded()
    given = [details["inputs"], details["document"]]
    files = RunFiles(context.urls(request), given, created)
    return await to_thread(lambda: json_response(files.details(details)))


@router.delete(
    "/{id}", summary="Delete a run", status_code=204, responses=problem_responses(404, 409, 503)
)
async def delete_run(id: RunId, context: InjectedContext) -> Response:
    """Delete a run that has ended, with the files that only it uses. Its costs are kept."""
    async with context.runs.use_run(id) as (known, _):
        await known.delete(id)
    return Response(status_code=204)


@router.get(
    "/{id}/events",
    summary="Watch a run",
    response_class=Response,
    responses={
        200: {"content": _EVENTS_CONTENT},
        204: {"description": "The run has ended, and all its events were received"},
        **problem_responses(404, 503),
    },
)
async def run_events(
    id: RunId,
    context: InjectedContext,
    request: Request,
    after: Annotated[int, Query(ge=0, le=_LATEST, description="An event's id.")] = 0,
    last_event_id: LastEventId = None,
) -> Response:
    """Stream the events of a run as they happen, those in the past first, until it has ended.

    A client that lost its connection goes on after `Last-Event-ID`, or `after`.
    """
    last = after if last_event_id is None else last_event_id
    async with context.runs.use_run(id) as (_, run):
        past = await run.recorded()
    if past and past[-1]["type"] == "ended" and past[-1]["id"] <= last:
        return Response(status_code=204)  # so that a browser does not come back again
    return _stream(run, past, last, context, request)


@router.post(
    "/{id}/cancel",
    summary="Cancel a run",
    response_model=StartedRun,
    responses=problem_responses(404, 503),
)
async def cancel_run(id: RunId, context: InjectedContext) -> Response:
    """Stop a run. What it finished is kept, and it can be resumed. Stopping it twice is fine."""
    async with context.runs.use_run(id) as (known, _):
        return _started(await known.cancel(id))


@router.post(
    "/{id}/resume",
    summary="Resume a run",
    response_model=StartedRun,
    responses=problem_responses(404, 409, 503),
)
async def resume_run(
    id: RunId, context: InjectedContext, body: ResumeRun | None = None
) -> Response:
    """Go on with a run that was interrupted, cancelled, or failed. What it finished is kept."""
    async with context.runs.use_run(id) as (known, _):
        retry = body is not None and body.retry_doubtful
        return _started(await known.resume(id, retry_doubtful=retry))


@router.post(
    "/{id}/rerun",
    summary="Repeat a run",
    status_code=201,
    response_model=StartedRun,
    responses=problem_responses(404, 503),
)
async def rerun(id: RunId, body: RerunFrom, context: InjectedContext) -> Response:
    """Start a new run of the same flow from a step on, with the results of the steps before it."""
    async with context.runs.use_run(id) as (known, _):
        try:
            return _started(await known.rerun(id, body.start, queued=body.queued), 201)
        except InputError as error:
            if error.problems[0].path != "start":
                raise
            raise InputError([Problem("from", error.problems[0].message)]) from error


async def _start(body: NewRun, context: Context, request: Request) -> Run:
    flow, version = await _flow(body, context)
    urls = context.urls(request)
    given, problems = await offload(urls.to_store, {"inputs": body.inputs, "pinned": body.pinned})
    document, more = await offload(urls.to_store, flow.document, of_flow=True)
    if problems or more:
        raise InputError([*problems, *more])
    flow, definition = Flow(document), context.connector.definition
    if body.rehearse is not None:
        flow, using = rehearsed(flow, definition, body.rehearse), context.sessions.use_rehearsal()
    else:
        has_servers = not needs_connection(flow, definition)
        using = context.sessions.use(body.connection, anonymous=has_servers)
    async with (
        using as session,
        context.runs.use(session) as known,
    ):
        return await known.start(
            flow,
            given["inputs"],
            budget=body.budget,
            day_budget=body.day_budget,
            on_doubt=body.on_doubt,
            stream=body.stream,
            pinned=given["pinned"],
            only=body.only,
            queued=body.queued,
            flow_id=body.flow_id,
            flow_version=version,
        )


async def _flow(body: NewRun, context: Context) -> tuple[Flow, int | None]:
    """Return the flow to run, and its version if it is a stored one. 404 for an unknown one."""
    if body.flow is None and body.flow_id is None:
        raise InputError([Problem("flow", "send a flow, or the flowId of a stored one")])
    if body.flow is not None and body.version is not None:
        raise InputError([Problem("version", "is for a stored flow; send its flowId, and no flow")])
    stored = None
    if body.flow_id is not None:
        try:
            stored = await to_thread(context.flows.get, body.flow_id, body.version)
        except UnknownFlow as error:
            raise not_found(error.problems[0].message) from error
    if stored and body.flow is None:
        return stored.flow, stored.version
    return await to_thread(Flow.from_json, body.flow), None


def _stream(
    run: Run,
    past: list[JsonObject],
    after: int,
    context: Context,
    request: Request,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    files = RunFiles(context.urls(request), [run.record.inputs, run.record.document], past)
    id, stopping = request.state.request_id, context.runs.stopping
    return stream_run(run.events(after), files.event, id, stopping, status=status, headers=headers)


def _started(run: Run, status: int = 200) -> Response:
    record = run.record
    names = ("id", "label", "status", "created", "connection", "server")
    shown: Json = {name: getattr(record, name) for name in names}
    return json_response(shown, status, {"Location": _place(run)} if status == 201 else None)


def _place(run: Run) -> str:
    return f"/api/runs/{run.id}"


def _seconds(moment: datetime | None) -> float:
    try:
        return moment.timestamp() if moment else 0.0
    except (OverflowError, ValueError):  # a year without a time zone, at the end of the calendar
        raise InputError([Problem("since", "is not a moment of this calendar")]) from None
