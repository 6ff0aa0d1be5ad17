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
from ..offload import offload
from ..values import Event, Json, JsonObject, Result
from .batch.for_each import for_each
from .batch.split import split
from .run import Services, result_of, run

__all__ = ["Services", "events", "perform"]


async def perform(form: Form, parameters: Json, services: Services) -> Result:
    """Perform an action and give its result. Raises any of the errors in `errors.py`."""
    return await result_of(events(form, parameters, services))


async def events(
    form: Form, parameters: Json, services: Services, *, stream: bool = False
) -> AsyncGenerator[Event]:
    """Perform an action and give its steps as they happen; the last one holds the result.

    With `stream` the answer comes in pieces, where the action can give it so.
    """
    started, accepted = monotonic(), await offload(form.accept, parameters)
    action, values = form.action, accepted.values
    services = replace(services, budget=services.budget.part())
    try:
        async with (
            services.at_server_of(action, values) as there,
            aclosing(_course(action, values, there, stream)) as steps,
        ):
            async for event in steps:
                if event.result:
                    event.result.metadata["warnings"][:0] = accepted.warnings
                yield event
    except ConnectorError as error:
        error.cost = services.budget.spent or None
        if not (action.error_output and isinstance(error, _REPORTED)):
            raise
        metadata = {
            "error": error.to_json(),
            "cost": services.budget.spent or None,
            "attempts": error.attempts if isinstance(error, ApiError) else 0,
            "latency": round(monotonic() - started, 4),
            "warnings": list(accepted.warnings),
        }
        yield Event("result", result=Result(_reported(action, error), metadata))


def _course(
    action: Action, values: JsonObject, services: Services, stream: bool
) -> AsyncGenerator[Event]:
    if action.for_each:
        return for_each(action, action.for_each, values, services)
    if action.split_audio or action.split_text:
        return split(action, values, services)
    return run(action, values, services, stream=stream)


_REPORTED = (ApiError, BudgetError, CredentialError, FileError)


def _reported(action: Action, error: ConnectorError) -> JsonObject:
    """Give the output of an action that tells a failure in a part of it."""
    nothing: JsonObject = {part.name: None for part in action.output.properties}
    return nothing | {str(action.error_output): error.message}
