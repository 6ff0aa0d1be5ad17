"""One call of an action, from accepted values to its result.

load ─▶ model info ─▶ build ─▶ send ─▶ settle ─▶ read ─▶ save ─▶ Result
"""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from dataclasses import replace
from time import monotonic

from ..definition.model import Action
from ..definition.paths import at
from ..errors import ConnectorError, IncompleteError, NotFoundError, StoreError
from ..secret import Redactor
from ..values import Call, Event, FileEntry, Json, JsonObject, Noted, Result
from .account import Account
from .answer_images import drawn, store_images
from .build import build, taken_up
from .chat_messages import files_in, notes_on
from .dialects import DIALECTS, whole
from .dialects.error_bodies import brief
from .hooks import hook_of
from .load import load_files
from .read import has_paths, read
from .save import store_body, store_files
from .send import Answer, Run, account_for, send
from .services import Report, Services, ignore
from .settle import called, settle


async def run(
    action: Action,
    values: JsonObject,
    services: Services,
    report: Report = ignore,
    *,
    stream: bool = False,
) -> Result:
    """Make one call with accepted values, and return its result.

    With `stream` the parts of an answer are reported as they come, if the action can stream.
    Raises any of the errors in `errors.py`. InputError and FileError come before anything is sent.
    """
    started = monotonic()
    # Files first: a missing one must not cost a look at the catalogue.
    values = await load_files(action.properties, values, services.files)
    known = await services.catalogue.model_info(action, values, needed=True)
    streams, profile = stream and action.streams, services.transport.profile
    call = build(action, values, known.model_info, stream=streams, profile=profile)
    # Reserved before the call is sent, and settled with what the response says.
    account = Account(services.budget.reserve(call), profile, free=call.method == "GET")
    # Without its list of models a call is made all the same.
    faults = [known.fault] if known.fault else []
    account.warnings += [*faults, *call.warnings, *notes_on(files_in(values))]
    this = Run(action, values, DIALECTS[call.dialect], services, account, report)
    job = taken_up(action, values)
    await _report_start(this)
    try:
        # To resume a job costs nothing more: it was reserved and paid by the run that submitted it.
        async with nullcontext() if job else account.reservation:
            answer = await _settled(this, call, job)
            output, files = await _saved(this, call, answer)
    except ConnectorError as error:
        if not (job and isinstance(error, NotFoundError)):  # there is no such job
            account.explain(error)
        # Each chunk was redacted by itself, so a key that was split over two is whole only now.
        services.transport.redactor.redact_error(error)
        raise
    metadata = account.metadata(
        files=files,
        attempts=account.attempts,
        latency=round(monotonic() - started, 4),
        warnings=tuple(account.warnings),
    )
    return Result(output, metadata)


async def _report_start(run: Run) -> None:
    await run.report(Event("started"))
    if images := sum(file.image is not None for file in files_in(run.values)):
        await run.report(Event("progress", "ready", done=images, total=images, unit="images"))


async def _settled(run: Run, call: Call, job: str | None) -> Answer:
    """Send the call, or resume a job, and wait until a long job is done."""
    poll = run.action.poll
    try:
        if poll is None:
            return await send(run, call)
        submitted = {poll.id: job} if job else (await send(run, call)).response
        name = brief(at(submitted, poll.id))
        # Before polling: whatever happens from here on, the job can be resumed by its id.
        run.account.known["job_id"] = name or None
        open_ = run.services.transport.open
        response = await settle(poll, submitted, open_, run.report, resumed=job is not None)
        # A job that was done at once has been accounted for already.
        if response is not submitted:
            account_for(run, response)
        return await _fetched(run, poll.then, response) if poll.then else Answer(response)
    except (IncompleteError, StoreError):
        await _look_up_cost(run)  # what did not come whole is paid for all the same
        raise


