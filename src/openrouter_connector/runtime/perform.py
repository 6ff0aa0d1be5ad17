"""Perform an action: its form accepts the parameters, and one call or several are made.

                  ┌▶ run ─────────────────────────┐
accept ─▶ server ─┼▶ for each item: run ─▶ rows ──┼▶ Result
                  ├▶ split: run each part ─▶ join ┤
                  └▶ bundle: many in one call ────┘
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from time import monotonic

from ..definition.form import Form
from ..definition.model import Action
from ..errors import ApiError, BudgetError, ConnectorError, CredentialError, FileError
from ..offload import offload
from ..values import Event, Json, JsonObject, Metadata, Result
from .batch.for_each import for_each
from .batch.split import split
from .events import events_of
from .run import run
from .services import Report, Services, ignore

__all__ = ["Services", "events", "perform"]


async def perform(
    form: Form,
    parameters: Json,
    services: Services,
    report: Report = ignore,
    *,
    stream: bool = False,
) -> Result:
    """Perform an action, and return its result. Raises any of the errors in `errors.py`.

    `report` takes what happens on the way. With `stream` those are also the parts of the answer.
    """
    started, accepted = monotonic(), await offload(form.accept, parameters)
    action, values = form.action, accepted.values
    # So that `error.cost` holds what this run spent, and not what the session did.
    services = replace(services, budget=services.budget.part())
    try:
        async with services.at_server_of(action, values) as reached:
            result = await _calls(form, values, reached, report, stream)
    except ConnectorError as error:
        error.cost = services.budget.spent or None
        # Wrong parameters are raised all the same: no output could describe them.
        if not (action.error_output and isinstance(error, _REPORTED)):
            raise
        latency = round(monotonic() - started, 4)
        result = _reported(action.error_output, action, error, latency)
    if not accepted.warnings:
        return result
    warnings = (*accepted.warnings, *result.metadata.warnings)
    return replace(result, metadata=replace(result.metadata, warnings=warnings))


def events(
    form: Form, parameters: Json, services: Services, *, stream: bool = False
) -> AsyncGenerator[Event]:
    """Perform an action, and yield its events as they happen; the last one holds the result."""
    return events_of(lambda report: perform(form, parameters, services, report, stream=stream))


async def _calls(
    form: Form, values: JsonObject, services: Services, report: Report, stream: bool
) -> Result:
    action = form.action
    if action.bundle:
        from .bundle.perform_bundle import perform_bundle  # few calls need it

        return await perform_bundle(form, action.bundle, values, services, report)
    if action.for_each:
        return await for_each(action, action.for_each, values, services, report)
    # Without the text there is nothing to split: another property was given in its place.
    if action.split_audio or (action.split_text and action.split_text.property in values):
        return await split(action, values, services, report)
    return await run(action, values, services, report, stream=stream)


_REPORTED = (ApiError, BudgetError, CredentialError, FileError)


def _reported(part: str, action: Action, error: ConnectorError, latency: float) -> Result:
    """Return the result of an action that reports a failure in a part of its output."""
    output: JsonObject = {part.name: None for part in action.output.properties}
    metadata = Metadata(
        error=error.to_json(),
        cost=error.cost,
        attempts=error.attempts if isinstance(error, ApiError) else 0,
        latency=latency,
    )
    return Result({**output, part: error.message}, metadata)
