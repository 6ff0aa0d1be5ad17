"""A long text to speech: cut after sentences, its parts spoken, and the sounds joined."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import replace
from tempfile import TemporaryDirectory
from time import monotonic

from ...definition.model import Action, Split
from ...errors import ConnectorError, FileError, IncompleteError, InputError, Problem
from ...values import Event, FileEntry, JsonObject, Result
from ..audio import check_joinable, joined
from ..files.store import FileStore
from ..run import run
from ..services import Report, Services
from .concurrency import listed, many
from .sentences import pieces, speakable
from .totals import total, warnings_of


async def split_text(
    action: Action, word: Split, values: JsonObject, services: Services, report: Report
) -> Result:
    """Speak a text, whole when it is short enough.

    When a part fails, or the parts cannot be joined, the IncompleteError lists what was spoken.
    """
    started, texts = monotonic(), texts_of(action, word, values)
    if len(texts) < 2:
        return await run(action, values, services, report)
    await services.files.ready()
    spoken: dict[int, Result | ConnectorError] = {}
    with TemporaryDirectory(prefix="openrouter-connector-") as folder:
        part_hands = replace(services, files=FileStore(folder))

        async def speak(_: int, text: str) -> Result:
            return await run(action, values | {word.property: text}, part_hands)

        await report(Event("started"))
        concurrency = min(values[word.concurrency], len(texts))
        # Without one part the whole is of no use, so none is paid for after a failure.
        calls = many(listed(texts), concurrency, speak, hopeless=(ConnectorError,))
        async with aclosing(calls) as ended:
            async for index, came in ended:
                spoken[index] = came
                done = Event("progress", done=len(spoken), total=len(texts), unit="parts")
                await report(done)
        outcomes = [spoken.get(index) for index in range(len(texts))]
        rescued: list[str] = []
        entry = await _whole(outcomes, part_hands.files, services.files, rescued)
    parts = [one.metadata for one in outcomes if isinstance(one, Result)]
    warnings = [*warnings_of(parts), *rescued, f"spoken in {len(texts)} parts"]
    return Result(entry, replace(total(parts, started, warnings), files=(entry,)))


def texts_of(action: Action, word: Split, values: JsonObject) -> list[str]:
    """Give the texts of the calls that a text makes.

    InputError when there is nothing to say in it; FileError, MissingExtraError when the sounds of
    several could not be joined, which is told now, and not when all parts are paid for.
    """
    text = values[word.property]
    if not speakable(text):
        told = "there is nothing to say in it, no letter and no digit; give a text"
        raise InputError([Problem(word.property, told)])
    texts = pieces(text, values[word.longest])
    if len(texts) > 1:
        named = action.output.file.extension if action.output.file else None
        check_joinable(values.get(named or "") or "mp3")
    return texts


async def _whole(
    outcomes: list[Result | ConnectorError | None],
    parts: FileStore,
    store: FileStore,
    rescued: list[str],
) -> FileEntry:
    """Join the parts; when one failed, or they cannot be joined, raise an error that keeps them."""
    good = [one for one in outcomes if isinstance(one, Result)]
    files = [await parts.load(one.output.to_json(), "input", ()) for one in good]
    why = next((one for one in outcomes if isinstance(one, ConnectorError)), None)
    try:
        if why is None:
            entry = good[0].output
            return await joined(files, store, entry.name, entry.extension, rescued=rescued)
        first = next(i for i, one in enumerate(outcomes) if not isinstance(one, Result))
        told = f"part {first + 1} of {len(outcomes)} was not spoken: {why.message}"
    except FileError as error:
        told, why = error.message, error
    if not files:
        raise why
    kept = [
        await store.put(file.open(), file.entry.name, file.entry.mime_type, rescued=rescued)
        for file in files
    ]
    told = f"{told}; {len(kept)} parts were spoken, and are kept"
    broken = IncompleteError("; ".join([told, *dict.fromkeys(rescued)]))
    broken.files = [entry.to_json() for entry in kept]
    raise broken from why
