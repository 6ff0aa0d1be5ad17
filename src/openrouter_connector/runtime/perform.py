"""An action, from parameters to result: its form accepts them, and one call or several are made.

                  ┌▶ run ───────────────────────────┐
accept ─▶ server ─┼▶ each item: run ─▶ gathered ────┼▶ Result
                  └▶ split: run each part ─▶ joined ┘
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from time import monotonic

from ..definition.form import Form
from ..definition.model import Action
from ..errors import ApiError, BudgetError, ConnectorError, CredentialError, FileError
from ..offload import aside
from ..values import Event, Json, JsonObject, Result
from .batch.for_each import each
from .batch.split import split
from .run import Hands, result_of, run

__all__ = ["Hands", "events", "perform"]


async def perform(form: Form, parameters: Json, hands: Hands) -> Result:
    """Perform an action and give its result. Raises any of the errors in `errors.py`."""
    return await result_of(events(form, parameters, hands))


async def events(
    form: Form, parameters: Json, hands: Hands, *, stream: bool = False
) -> AsyncGenerator[Event]:
    """Perform an action and give its steps as they happen; the last one holds the result.

    With `stream` the answer comes in pieces, where the action can give it so.
    """
    started, accepted = monotonic(), await aside(form.accept, parameters)
    action, values = form.action, accepted.values
    hands = replace(hands, budget=hands.budget.part())
    try:
        async with (
            hands.at_server_of(action, values) as there,
            aclosing(_course(action, values, there, stream)) as steps,
        ):
            async for event in steps:
                if event.result:
                    event.result.metadata["warnings"][:0] = accepted.warnings
                yield event
    except ConnectorError as error:
        error.cost = hands.budget.spent or None
        if not (action.reports and isinstance(error, _REPORTED)):
            raise
        metadata = {
            "error": error.to_json(),
            "cost": hands.budget.spent or None,
            "attempts": error.attempts if isinstance(error, ApiError) else 0,
            "latency": round(monotonic() - started, 4),
            "warnings": list(accepted.warnings),
        }
        yield Event("result", result=Result(_reported(action, error), metadata))


def _course(
    action: Action, values: JsonObject, hands: Hands, stream: bool
) -> AsyncGenerator[Event]:
    if action.each:
        return each(action, action.each, values, hands)
    if action.split:
        return split(action, action.split, values, hands)
    return run(action, values, hands, stream=stream)


_REPORTED = (ApiError, BudgetError, CredentialError, FileError)


def _reported(action: Action, error: ConnectorError) -> JsonObject:
    """Give the output of an action that tells a failure in a part of it."""
    nothing: JsonObject = {part.name: None for part in action.output.properties}
    return nothing | {str(action.reports): error.message}
