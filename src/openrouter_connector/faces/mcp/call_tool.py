"""`tools/call`: one action, performed for an agent. Whatever goes wrong is a result as well."""

from __future__ import annotations

from contextlib import aclosing

import anyio
from mcp_types import CallToolRequestParams, CallToolResult

from ...connector import Session
from ...definition.form import Form
from ...errors import ApiError, ConnectorError, InputError
from ...json_schema import ValidationLimitError, Validator
from ...suggest import did_you_mean
from ...values import FileEntry, Json, JsonObject, Result
from .allowed_folders import allowed, found
from .content import LARGEST_EVENT, shown, shown_bare
from .context import Asked, Context
from .errors import failed, misshapen
from .files import taken_in
from .long_lists import taken_out
from .progress import Progress
from .tools import result_schema, unseen


async def call_tool(asked: Asked, params: CallToolRequestParams) -> CallToolResult:
    """Perform an action. It ends, with the calls it made, when the host cancels it or leaves."""
    here = asked.lifespan_context
    try:
        form = here.form(params.name)
    except InputError as error:
        return failed(error)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_end_when_left, asked, tasks.cancel_scope)
        progress = Progress(asked.session, form.action.title) if _wants_progress(asked) else None
        if progress:
            tasks.start_soon(progress.beat)
        outcome = await _outcome(form, params.arguments or {}, here, progress, asked)
        tasks.cancel_scope.cancel()
        return outcome
    return CallToolResult(content=[], is_error=True)  # nobody is there to read it


async def _outcome(
    form: Form, arguments: JsonObject, here: Context, progress: Progress | None, asked: Asked
) -> CallToolResult:
    try:
        result = await _performed(form, arguments, here.session, progress, asked)
    except Exception as error:
        return failed(
            error, form.action, here, await _nearest(error, form, arguments, here.session)
        )
    try:
        most = LARGEST_EVENT if asked.request else None
        told = await shown(result, here, asked.protocol_version, most=most)
    except Exception as error:  # it was paid for, whatever goes wrong with its files
        told = shown_bare(result, error)
    return told if _fits(form, told.structured_content) else misshapen(told)


async def _performed(
    form: Form, arguments: JsonObject, session: Session, progress: Progress | None, asked: Asked
) -> Result:
    name, hidden = form.action.name, unseen(session.definition, form.action)
    arguments, page = taken_out(form.action, arguments)

    async def local(text: str) -> FileEntry | None:
        return found(text, await allowed(asked))

    parameters = await taken_in(form, arguments, hidden, session.files, local)
    if page:
        return page.of(await session.perform(name, parameters))
    if progress is None:
        return await session.perform(name, parameters)
    result = None
    async with aclosing(session.stream(name, parameters)) as events:
        async for event in events:
            await progress.note(event)
            result = event.result
    assert result is not None  # noqa: S101 - a run ends with its result or an error
    return result


async def _nearest(error: Exception, form: Form, arguments: Json, session: Session) -> str:
    """Say which model may have been meant, when the API does not know the one that was named."""
    model = arguments.get("model")
    refused = isinstance(error, ApiError) and error.status in (400, 404) and not error.job
    if not refused or model is None:
        return ""
    try:
        choices = await session.options(form.action.name, "model", {})
    except ConnectorError:  # its models are no list
        return ""
    known = [str(option["value"]) for option in choices.options]
    hint = "" if model in known else did_you_mean(str(model), known)
    return f"There is no model {str(model)[:100]!r}{hint}" if hint else ""


def _fits(form: Form, told: JsonObject) -> bool:
    """Tell whether a host that validates by the schema of the tool will take a result."""
    if isinstance(told["output"], str) and form.action.output.type in ("STRING", "ANY"):
        return True
    try:
        return Validator(result_schema(form.action.output), trusted=True).is_valid(told)
    except ValidationLimitError:
        return True  # it was paid for, and nothing is known to be wrong with it


def _wants_progress(asked: Asked) -> bool:
    return asked.meta is not None and "progress_token" in asked.meta


async def _end_when_left(asked: Asked, call: anyio.CancelScope) -> None:
    """End a call when the connection that waits for its answer is closed (see `transports`)."""
    left = asked.request.scope.get("state", {}).get("left") if asked.request else None
    if left:
        await left.wait()
        call.cancel()
