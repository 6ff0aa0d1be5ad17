"""Handle `tools/call`: perform one action for an agent. Errors are results as well."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import aclosing

import anyio
from mcp_types import CallToolRequestParams, CallToolResult

from ...connector import Session
from ...definition.form import Form
from ...errors import ApiError, ConnectorError, InputError
from ...json_schema import ValidationLimitError, Validator
from ...suggest import did_you_mean
from ...values import FileEntry, JsonObject, Result
from .allowed_folders import allowed_folders, find_file
from .call_flow import call_flow
from .context import Context, RequestContext
from .errors import failed, misshapen
from .files import load_files
from .long_lists import split_arguments
from .progress import Progress
from .result_content import LARGEST_EVENT, result_content, text_content
from .tools import hidden_properties, result_schema

Call = Callable[[Progress | None], Awaitable[CallToolResult]]


async def call_tool(ctx: RequestContext, params: CallToolRequestParams) -> CallToolResult:
    """Perform an action or run a flow. Cancelling the call, or disconnecting, stops it."""
    context, arguments = ctx.lifespan_context, params.arguments or {}
    if flow := context.flows.get(params.name):
        return await _reported(
            ctx, flow.title, lambda progress: call_flow(flow, arguments, progress, ctx)
        )
    try:
        form = context.form(params.name)
    except InputError as error:
        return failed(error)
    return await _reported(
        ctx, form.action.title, lambda progress: _call(form, arguments, context, progress, ctx)
    )


async def _reported(ctx: RequestContext, title: str, call: Call) -> CallToolResult:
    """Call with the progress that the host requested, as long as the host is there."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_cancel_on_disconnect, ctx, tasks.cancel_scope)
        progress = Progress(ctx.session, title) if _wants_progress(ctx) else None
        if progress:
            tasks.start_soon(progress.keep_reporting)
        result = await call(progress)
        tasks.cancel_scope.cancel()
        return result
    return CallToolResult(content=[], is_error=True)  # the client has disconnected


async def _call(
    form: Form,
    arguments: JsonObject,
    context: Context,
    progress: Progress | None,
    ctx: RequestContext,
) -> CallToolResult:
    try:
        result = await _perform(form, arguments, context.session, progress, ctx)
    except Exception as error:
        hint = await _similar_model(error, form, arguments, context.session)
        return failed(error, form.action, context, hint)
    try:
        limit = LARGEST_EVENT if ctx.request else None
        content = await result_content(result, context, ctx.protocol_version, limit=limit)
    except Exception as error:  # the result was paid for, so it is returned without its files
        content = text_content(result, error)
    return content if _matches_schema(form, content.structured_content) else misshapen(content)


async def _perform(
    form: Form,
    arguments: JsonObject,
    session: Session,
    progress: Progress | None,
    ctx: RequestContext,
) -> Result:
    name, hidden = form.action.name, hidden_properties(session.definition, form.action)
    arguments, page = split_arguments(form.action, arguments)

    async def find_local(text: str) -> FileEntry | None:
        return find_file(text, await allowed_folders(ctx))

    parameters = await load_files(form, arguments, hidden, session.files, find_local)
    if page:
        return page.of(await session.perform(name, parameters))
    if progress is None:
        return await session.perform(name, parameters)
    result = None
    async with aclosing(session.stream(name, parameters)) as events:
        async for event in events:
            await progress.report(event)
            result = event.result
    assert result is not None  # noqa: S101 - a run ends with its result or an error
    return result


async def _similar_model(
    error: Exception, form: Form, arguments: JsonObject, session: Session
) -> str:
    """Return a hint with a similar model, if the error may be due to an unknown one."""
    model = arguments.get("model")
    refused = isinstance(error, ApiError) and error.status in (400, 404) and not error.job
    if not refused or model is None:
        return ""
    try:
        choices = await session.options(form.action.name, "model", {})
    except ConnectorError:  # the action has no list of models
        return ""
    known = [str(option["value"]) for option in choices.options]
    hint = "" if model in known else did_you_mean(str(model), known)
    return f"The model {str(model)[:100]!r} does not exist{hint}" if hint else ""


def _matches_schema(form: Form, content: JsonObject) -> bool:
    """Return whether a host that validates results by the tool's output schema accepts one."""
    # Most outputs are text; validating them would take longer than all the rest.
    if isinstance(content["output"], str) and form.action.output.type in ("STRING", "ANY"):
        return True
    try:
        return Validator(result_schema(form.action.output), trusted=True).is_valid(content)
    except ValidationLimitError:
        return True  # too large to validate; the result was paid for, so it is passed on


def _wants_progress(ctx: RequestContext) -> bool:
    return ctx.meta is not None and "progress_token" in ctx.meta


async def _cancel_on_disconnect(ctx: RequestContext, scope: anyio.CancelScope) -> None:
    """Cancel a call when its HTTP connection is closed (see `transports.DisconnectEvents`)."""
    disconnected = ctx.request.scope.get("state", {}).get("disconnected") if ctx.request else None
    if disconnected:
        await disconnected.wait()
        scope.cancel()
