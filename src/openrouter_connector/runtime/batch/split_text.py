"""Split a long text after sentences, send several parts at a time, and join their audio."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import replace
from tempfile import TemporaryDirectory
from time import monotonic

from ...definition.model import Action, SplitText
from ...errors import ConnectorError, FileError, IncompleteError, InputError, Problem
from ...values import Event, FileEntry, JsonObject, Result
from ..audio.join import check_joinable, join_audio
from ..files.store import FileStore
from ..run import run
from ..services import Report, Services
from .concurrency import isolated, listed, many
from .sentences import is_speakable, split_after_sentences
from .totals import total, warnings_of


async def split_text(
    action: Action, word: SplitText, values: JsonObject, services: Services, report: Report
) -> Result:
    """Return the result of one call, or of a call for each part.

    When a part fails, or the parts cannot be joined, the IncompleteError lists the files of the
    finished ones.
    """
    started, texts = monotonic(), part_texts(action, word, values)
    if len(texts) < 2:
        return await run(action, values, services, report)
    await services.files.ready()
    outcomes: dict[int, Result | ConnectorError] = {}
    rescued: list[str] = []
    # The parts do not belong into the user's store: only their join does.
    with TemporaryDirectory(prefix="openrouter-connector-") as folder:
        parts = FileStore(folder)

        async def send(_: int, text: str) -> Result:
            part_services = replace(services, files=parts)
            # The finished parts are paid for; a fault of our own in one must not lose them.
            return await isolated(run(action, values | {word.property: text}, part_services))

        await report(Event("started"))
        concurrency = min(values[word.concurrency], len(texts))
        # The audio is useless with a part missing, so no further part is paid for after a failure.
        calls = many(listed(texts), concurrency, send, hopeless=(ConnectorError,))
        async with aclosing(calls) as ended:
            async for index, outcome in ended:
                outcomes[index] = outcome
                done = Event("progress", done=len(outcomes), total=len(texts), unit="parts")
                await report(done)
        in_order = [outcomes.get(index) for index in range(len(texts))]
        entry = await _join(in_order, parts, word, services.files, rescued)
    paid = [outcome.metadata for outcome in in_order if isinstance(outcome, Result)]
    warnings = [*warnings_of(paid), *rescued, f"sent in {len(texts)} parts"]
    return Result(entry, replace(total(paid, started, warnings), files=(entry,)))


def part_texts(action: Action, word: SplitText, values: JsonObject) -> list[str]:
    """Return the text of each call.

    InputError when the text has nothing to speak. FileError or MissingExtraError when the audio of
    several parts could not be joined: raised here, before the parts are paid for.
    """
    text = values[word.property]
    if not is_speakable(text):
        message = "contains no letter or digit, so there is nothing to speak; provide a text"
        raise InputError([Problem(word.property, message)])
    texts = split_after_sentences(text, values[word.max_length])
    if len(texts) > 1:
        check_joinable(_requested_extension(action, values))
    return texts


def _requested_extension(action: Action, values: JsonObject) -> str:
    name = action.output.file.extension if action.output.file else None
    default = next((prop.default_value for prop in action.properties if prop.name == name), None)
    return str(values.get(name or "") or default or "")


async def _join(
    outcomes: list[Result | ConnectorError | None],
    parts: FileStore,
    word: SplitText,
    store: FileStore,
    rescued: list[str],
) -> FileEntry:
    """Join the parts. When one failed, or they cannot be joined, raise an error that keeps them."""
    results = [outcome for outcome in outcomes if isinstance(outcome, Result)]
    files = [await parts.load(result.output.to_json(), word.property, ()) for result in results]
    cause = next((outcome for outcome in outcomes if isinstance(outcome, ConnectorError)), None)
    try:
        if cause is None:
            entry = results[0].output
            return await join_audio(files, store, entry.name, entry.extension, rescued=rescued)
        first = next(i for i, outcome in enumerate(outcomes) if not isinstance(outcome, Result))
        message = f"part {first + 1} of {len(outcomes)} failed: {cause.message}"
    except FileError as error:
        message, cause = error.message, error
    if not files:
        raise cause
    stored = [
        await store.put(file.open(), file.entry.name, file.entry.mime_type, rescued=rescued)
        for file in files
    ]
    message = f"{message}; the audio of {len(stored)} parts was kept"
    broken = IncompleteError("; ".join([message, *dict.fromkeys(rescued)]))
    broken.files = [entry.to_json() for entry in stored]
    raise broken from cause
