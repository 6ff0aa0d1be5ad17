"""One call for each item of a list, and one result for each, in the same order."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import dataclass, replace

from ..definition.model import Action, Each
from ..errors import ConnectorError, FileError
from ..values import Event, Json, JsonObject, Result
from .many import HOPELESS, many
from .run import Hands, result_of, run
from .together import Together


async def each(
    action: Action, word: Each, values: JsonObject, hands: Hands
) -> AsyncGenerator[Event]:
    """Make a call for each item, and give progress after each of them, then the result.

    The output lists `{index, name, ..., warnings, error, cost}`. A failure stands in the place of
    its item; when all fail, the first is raised.
    """
    together, listed = Together(), list[Json](values[word.of])
    came: list[Result | ConnectorError | None] = [None] * len(listed)
    costs: list[float | None] = [None] * len(listed)

    async def call(item: _Item) -> Result:
        own = replace(hands, budget=hands.budget.part())
        try:
            return await result_of(run(action, values | {word.of: [item.value]}, own))
        except ConnectorError:
            costs[item.index] = own.budget.spent or None
            raise

    yield Event("started")
    calls = many(_items(listed), min(values[word.at_once], len(listed)), call)
    async with aclosing(calls) as ended:
        done = 0
        async for item, outcome in ended:
            came[item.index] = _at(outcome, action, item.index)
            done += 1
            yield Event("progress", done=done, total=len(listed), unit=word.unit)
    outcomes = _filled(came)
    _raise_if_all_failed(outcomes, word.unit)
    shared = _shared(outcomes)
    rows = [
        _row(action, index, listed[index], outcome, costs[index], shared)
        for index, outcome in enumerate(outcomes)
    ]
    together.add(one.metadata for one in outcomes if isinstance(one, Result))
    for cost in costs:
        together.pay(cost)
    failed = sum(isinstance(one, ConnectorError) for one in outcomes)
    warnings = [*shared, *([f"{failed} of {len(listed)} {word.unit} failed"] if failed else [])]
    yield Event("result", result=Result(rows, together.metadata(warnings)))


def calls_of(action: Action, values: JsonObject) -> Iterator[JsonObject]:
    """Give the values of each call that these make."""
    if action.each is None:
        yield values
        return
    for item in values[action.each.of]:
        yield values | {action.each.of: [item]}


def placed(action: Action, path: str, index: int) -> str:
    """Give the path of an item by its place in the list: in its own call it is the first."""
    of = action.each.of if action.each else ""
    return path.replace(f"{of}[0]", f"{of}[{index}]", 1) if of else path


@dataclass(frozen=True, slots=True)
class _Item:
    index: int
    value: Json


async def _items(listed: list[Json]) -> AsyncIterator[_Item]:
    for index, value in enumerate(listed):
        yield _Item(index, value)


def _at(outcome: Result | ConnectorError, action: Action, index: int) -> Result | ConnectorError:
    """Say of a file that is wrong which item it is."""
    if not isinstance(outcome, FileError):
        return outcome
    path = placed(action, outcome.path, index)
    return FileError(outcome.message.replace(outcome.path, path, 1), path)


def _filled(came: list[Result | ConnectorError | None]) -> list[Result | ConnectorError]:
    """Put the failure that stopped the others in the place of those that were not sent."""
    stop = next((one for one in came if isinstance(one, HOPELESS)), None)
    return [one or stop or ConnectorError("was not sent") for one in came]


def _raise_if_all_failed(outcomes: list[Result | ConnectorError], unit: str) -> None:
    failed = [one for one in outcomes if isinstance(one, ConnectorError)]
    if len(failed) == len(outcomes):
        if len(failed) > 1:
            failed[0].message = f"all {len(failed)} {unit} failed; the first: {failed[0].message}"
        raise failed[0]


def _shared(outcomes: list[Result | ConnectorError]) -> list[str]:
    """Give the warnings that all calls have, to be told once."""
    told = [one.metadata["warnings"] for one in outcomes if isinstance(one, Result)]
    return [one for one in told[0] if all(one in other for other in told[1:])] if told[1:] else []


def _row(
    action: Action,
    index: int,
    value: Json,
    outcome: Result | ConnectorError,
    cost: float | None,
    shared: list[str],
) -> JsonObject:
    """Give what the output says of one item."""
    parts = action.output.items.properties if action.output.items else ()
    row: JsonObject = {part.name: None for part in parts}
    row |= {"index": index, "name": value.get("name") if isinstance(value, dict) else None}
    if isinstance(outcome, ConnectorError):
        return row | {"warnings": [], "error": outcome.to_json(), "cost": cost}
    output: JsonObject = outcome.output
    own = [one for one in outcome.metadata["warnings"] if one not in shared]
    told = [*output.get("warnings", []), *own]
    return {**row, **output, "warnings": told, "cost": outcome.metadata["cost"]}
