"""One call for each item of a list, and one result for each, in the same order."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import replace
from traceback import format_tb

from ...definition.model import Action, ForEach
from ...errors import ConnectorError
from ...values import Event, Json, JsonObject, Result
from ..run import Services, result_of, run
from .concurrency import listed, many
from .rows import Rows

log = logging.getLogger("openrouter_connector.runtime")


async def for_each(
    action: Action, word: ForEach, values: JsonObject, services: Services
) -> AsyncGenerator[Event]:
    """Make a call for each item, give progress with its row after each of them, then the result.

    The output lists `{index, name, ..., warnings, error, cost}`. A failure stands in the place of
    its item, a fault of our own as well; when all fail, the first is raised.
    """
    items: list[Json] = values[word.property]
    rows = Rows(action, word, items)

    async def call(index: int, item: Json) -> Result:
        own = replace(services, budget=services.budget.part())
        try:
            return await _alone(run(action, values | {word.property: [item]}, own))
        except ConnectorError:
            rows.lost[index] = own.budget.spent or None
            raise

    yield Event("started")
    calls = many(listed(items), min(values[word.concurrency], len(items)), call)
    async with aclosing(calls) as ended:
        done = 0
        async for index, outcome in ended:
            rows.came[index] = outcome
            done += 1
            row = rows.row(index)
            yield Event("progress", done=done, total=len(items), unit=word.unit, row=row)
    yield Event("result", result=rows.result())


def calls_of(action: Action, values: JsonObject) -> Iterator[JsonObject]:
    """Give the values of each call that these make."""
    if action.for_each is None:
        yield values
        return
    for item in values[action.for_each.property]:
        yield values | {action.for_each.property: [item]}


async def _alone(steps: AsyncGenerator[Event]) -> Result:
    """Run to the end. A fault of our own fails this call, and does not lose what others gave."""
    try:
        return await result_of(steps)
    except ConnectorError:
        raise
    except Exception as error:
        # Not what the error says, which may be what a user wrote.
        name, trace = type(error).__name__, "".join(format_tb(error.__traceback__))
        log.error("%s in one of several calls\n%s", name, trace)
        told = f"this call met a fault of the connector itself ({name}); please report it"
        raise ConnectorError(told) from error
