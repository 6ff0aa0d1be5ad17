"""A long text to speech: cut after sentences, its parts spoken, and the sounds joined."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import replace
from tempfile import TemporaryDirectory

from ..definition.model import Action, Split
from ..errors import ConnectorError, IncompleteError
from ..values import Event, FileEntry, JsonObject, Result
from .many import listed, many
from .run import Hands, result_of, run
from .sound import joined
from .sound.sentences import pieces
from .store import FileStore
from .together import Together


async def split_text(
    action: Action, word: Split, values: JsonObject, hands: Hands
) -> AsyncGenerator[Event]:
    """Speak a text, whole when it is short enough; the steps end with the result.

    When a part fails, the IncompleteError names a file with what comes before it.
    """
    texts = pieces(values[word.of], values[word.longest])
    if len(texts) < 2:
        async with aclosing(run(action, values, hands)) as steps:
            async for event in steps:
                yield event
        return
    await hands.files.ready()
    together, spoken = Together(), dict[int, Result | ConnectorError]()
    with TemporaryDirectory(prefix="openrouter-connector-") as folder:
        part_hands = replace(hands, files=FileStore(folder))

        async def speak(_: int, text: str) -> Result:
            return await result_of(run(action, values | {word.of: text}, part_hands))

        yield Event("started")
        calls = many(listed(texts), min(values[word.at_once], len(texts)), speak)
        async with aclosing(calls) as ended:
            async for index, came in ended:
                spoken[index] = came
                yield Event("progress", done=len(spoken), total=len(texts), unit="parts")
        outcomes = [spoken.get(index) for index in range(len(texts))]
        good = list(_until_a_failure(outcomes))
        entry = await _joined(good, part_hands.files, hands.files) if good else None
    if entry is None or len(good) < len(texts):
        raise _broken(outcomes, len(good), entry)
    together.add(one.metadata for one in good)
    metadata = together.metadata([f"spoken in {len(texts)} parts"])
    yield Event("result", result=Result(entry, metadata | {"files": [entry.to_json()]}))


def _until_a_failure(outcomes: list[Result | ConnectorError | None]) -> Iterator[Result]:
    for one in outcomes:
        if not isinstance(one, Result):
            return
        yield one


async def _joined(spoken: list[Result], parts: FileStore, store: FileStore) -> FileEntry:
    first = spoken[0].output
    files = [await parts.load(one.output.to_json(), "input", ()) for one in spoken]
    return await joined(files, store, first.name, first.extension)


def _broken(
    outcomes: list[Result | ConnectorError | None], good: int, entry: FileEntry | None
) -> ConnectorError:
    """Say which part failed, and where what was spoken before it is."""
    why = next(one for one in outcomes if isinstance(one, ConnectorError))
    if entry is None:
        return why
    told = (
        f"part {good + 1} of {len(outcomes)} was not spoken: {why.message}; the sound before it, "
        f"which is paid for, is in {entry.url}"
    )
    return IncompleteError(told, raw={"files": [entry.to_json()]})
