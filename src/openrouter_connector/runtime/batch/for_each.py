"""One call for each item of a list, and a row for each, in the same order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import replace

from ...definition.model import Action, ForEach
from ...errors import ConnectorError
from ...values import Event, Json, JsonObject, Result
from ..run import run
from ..services import Report, Services
from .concurrency import isolated, listed, many
from .rows import Rows


async def for_each(
    action: Action, word: ForEach, values: JsonObject, services: Services, report: Report
) -> Result:
    """Make a call for each item, and report its row as progress when it ends.

    The output lists `{index, name, ..., warnings, error, cost}`. An item that fails has an error
    in its row, even for a fault of our own; when all fail, the first error is raised.
    """
    items: list[Json] = values[word.property]
    rows = Rows(action, word, items)

    async def call(index: int, item: Json) -> Result:
        own = replace(services, budget=services.budget.part())
        try:
            # Nine good answers are paid for; a fault in the tenth must not lose them.
            return await isolated(run(action, values | {word.property: [item]}, own))
        except ConnectorError:
            # A call may fail after it was paid: an answer cut by length, for instance.
            if own.budget.spent:
                rows.lost[index] = own.budget.spent
            raise

    await report(Event("started"))
    calls = many(listed(items), min(values[word.concurrency], len(items)), call)
    async with aclosing(calls) as ended:
        done = 0
        async for index, outcome in ended:
            rows.outcomes[index] = outcome
            done += 1
            row = rows.row(index)
            progress = Event("progress", done=done, total=len(items), unit=word.unit, row=row)
            await report(progress)
    return rows.result()


def calls_of(action: Action, values: JsonObject) -> Iterator[JsonObject]:
    """Yield the values of each call that is made for these."""
    if action.for_each is None:
        yield values
        return
    for item in values[action.for_each.property]:
        yield values | {action.for_each.property: [item]}
