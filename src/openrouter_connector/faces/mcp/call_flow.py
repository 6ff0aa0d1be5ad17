"""Run a flow for an agent, durably: what it finished is kept, whatever happens to the host."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

import anyio
from mcp_types import CallToolResult

from ...errors import InputError, Problem
from ...flows.file_entries import file_entries_in
from ...values import FileEntry, Json, JsonObject, Metadata, Result
from .allowed_folders import allowed_folders, find_file
from .context import RequestContext
from .errors import failed
from .files import load_named_files
from .flow_tools import FlowTool
from .progress import Progress
from .result_content import LARGEST_EVENT, result_content, text_content

if TYPE_CHECKING:
    from ...flows.runs import FlowResult, Run, Runs

_RESUME = (
    "The run {run} keeps what it finished. The user can go on with it, and pay nothing twice: "
    "openrouter-connector runs resume {run}{where}. Another call starts anew, and pays again."
)


async def call_flow(
    tool: FlowTool, arguments: JsonObject, progress: Progress | None, ctx: RequestContext
) -> CallToolResult:
    """Run a flow to its end. Cancelling the call cancels the run, which can be resumed."""
    context, run = ctx.lifespan_context, None
    assert context.runs  # noqa: S101 - there are none without a place to run them
    try:
        inputs = await _inputs(tool, arguments, ctx)
        runs = await context.runs.opened()
        run = await runs.start(
            tool.flow,
            inputs,
            stream=progress is not None,
            flow_id=tool.id,
            flow_version=tool.version,
        )
        created = await _watched(runs, run, tool, progress)
        done = await run.result()
    except Exception as error:
        # Not the database itself: its URL may hold a password.
        where = " with the same --database" if context.runs.database else ""
        hint = _RESUME.format(run=run.id, where=where) if run else ""
        return failed(_by_argument(error), context=context, hint=hint)
    result = Result(_shown(done.outputs), Metadata(cost=done.cost, files=_files(done, created)))
    try:
        limit = LARGEST_EVENT if ctx.request else None
        content = await result_content(result, context, ctx.protocol_version, limit=limit)
    except Exception as error:  # the result was paid for, so it is returned without its files
        content = text_content(result, error)
    return _structured(content, done)


async def _inputs(tool: FlowTool, arguments: JsonObject, ctx: RequestContext) -> JsonObject:
    async def find_local(text: str) -> FileEntry | None:
        return find_file(text, await allowed_folders(ctx))

    files = ctx.lifespan_context.session.files
    return await load_named_files(tool.properties, arguments, files, find_local)


async def _watched(
    runs: Runs, run: Run, tool: FlowTool, progress: Progress | None
) -> list[JsonObject]:
    """Report the events of a run until its end; return the FILE_ENTRYs that it created."""
    created: list[JsonObject] = []
    try:
        async with aclosing(run.events()) as events:
            async for event in events:
                if event["type"] == "result":
                    created += (event.get("metadata") or {}).get("files") or []
                if progress and (message := _message(event, tool)):
                    await progress.say(message)
    except anyio.get_cancelled_exc_class():
        with anyio.CancelScope(shield=True):
            await runs.cancel(run.id)
        raise
    return created


def _message(event: JsonObject, tool: FlowTool) -> str:
    """Return what an event means to a person; empty for one that need not be told."""
    step = tool.title_of(event["step"]) if event.get("step") else event["place"]
    match event["type"]:
        case "started":
            return f"{step} …"
        case "progress":
            total = f" of {event['total']}" if event.get("total") is not None else ""
            return f"{step}: {event['done']}{total} {event.get('unit') or ''}".rstrip()
        case "result":
            return f"{step}: done"
        case "failed":
            return f"{step}: failed, {event['error'].get('message', '')}"
        case "retry":
            return f"{step}: is tried again, {event['error'].get('message', '')}"
    return ""


def _by_argument(error: Exception) -> Exception:
    """Name the arguments of the tool, where the flow names its inputs."""
    if not isinstance(error, InputError):
        return error
    return InputError(
        Problem(one.path.removeprefix("inputs."), one.message) for one in error.problems
    )


def _shown(outputs: JsonObject) -> Json:
    """Return what is shown as content: the only output by itself."""
    if len(outputs) != 1:
        return outputs
    [only] = outputs.values()
    is_file = list(file_entries_in(only)) == [only]
    return FileEntry.of_json(only) if is_file else only


def _files(done: FlowResult, created: list[JsonObject]) -> tuple[FileEntry, ...]:
    """Return the files among the outputs; others were only for later steps."""
    returned = {one["url"] for one in file_entries_in(done.outputs)}
    found = {one["url"]: FileEntry.of_json(one) for one in created if one["url"] in returned}
    return tuple(found.values())


def _structured(content: CallToolResult, done: FlowResult) -> CallToolResult:
    shown = (content.structured_content or {})["output"]
    outputs = shown if len(done.outputs) != 1 else dict.fromkeys(done.outputs, shown)
    return content.model_copy(
        update={"structured_content": {"run": done.run, "outputs": outputs, "cost": done.cost}}
    )
