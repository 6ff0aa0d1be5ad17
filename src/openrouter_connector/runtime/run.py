"""One call of an action, from accepted values to result.

load files ─▶ facts ─▶ build ─▶ open ─▶ settle ─▶ read ─▶ store files ─▶ Result
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic

from ..definition.model import Action, Component, Drawing
from ..definition.paths import at
from ..errors import (
    ApiError,
    ConnectorError,
    FileError,
    IncompleteError,
    InputError,
    NotFoundError,
    Problem,
    StoreError,
)
from ..secret import Hiding
from ..values import Call, Event, FileEntry, Json, JsonObject, Noted, Result
from .budget import Budget
from .build import build, taken_up
from .catalogue.catalogue import Catalogue
from .chat_messages import files_in, notes_on
from .dialects import DIALECTS, Dialect, whole
from .dialects.chat import unnested
from .dialects.error_bodies import brief
from .dialects.visible_deltas import VisibleDeltas
from .endpoints import Endpoints, check_server, named_server
from .files.store import FileStore
from .hooks import hook_of
from .http.response import Response
from .http.retry_not_found import opened
from .http.transport import Transport
from .load import load_files
from .read import has_paths, metadata_of, read
from .receipt import cost_afterwards
from .save import store_body, store_files, store_image
from .settle import called, settle


@dataclass(frozen=True, slots=True)
class Services:
    """What performing needs from outside: the API, its catalogue, a place for files, a budget."""

    component: Component
    transport: Transport
    catalogue: Catalogue
    files: FileStore
    budget: Budget
    servers: Endpoints

    @asynccontextmanager
    async def at_server_of(self, action: Action, values: JsonObject) -> AsyncGenerator[Services]:
        """Give hands that reach the server which the parameters name, if they name one.

        InputError for a base URL or a key that is none.
        """
        if action.server:
            check_server(action.server, values)
        named = named_server(action, values)
        if action.server is None or named is None:
            yield self
            return
        async with AsyncExitStack() as stack:
            try:
                token = values.get(action.server.token)
                place = await stack.enter_async_context(self.servers.at(named, token))
            except InputError as error:
                name = action.server.base_url
                raise InputError([Problem(name, one.message) for one in error.problems]) from None
            yield replace(self, transport=place.transport, catalogue=place.catalogue)


async def run(
    action: Action, values: JsonObject, services: Services, *, stream: bool = False
) -> AsyncGenerator[Event]:
    """Make the call of accepted values, and give its steps as they happen; the last is the result.

    With `stream` the answer comes in pieces, where the action can give it so. Raises any of the
    errors in `errors.py`.
    """
    started = monotonic()
    loaded, call = await _prepared(action, values, services, stream=stream)
    files = list(files_in(loaded))
    images = [file for file in files if file.image]
    warnings = [*call.warnings, *notes_on(files)]
    one = Run(action, loaded, call, started, warnings, taken_up=taken_up(action, loaded))
    yield Event("started")
    if ready := len(images):
        yield Event("progress", "ready", done=ready, total=ready, unit="images")
    try:
        for stage in (_settled,) if one.taken_up else (_sent, _settled):
            async with aclosing(stage(one, services)) as steps:
                async for event in steps:
                    yield event
        yield Event("result", result=await _result(one, services))
    except ConnectorError as error:
        if isinstance(error, IncompleteError | StoreError):
            await _look_up_lost(one, services)
        one.complete(error)
        services.transport.hiding.in_error(error)  # the pieces of a key may make a whole one
        raise


async def result_of(steps: AsyncGenerator[Event]) -> Result:
    """Run to the end, and give the result."""
    async with aclosing(steps):
        async for event in steps:
            if event.result:
                return event.result
    raise AssertionError("a run ends with its result or an error")


async def _prepared(
    action: Action, values: JsonObject, services: Services, *, stream: bool
) -> tuple[JsonObject, Call]:
    """Do all that comes before sending. InputError and FileError come from here, and are free.

    A list of models that cannot be had is a warning, and the call is made without it.
    """
    loaded = await load_files(action.properties, values, services.files)
    known = await services.catalogue.model_info(action, loaded, needed=True)
    call = build(action, loaded, known.model_info, stream=stream and action.streams)
    if known.fault:
        call = replace(call, warnings=(known.fault, *call.warnings))
    return loaded, call


@dataclass(slots=True)
class Run:
    """What is known of one run while it goes on."""

    action: Action
    values: JsonObject
    call: Call
    started: float
    warnings: list[str]
    response: Json = None
    """The last JSON that came, folded when it was a stream."""
    files: list[FileEntry] | None = None
    rescued: Json = None
    """The output, when it was made of an answer that broke off."""
    shown: bool = False
    """Whether pieces of the answer were given out already."""
    taken_up: str | None = None
    """The name of a job that was submitted before."""
    attempts: int = 0
    cost: float | None = None
    metadata: JsonObject = field(default_factory=dict)

    @property
    def dialect(self) -> Dialect:
        """The shape of the answer."""
        return DIALECTS[self.call.dialect]

    def output(self) -> Json:
        """Read the output, and keep what its hook notes of it; IncompleteError without one."""
        part = has_paths(self.action.output) and isinstance(self.response, dict)
        response = self.dialect.flat(self.response) if part else self.response
        output = self.rescued or read(self.action, response, self.values)
        if isinstance(output, Noted):
            self.warnings += output.warnings
            return output.output
        return output

    def complete(self, error: ConnectorError) -> None:
        """Put into an error what is known of the run."""
        unknown = self.taken_up and isinstance(error, NotFoundError)  # there is no such job
        error.job = None if unknown else error.job or self.metadata.get("jobId")
        if error.job and isinstance(error, ApiError):
            # The job is paid for; whoever sends the same call again submits another one.
            error.retryable = False
        if isinstance(error, IncompleteError):
            error.attempts = self.attempts
        if isinstance(error, IncompleteError | StoreError):
            error.generation_id = self.metadata.get("generationId")

    def note(self, response: Response) -> None:
        """Count the attempts, and keep what the API calls this call."""
        self.attempts += response.attempts
        self.metadata.pop("generationId", None)
        if response.generation_id:
            self.metadata["generationId"] = response.generation_id


async def _sent(run: Run, services: Services) -> AsyncGenerator[Event]:
    """Send the call, and take in what comes back: a file, a stream, or JSON."""
    file = run.action.output.file
    if file:
        await services.files.ready()
    services.budget.check()
    async with opened(run.call, run.action.retry_not_found, services.transport) as response:
        run.note(response)
        if file and not file.items and not run.action.poll:
            run.files = [await store_body(file, response, run.values, services.files, run.warnings)]
            wanted, came = run.values.get(file.extension or ""), run.files[0].extension
            if wanted not in (None, came):
                run.warnings.append(f"{wanted} was asked for, and {came} came")
            return
        if await response.streams():
            async with aclosing(_folded(run, response, services)) as pieces:
                async for event in pieces:
                    yield event
        else:
            run.response = unnested(await response.json())
            _account(run, services)
    try:
        run.response = whole(run.call.dialect, run.response)
    except IncompleteError as error:
        if (rescue := hook_of(run.action, "rescue")) is None:
            raise
        run.rescued = rescue(error, run.values)
    if run.call.body and run.call.body.get("stream") and not run.shown:
        # A server may answer a wish for a stream with the whole.
        text = services.transport.hiding.in_text(run.dialect.text_of(run.response))
        yield Event("delta", text=text)
        run.shown = True


async def _folded(run: Run, response: Response, services: Services) -> AsyncGenerator[Event]:
    """Fold a stream into a reply. What broke off is an error, unless the answer had ended."""
    fold, shown, broken = run.dialect.fold(), VisibleDeltas(response.hiding), None
    try:
        async for chunk in response.events():
            for event in fold.add(chunk):
                run.shown = True
                if passed := shown.passed(event):
                    yield passed
    except IncompleteError as error:
        broken = error
    for event in shown.end():
        yield event
    run.response = response.hiding.in_json(fold.response)
    _account(run, services)  # what came was paid for, whole or not
    if broken and not fold.finished:
        broken.partial = fold.text
        raise broken
    if broken:
        run.warnings.append(f"the answer is whole, and {broken.message}")
    fold.complete(response.done)


async def _settled(run: Run, services: Services) -> AsyncGenerator[Event]:
    """Wait for a long job, and fetch what it made."""
    if (poll := run.action.poll) is None:
        return
    job = {poll.id: run.taken_up} if run.taken_up else run.response
    name = brief(at(job, poll.id))
    run.metadata |= {"jobId": name} if name else {}
    resumed = run.taken_up is not None
    async with aclosing(settle(poll, job, services.transport, resumed=resumed)) as steps:
        async for step in steps:
            run.response = step.response
            yield Event("progress", step.status, done=step.seconds, unit="seconds", job=name)
    if run.response is not job:
        _account(run, services, replaces=True)
    if run.action.then:
        await _fetched(run, run.action.then, services)


async def _fetched(run: Run, line: str, services: Services) -> None:
    """Fetch what a job made."""
    async with services.transport.open(called(line, run.response)) as response:
        if file := run.action.output.file:
            run.files = [await store_body(file, response, run.values, services.files, run.warnings)]
        else:
            run.response = whole(None, await response.json())


async def _result(run: Run, services: Services) -> Result:
    """Make the result of what came back; ask once more if it is not what was asked for."""
    if run.files is None:
        try:
            output = run.output()
        except IncompleteError as error:
            output = await _repaired(run, error, services)
        output = _without_key(run, output, services.transport.hiding)
        if run.action.output.file:
            file, store = run.action.output.file, services.files
            run.files = await store_files(file, output, store, run.warnings)
    elif run.cost is None and run.response is None:
        await _look_up_cost(run, services)
    if run.files is not None:
        output = run.files[0]
        run.metadata["files"] = [file.to_json() for file in run.files]
    elif await _keep_images(run, services.files) and output == "":
        output = None
    if run.action.output.draws:
        await _draw(run, run.action.output.draws, output, services.files)
    latency = round(monotonic() - run.started, 4)
    known = {"cost": run.cost, "attempts": run.attempts, "latency": latency}
    return Result(output, {**run.metadata, **known, "warnings": run.warnings})


def _without_key(run: Run, output: Json, hiding: Hiding) -> Json:
    """Hide a key that was whole only when the parts of an answer were put together."""
    part = has_paths(run.action.output) and isinstance(run.response, dict)
    if not part or run.dialect.flat(run.response) is run.response:
        return output
    if isinstance(output, str):
        return hiding.in_text(output)
    text = run.dialect.text_of(run.response).encode(errors="surrogatepass")
    return hiding.in_json(output) if hiding.may_be_in(text) else output


async def _keep_images(run: Run, store: FileStore) -> bool:
    """Store the images that the output leaves out, and return whether there are any.

    The answer is not lost when that fails.
    """
    part = has_paths(run.action.output) and isinstance(run.response, dict)
    entries = []
    for place, url in enumerate(run.dialect.images_of(run.response) if part else ()):
        try:
            entries.append((await store_image(url, store)).to_json())
        except FileError as error:
            link = "" if url.startswith("data:") else f" ({url[:300]})"
            run.warnings.append(f"image {place + 1} could not be stored: {error}{link}")
    if entries:
        run.metadata["files"] = entries
        run.warnings.append(f"the answer holds images ({len(entries)}), listed in metadata.files")
    return bool(entries)


async def _draw(run: Run, drawing: Drawing, output: JsonObject, store: FileStore) -> None:
    """Put a copy of the picture with its boxes into the output. The answer is not lost by it."""
    boxes, image = at(output, drawing.boxes), next(files_in(run.values.get(drawing.of)), None)
    wanted = drawing.when is None or run.values.get(drawing.when) is not False
    output[drawing.to] = None
    if not (wanted and boxes and image):
        return
    from .images import draw  # Pillow is heavy, and an extra

    try:
        name = f"{Path(image.entry.name).stem} boxes"
        copy = (await draw(image, boxes, store, name, run.warnings)).to_json()
    except FileError as error:
        run.warnings.append(f"the boxes could not be drawn: {error.message}")
    else:
        output[drawing.to], run.metadata["files"] = copy, [copy]


async def _repaired(run: Run, error: IncompleteError, services: Services) -> Json:
    """Ask once more for what did not come right, where that is possible and can be paid."""
    repair = hook_of(run.action, "repair")
    if repair is None or run.shown or services.budget.reached:
        raise error
    run.call = repair(run.call, error)
    run.warnings.append(f"asked a second time, since {error.message}")
    try:
        async with aclosing(_sent(run, services)) as steps:
            async for _ in steps:
                pass
    except ConnectorError as second:
        error.message += f" (asked again: {second.message})"
        raise error from second
    try:
        return run.output()
    except IncompleteError as second:
        raise second from error


async def _look_up_lost(run: Run, services: Services) -> None:
    """Ask for the cost of a file that did not come whole, so that the budget knows of it."""
    if run.action.output.file and run.response is None and run.cost is None:
        await _look_up_cost(run, services)


async def _look_up_cost(run: Run, services: Services) -> None:
    """Ask for the cost of a call whose reply is bare sound."""
    receipt, generation = services.component.receipt, run.metadata.get("generationId")
    if receipt and generation:
        try:
            run.cost = await cost_afterwards(receipt, generation, services.transport)
        except asyncio.CancelledError:
            # The answer is here, and was paid for: whoever cancels gets it without its cost.
            run.warnings.append("cancelled while the cost was looked up")
        services.budget.add(run.cost)
        if run.cost is None:
            run.warnings.append(f"the cost of {generation} is not known yet")


def _account(run: Run, services: Services, *, replaces: bool = False) -> None:
    """Keep what the reply tells of itself.

    The cost of several rounds adds up; what the last reply of a job tells `replaces` what its
    first one did.
    """
    response = run.dialect.flat(run.response) if isinstance(run.response, dict) else None
    known = metadata_of(response, run.dialect.tells)
    cost = known.pop("cost")
    if cost is None and at(response, "usage.cost") is not None:
        run.warnings.append("the cost is not known: the server gives no amount for it")
    if "generationId" in run.metadata:  # as the header has it
        known.pop("generationId", None)
    run.metadata |= known
    if cost is not None:
        before = run.cost or 0.0
        run.cost = cost if replaces else before + cost
        if run.call.method != "GET":  # which only tells again what something did cost
            services.budget.add(run.cost - before)
