"""Actions: their forms, their dropdowns, what can be told before paying, and performing them."""

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
from .audit import Entry, performing
from .context import Context, Here
from .json_io import StrictRoute, response
from .problems import CALLING, not_found, responses
from .schemas import AskedForm, AskedOptions, CheckShape, ChoicesShape, FormShape, PerformedShape
from .streaming import streamed, unless_left

EVENTS = "text/event-stream"
_EVENTS_TOLD = {
    "type": "string",
    "description": "Events: started; delta {text, reasoning}; progress {done, total, unit, text}, "
    "of a list with the row that came; then result {output, metadata}, or error with a problem "
    "document. Comments keep it alive.",
}
_LEFT = 499
"""Nobody reads it."""

router = APIRouter(prefix="/api/actions/{action}", route_class=StrictRoute, tags=["actions"])


@router.post("/form", response_model=FormShape, responses=responses(404, 424))
async def form(action: str, asked: AskedForm, here: Here, request: Request) -> Response:
    """Give the form for these parameters, as the chosen model has it; without a key too."""
    here.form(action)
    urls = here.urls(request)
    parameters, problems = await offload(urls.inward, asked.parameters)
    async with here.sessions.use(asked.connection, anonymous=True) as session:
        view = await session.form(action, parameters)
    told = replace(view, errors=(*view.errors, *problems)).to_json()
    return response({**told, "values": await offload(urls.outward, told["values"])})


@router.post("/options/{name}", response_model=ChoicesShape, responses=responses(404, 424))
async def options(action: str, name: str, asked: AskedOptions, here: Here) -> Response:
    """Give the options of a property, inner ones by a dotted path such as `provider.order`.

    A list that cannot be had is no error: `message` says why.
    """
    here.form(action)
    async with here.sessions.use(asked.connection, anonymous=True) as session:
        try:
            choices = await session.options(
                action,
                name,
                asked.parameters,
                search=asked.search,
                filters=asked.filters,
                refresh=asked.refresh,
            )
        except InputError as error:
            if error.problems[0].path == "property":
                raise not_found(error.problems[0].message) from error
            raise
    return response(choices.to_json())


@router.post("/check", response_model=CheckShape, responses=responses(404, 424))
async def check(action: str, asked: AskedForm, here: Here, request: Request) -> Response:
    """Tell what can be told before paying: problems, warnings, an estimate, the call itself."""
    here.form(action)
    parameters, problems = await offload(here.urls(request).inward, asked.parameters)
    async with here.sessions.use(asked.connection, anonymous=True) as session:
        found = await session.check(action, parameters)
    refused = {one.path for one in problems}
    # Of a file that is refused here the store says the same, by its place without the `.url`.
    others = {one for one in found.problems if f"{one.path}.url" not in refused}
    return response(replace(found, problems=tuple(sorted({*others, *problems}))).to_json())


@router.post(
    "/perform",
    response_model=PerformedShape,
    responses={200: {"content": {EVENTS: {"schema": _EVENTS_TOLD}}}, **responses(*CALLING)},
)
async def perform(action: str, asked: AskedForm, here: Here, request: Request) -> Response:
    """Perform an action. With `Accept: text/event-stream` its events come as they happen.

    What fails before the first event is a problem document with its status in either form. When
    the caller leaves, the run ends, and its call of the API is closed.
    """
    here.form(action)
    shown = here.urls(request).result
    if EVENTS in request.headers.get("accept", ""):
        steps = _events(action, asked, here, request)
        return await streamed(steps, shown, request.state.request_id)
    result = await unless_left(request, _perform(action, asked, here, request))
    return response(shown(result)) if result else Response(status_code=_LEFT)


async def _perform(action: str, asked: AskedForm, here: Context, request: Request) -> Result:
    async with aclosing(_events(action, asked, here, request, stream=False)) as steps:
        # To the end of it, since a run that is closed before counts as left.
        (result,) = [event.result async for event in steps if event.result]
    return result


async def _events(
    action: str, asked: AskedForm, here: Context, request: Request, *, stream: bool = True
) -> AsyncGenerator[Event]:
    urls = here.urls(request)
    async with (
        _begun(action, asked, here, request) as (session, parameters, entry),
        aclosing(session.events(action, parameters, stream=stream)) as steps,
    ):
        try:
            async for event in steps:
                entry.job = event.job or entry.job
                if event.result:
                    entry.ended(event.result)
                yield replace(event, row=urls.outward(event.row)) if event.row else event
        except ConnectorError as error:
            error.files = urls.outward(error.files)
            raise


@asynccontextmanager
async def _begun(
    action: str, asked: AskedForm, here: Context, request: Request
) -> AsyncIterator[tuple[Session, JsonObject, Entry]]:
    """Give the session, the parameters as the store knows their files, and a line of the audit."""
    with performing(request.state.request_id, action, asked.parameters) as entry:
        parameters, problems = await offload(here.urls(request).inward, asked.parameters)
        if problems:
            raise InputError(problems)
        name = asked.connection or await here.sessions.default()
        elsewhere = named_server(here.form(action).action, parameters) is not None
        async with here.sessions.use(name, anonymous=elsewhere) as session:
            entry.connection = name
            yield session, parameters, entry
