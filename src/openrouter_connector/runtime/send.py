"""Send one call, and take in its answer: a file that is stored on the way, JSON, or a stream.

A stream is folded into the JSON that the same call gives without one; its deltas are reported.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..definition.model import Action, FileOutput
from ..errors import IncompleteError
from ..values import Call, Event, FileEntry, Json, JsonObject
from .account import Account
from .created_keys import reserved, response_without_key
from .dialects import Dialect, whole
from .dialects.chat import unnested
from .dialects.error_bodies import plain
from .dialects.visible_deltas import VisibleDeltas
from .files.store_list import store_list
from .hooks import hook_of
from .http.response import Response
from .http.retry_not_found import opened
from .save import store_body
from .services import Report, Services


@dataclass(frozen=True, slots=True)
class Run:
    """What the steps of one run share."""

    action: Action
    values: JsonObject
    """With their files loaded."""
    dialect: Dialect
    services: Services
    account: Account
    report: Report


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call was answered."""

    response: Json = None
    """The JSON, folded if it was a stream."""
    files: tuple[FileEntry, ...] = ()
    """What was stored of a response that is a file."""
    rescued: Json = None
    """The output, if it was made of an answer that broke off."""
    listed: tuple[FileEntry, ...] = ()
    """The file with a list that the response would be too long with."""
    streamed: bool = False
    """Whether parts of the answer were reported already; then nothing is sent again."""


async def send(run: Run, call: Call) -> Answer:
    """Send a call, and return its answer."""
    file = run.action.output.file
    if file:
        await run.services.files.ready()  # an answer that cannot be stored is not paid for
    async with (
        reserved(run.action, run.values, run.services),
        opened(call, run.action.retry_not_found, run.services.send) as response,
    ):
        run.account.begin(response)
        if file and not file.items and not run.action.poll:
            return Answer(files=(await _stored(run, file, response),))
        if run.action.results and not run.action.poll:
            name = run.action.results.rpartition(".")[2]
            listed = await store_list(response, run.action.results, run.services.files, name)
            account_for(run, listed.rest)
            return Answer(plain(listed.rest, response.profile), listed=listed.files)
        if word := run.action.stores_key:
            return Answer(await response_without_key(word, response, run.values, run.services))
        # A server may stream although nobody requested it.
        if await response.streams():
            answer = await _folded(run, response)
        else:
            answer = Answer(unnested(await response.json()))
            account_for(run, answer.response)
    return await _whole(run, call, answer)


def account_for(run: Run, response: Json) -> None:
    """Read the metadata of a response, and count its cost."""
    flat = run.dialect.flat(response) if isinstance(response, dict) else None
    run.account.read(flat, run.dialect.metadata)


async def _stored(run: Run, file: FileOutput, response: Response) -> FileEntry:
    stored = await store_body(file, response, run.values, run.services.files, run.account.warnings)
    requested = run.values.get(file.extension or "")
    if requested not in (None, stored.extension):
        run.account.warn(f"requested {requested}, received {stored.extension}")
    return stored


async def _folded(run: Run, response: Response) -> Answer:
    """Fold a stream, and report its deltas. A break is an error, unless the answer had ended."""
    fold, shown = run.dialect.fold(), VisibleDeltas(response.redactor)
    streamed, broken = False, None
    try:
        async for chunk in response.events():
            for event in fold.add(chunk):
                streamed = True
                if visible := shown.feed(event):
                    await run.report(visible)
    except IncompleteError as error:
        broken = error
    for event in shown.flush():
        await run.report(event)
    # A key that is spread over several deltas is found only in the whole.
    answer = Answer(response.redactor.redact_json(fold.response), streamed=streamed)
    account_for(run, answer.response)  # what was sent is paid for, whole or not
    # A connection that closes after the last event without `[DONE]` loses nothing.
    if broken and not fold.finished:
        raise broken.replace(partial=fold.text)
    if broken:
        run.account.warn(f"the answer is complete, but {broken.message}")
    else:
        fold.complete(response.ended(answer.response))
    return answer


async def _whole(run: Run, call: Call, answer: Answer) -> Answer:
    """Return an answer that is whole, or of which the hook rescues an output."""
    try:
        profile = run.services.transport.profile
        response, rescued = whole(call.dialect, answer.response, profile), None
    except IncompleteError as error:
        if (rescue := hook_of(run.action, "rescue")) is None:
            raise
        response, rescued = answer.response, rescue(error, run.values)
    streamed = answer.streamed
    if call.body and call.body.get("stream") and not streamed:
        # A server may answer with the whole although a stream was requested.
        text = run.services.transport.redactor.redact_text(run.dialect.text_of(response))
        await run.report(Event("delta", text=text))
        streamed = True
    return Answer(response, rescued=rescued, streamed=streamed)