async def _fetched(run: Run, line: str, response: JsonObject) -> Answer:
    """Fetch what a job made."""
    async with run.services.transport.open(called(line, response)) as fetched:
        if (file := run.action.output.file) is None:
            return Answer(whole(None, await fetched.json(), run.services.transport.profile))
        services, warnings = run.services, run.account.warnings
        entry = await store_body(file, fetched, run.values, services.files, warnings)
        return Answer(files=(entry,))


async def _saved(run: Run, call: Call, answer: Answer) -> tuple[Json, tuple[FileEntry, ...]]:
    """Read the output of an answer, and store the files that are in it."""
    if answer.files:
        await _look_up_cost(run)
        return answer.files[0], answer.files
    output, answer = await _read(run, call, answer)
    output = _without_key(run, answer, output, run.services.transport.redactor)
    store, warnings = run.services.files, run.account.warnings
    if file := run.action.output.file:
        files = tuple(await store_files(file, output, store, warnings))
        return files[0], files
    images = await store_images(_images(run, answer), store, warnings)
    files = (*answer.listed, *images)
    if images and output == "":
        output = None
    if (drawing := hook_of(run.action, "drawing")) and (found := drawing(output, run.values)):
        output, copies = await drawn(found, output, store, warnings)
        files = copies or files
    return output, files


async def _read(run: Run, call: Call, answer: Answer) -> tuple[Json, Answer]:
    """Read the output of an answer; send a repair once, where that is possible and can be paid."""
    try:
        return _output(run, answer), answer
    except IncompleteError as error:
        repair = hook_of(run.action, "repair")
        # What the reader has seen of a stream cannot be taken back by a second answer.
        if repair is None or answer.streamed or run.services.budget.reached:
            raise
        second, fault = repair(call, error), error
    run.account.warn(f"sent a second request, because {fault.message}")
    try:
        # Not reported: its deltas would come as a second answer after the first one.
        answer = await send(replace(run, report=ignore), second)
    except ConnectorError as error:
        message = f"{fault.message} (second request: {error.message})"
        raise fault.replace(message=message) from error
    try:
        return _output(run, answer), answer
    except IncompleteError as error:
        raise error from fault


def _output(run: Run, answer: Answer) -> Json:
    """Read the output, and keep the warnings of its hook; IncompleteError without one."""
    response, profile = answer.response, run.services.transport.profile
    response = run.dialect.flat(response) if _is_partial(run, answer) else response
    output = answer.rescued or read(run.action, response, run.values, profile)
    if isinstance(output, Noted):
        run.account.warnings += output.warnings
        return output.output
    return output


def _is_partial(run: Run, answer: Answer) -> bool:
    """Return whether the output is only a part of the response."""
    return has_paths(run.action.output) and isinstance(answer.response, dict)


def _images(run: Run, answer: Answer) -> list[str]:
    """Return the URLs of images that the output leaves out."""
    return run.dialect.images_of(answer.response) if _is_partial(run, answer) else []


def _without_key(run: Run, answer: Answer, output: Json, redactor: Redactor) -> Json:
    """Hide a key that was whole only when the parts of an answer were put together."""
    response = answer.response
    if not _is_partial(run, answer) or run.dialect.flat(response) is response:
        return output
    if isinstance(output, str):
        return redactor.redact_text(output)
    text = run.dialect.text_of(response).encode(errors="surrogatepass")
    return redactor.redact_json(output) if redactor.may_match(text) else output


async def _look_up_cost(run: Run) -> None:
    """Look up the cost of a bare file, which says nothing of itself."""
    account = run.account
    generation, receipt = account.known.get("generation_id"), run.services.component.receipt
    bare = run.action.output.file and not account.reported and account.cost is None
    if not (bare and generation and receipt):
        return
    try:
        await account.look_up_cost(run.services)
    except asyncio.CancelledError:
        # The answer is here, and was paid for: whoever cancels gets it without its cost.
        account.warn("cancelled while the cost was looked up")
    if account.cost is None:
        account.warn(f"the cost of {generation} is not known yet")
