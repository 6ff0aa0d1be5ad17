"""Endpoints of an action: its form, its dropdown options, the check before paying, and the call."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from ...connector import Session
from ...errors import ConnectorError, InputError
from ...offload import offload
from ...runtime.endpoints import named_server
from ...values import Event, JsonObject, Result
from .audit import Entry, audited
from .context import Context, InjectedContext
from .json_io import StrictRoute, json_response
from .problems import CALL_STATUSES, not_found, problem_responses
from .schemas import (
    CheckResponse,
    FormRequest,
    FormResponse,
    OptionsRequest,
    OptionsResponse,
    PerformResponse,
)
from .streaming import EVENTS, stream_events, unless_disconnected

_EVENTS_SCHEMA = {
    "type": "string",
    "description": "Server-sent events: `started`; `delta` {text, reasoning}; `progress` {done, "
    "total, unit, text}, with `row` when an action works through a list; then `result` {output, "
    "metadata} or `error` with a problem document. Comments keep the connection open.",
}
_CLIENT_CLOSED = 499  # nginx's status; the client does not see it, but a proxy may log it

router = APIRouter(prefix="/api/actions/{action}", route_class=StrictRoute, tags=["actions"])


@router.post(
    "/form",
    summary="Evaluate a form",
    response_model=FormResponse,
    responses=problem_responses(404, 424),
)
async def form(
    action: str, body: FormRequest, context: InjectedContext, request: Request
) -> Response:
    """Evaluate the form of an action for the given parameters and the selected model.

    Needs no API key.
    """
    context.form(action)
    urls = context.urls(request)
    parameters, problems = await offload(urls.to_store, body.parameters)
    async with context.sessions.use(body.connection, anonymous=True) as session:
        view = await session.form(action, parameters)
    evaluated = replace(view, errors=(*view.errors, *problems)).to_json()
    values = await offload(urls.to_server, evaluated["values"])
    return json_response({**evaluated, "values": values})


@router.post(
    "/options/{name}",
    summary="List options",
    response_model=OptionsResponse,
    responses=problem_responses(404, 424),
)
async def options(
    action: str, name: str, body: OptionsRequest, context: InjectedContext
) -> Response:
    """List the options of a property. An inner property has a dotted path: `provider.order`.

    If the list cannot be loaded, `options` is empty and `message` says why.
    """
    context.form(action)
    async with context.sessions.use(body.connection, anonymous=True) as session:
        try:
            choices = await session.options(
                action,
                name,
                body.parameters,
                search=body.search,
                filters=body.filters,
                refresh=body.refresh,
            )
        except InputError as error:
            if error.problems[0].path == "property":
                raise not_found(error.problems[0].message) from error
            raise
    return json_response(choices.to_json())


@router.post(
    "/check",
    summary="Check a call",
    response_model=CheckResponse,
    responses=problem_responses(404, 424),
)
async def check(
    action: str, body: FormRequest, context: InjectedContext, request: Request
) -> Response:
    """Check a call before paying: its problems and warnings, its estimated cost, its request."""
    context.form(action)
    parameters, problems = await offload(context.urls(request).to_store, body.parameters)
    async with context.sessions.use(body.connection, anonymous=True) as session:
        checked = await session.check(action, parameters)
    reported = {problem.path for problem in problems}
    # The store reports the same file under its path without `.url`; one report is enough.
    others = {problem for problem in checked.problems if f"{problem.path}.url" not in reported}
    return json_response(replace(checked, problems=tuple(sorted({*others, *problems}))).to_json())


@router.post(
    "/perform",
    summary="Perform an action",
    response_model=PerformResponse,
    responses={
        200: {"content": {EVENTS: {"schema": _EVENTS_SCHEMA}}},
        **problem_responses(*CALL_STATUSES),
    },
)
async def perform(
    action: str, body: FormRequest, context: InjectedContext, request: Request
) -> Response:
    """Perform an action. With `Accept: text/event-stream` the response is a stream of events.

    An error before the first event is a problem document with its own status, streamed or not.
    Closing the connection stops the action and its call of the API.
    """
    context.form(action)
    to_json = context.urls(request).result
    if EVENTS in request.headers.get("accept", ""):
        events = _events(action, body, context, request)
        return await stream_events(events, to_json, request.state.request_id)
    result = await unless_disconnected(request, _perform(action, body, context, request))
    return json_response(to_json(result)) if result else Response(status_code=_CLIENT_CLOSED)


async def _perform(action: str, body: FormRequest, context: Context, request: Request) -> Result:
    async with _started(action, body, context, request) as (session, parameters, entry):
        result = await session.perform(action, parameters, report=entry.report)
        entry.set_result(result)
        return result


async def _events(
    action: str, body: FormRequest, context: Context, request: Request
) -> AsyncGenerator[Event]:
    urls = context.urls(request)
    async with (
        _started(action, body, context, request) as (session, parameters, entry),
        aclosing(session.stream(action, parameters)) as events,
    ):
        async for event in events:
            await entry.report(event)
            if event.result:
                entry.set_result(event.result)
            yield replace(event, row=urls.to_server(event.row)) if event.row else event


@asynccontextmanager
async def _started(
    action: str, body: FormRequest, context: Context, request: Request
) -> AsyncIterator[tuple[Session, JsonObject, Entry]]:
    """Yield the session, the parameters with the URLs of the store, and the audit entry."""
    with audited(request.state.request_id, action, body.parameters) as entry:
        parameters, problems = await offload(context.urls(request).to_store, body.parameters)
        if problems:
            raise InputError(problems)
        name = body.connection or await context.sessions.default()
        # An action whose parameters name a server of their own needs no connection.
        anonymous = named_server(context.form(action).action, parameters) is not None
        async with context.sessions.use(name, anonymous=anonymous) as session:
            entry.connection = name
            try:
                yield session, parameters, entry
            except ConnectorError as error:
                error.files = context.urls(request).to_server(error.files)
                raise
