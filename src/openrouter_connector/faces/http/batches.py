"""Endpoints of batches: an action for many rows, its results, and models side by side."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path as FilePath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from ...errors import FileError, InputError, Problem
from ...flows.comparison import compare, figures_of
from ...flows.file_entries import file_entries_in
from ...flows.rows import RowSource, open_source, source_of
from ...offload import offload
from ...runtime.endpoints import named_server
from ...values import Json, JsonObject, an_object
from .batch_schemas import Batch, Comparison, NewBatch, NewComparison
from .context import Context, InjectedContext
from .file_urls import FileUrls
from .json_io import LargeJsonRoute, encode_json, json_response
from .problems import not_found, problem_responses
from .streaming import unless_disconnected

if TYPE_CHECKING:
    from ...flows.runs import Run, Runs, StartedRows

BatchId = Annotated[str, Path(description="The id of a batch, which is a run.", max_length=100)]
_JSONL = "application/jsonl"
_CLIENT_CLOSED = 499
_RESULTS: dict[str, Any] = {
    _JSONL: {
        "schema": {
            "type": "string",
            "description": "A line of JSON for each row, in the order of the rows: `{row, output, "
            "metadata}`, or `{row, error}`; with `model` if models are compared.",
        },
        "example": '{"row": 0, "output": "Bonjour", "metadata": {"cost": 0.0001}}\n',
    }
}

router = APIRouter(prefix="/api", route_class=LargeJsonRoute, tags=["batches"])


@router.post(
    "/batches",
    summary="Start a batch",
    status_code=201,
    response_model=Batch,
    responses=problem_responses(404, 424, 503),
)
async def start_batch(body: NewBatch, context: InjectedContext, request: Request) -> Response:
    """Perform an action for many rows. It goes on when the client goes away.

    All rows are checked first: what cannot be sent is refused before anything is paid. A batch is
    a run: `/api/runs/{id}` cancels, resumes, watches and deletes it. A request that is repeated
    with the same `X-Request-Id` goes on with its batch.
    """
    context.form(body.action)
    urls = context.urls(request)
    given, problems = await offload(
        urls.to_store, {"rows": body.rows, "file": body.file, "parameters": body.parameters}
    )
    if problems:
        raise InputError(problems)
    started = await _started(body, given, context, request.state.request_id)
    async with context.runs.use_run(started.run.id) as (runs, run):
        found = await _state(runs, run)
    return json_response(found, 201, {"Location": f"/api/batches/{run.id}"})


@router.get(
    "/batches/{id}",
    summary="Read a batch",
    response_model=Batch,
    responses=problem_responses(404, 503),
)
async def read_batch(id: BatchId, context: InjectedContext) -> Response:
    """Return how many rows are done, failed and in doubt."""
    async with _batch(id, context) as (runs, run):
        return json_response(await _state(runs, run))


@router.get(
    "/batches/{id}/results",
    summary="Read the results of a batch",
    response_class=Response,
    responses={200: {"content": _RESULTS}, **problem_responses(404, 503)},
)
async def batch_results(
    id: BatchId,
    context: InjectedContext,
    request: Request,
    start: Annotated[int, Query(ge=0, le=2**31 - 1, description="The first row.")] = 0,
    follow: Annotated[
        bool, Query(description="Whether to wait for rows that have not ended.")
    ] = False,
) -> Response:
    """Return what became of each row, as JSON Lines in the order of the rows.

    Without `follow` these are the rows that have ended; some in between may be missing.
    """
    async with _batch(id, context) as (_, run):
        lines = _lines(run, context.urls(request), start, follow=follow)
    unbuffered = {"X-Accel-Buffering": "no"}
    return StreamingResponse(lines, media_type=_JSONL, headers=unbuffered)


@router.post(
    "/compare",
    summary="Compare models",
    response_model=Comparison,
    responses=problem_responses(404, 424),
)
async def compare_models(
    body: NewComparison, context: InjectedContext, request: Request
) -> Response:
    """Perform an action once with each model, at the same time. A failure is an answer too.

    For many rows, start a batch with `models`.
    """
    form, urls = context.form(body.action), context.urls(request)
    parameters, problems = await offload(urls.to_store, body.parameters)
    if problems:
        raise InputError(problems)
    anonymous = named_server(form.action, parameters) is not None
    async with context.sessions.use(body.connection, anonymous=anonymous) as session:
        work = compare(session, body.action, parameters, body.models)
        answers = await unless_disconnected(request, work)
    if answers is None:
        return Response(status_code=_CLIENT_CLOSED)
    figures = [one.to_json() for one in figures_of(body.models, answers)]
    shown = [_with_urls(answer, urls) for answer in answers]
    return json_response({"action": body.action, "models": figures, "answers": shown})


async def _started(
    body: NewBatch, given: JsonObject, context: Context, request_id: str
) -> StartedRows:
    action = context.form(body.action).action
    anonymous = named_server(action, given["parameters"]) is not None
    async with (
        context.sessions.use(body.connection, anonymous=anonymous) as session,
        context.runs.use(session) as runs,
        _source(body, given, context) as source,
    ):
        from ...flows.runs import RowsRequest

        request = RowsRequest(
            action=body.action,
            parameters=given["parameters"],
            source=source,
            models=body.models,
            concurrency=body.concurrency,
            retries=body.retries,
            budget=body.budget,
            via=body.via or "",
            # A request that a client repeats by its id must not be paid twice.
            output=f"request {request_id}",
        )
        return await runs.start_rows(request, queued=body.queued)


@asynccontextmanager
async def _source(body: NewBatch, given: JsonObject, context: Context) -> AsyncIterator[RowSource]:
    """Yield the rows of a request: those in it, or those of the table that it names."""
    if (given["rows"] is None) == (given["file"] is None):
        raise InputError([Problem("rows", "send either rows, or a file with a table")])
    if given["rows"] is not None:
        yield source_of(given["rows"])
        return
    if body.format == "files":
        raise InputError([Problem("format", "a table is csv, tsv, jsonl, json, parquet or lines")])
    if not list(file_entries_in([given["file"]])):
        raise InputError([Problem("file", "must be a FILE_ENTRY")])
    loaded = await context.files.load(given["file"], "file", ())
    with TemporaryDirectory(prefix="batch-") as folder:
        name = FilePath(loaded.entry.name or "table").name
        table = FilePath(folder, f"table{_suffix(name, loaded.entry.extension)}")
        with await to_thread(table.open, "wb") as file:
            async for chunk in loaded.open():
                await to_thread(file.write, chunk)
        source = open_source([str(table)], body.format)
        if source.format == "files":
            raise FileError("file: has no ending of a table; say its format", "file")
        yield RowSource(source.format, source.paths, name=name, parameter="file")


def _suffix(name: str, extension: str) -> str:
    return FilePath(name).suffix or (f".{extension}" if extension else "")


@asynccontextmanager
async def _batch(id: str, context: Context) -> AsyncIterator[tuple[Runs, Run]]:
    """Yield a run of rows. 404 for an unknown one, and for the run of a flow."""
    async with context.runs.use_run(id) as (runs, run):
        if run.record.options.rows is None:
            raise not_found(f"there is no batch {id!r:.80}")
        yield runs, run


async def _state(runs: Runs, run: Run) -> Json:
    counts, summary = await run.row_counts(), await runs.summary(run.id)
    return {
        "id": run.id,
        "label": run.record.label,
        "status": summary.status,
        "rows": run.rows_plan.count,
        "done": counts.done,
        "failed": counts.failed,
        "doubtful": list(await run.doubtful_rows()),
        "cost": summary.cost,
    }


async def _lines(run: Run, urls: FileUrls, start: int, *, follow: bool) -> AsyncGenerator[bytes]:
    async with aclosing(run.rows(start, follow=follow)) as rows:
        async for row in rows:
            yield encode_json(_with_urls(row, urls)) + b"\n"


def _with_urls(answer: JsonObject, urls: FileUrls) -> Json:
    """Return an answer with this server's URLs of the files that it created, and of no others."""
    metadata = an_object(answer.get("metadata"))
    created = {file["url"] for file in file_entries_in(metadata.get("files"))}
    return urls.only(answer, created) if created else answer
