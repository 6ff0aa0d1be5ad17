"""What each container does: which of its lists it executes, and how often."""

from __future__ import annotations

from ...errors import InputError, Problem
from ..formats.references import lists_of
from ..formats.steps import Step, inner_steps
from .concurrency_plan import names_written
from .execution import CONTAINERS, Execution, Signal, set_variable
from .items import Progress, each, items_of, map_items
from .outcomes import StepFailed
from .scope import Scope, condition_holds, evaluated
from .together import pooled

MOST_ROUNDS = 10_000
"""Rounds of a loop without a list."""
_LISTS_AT_ONCE = 128


async def condition(execution: Execution, step: Step, place: str, scope: Scope) -> Signal | None:
    """Execute one of two lists."""
    holds = await execution.recorded(step, place, lambda: condition_holds(step, scope))
    return await _chosen(execution, step, place, scope, "caseTrue" if holds else "caseFalse")


async def branch(execution: Execution, step: Step, place: str, scope: Scope) -> Signal | None:
    """Execute the list of the case whose key is the value."""
    own = await execution.recorded(
        step, place, lambda: evaluated(step, scope, "expression", "cases")
    )
    for index, case in enumerate(own.get("cases") or ()):
        if case.get("key") == own.get("expression"):
            return await _chosen(execution, step, place, scope, f"cases[{index}].tasks")
    return await _chosen(execution, step, place, scope, "default")


async def loop(execution: Execution, step: Step, place: str, scope: Scope) -> Signal | None:
    """Execute the steps for one item after the other, until a `loopBreak`."""
    own = await execution.recorded(step, place, lambda: evaluated(step, scope, "items"))
    forever = step.parameters.get("loopForever") is True and own.get("items") is None
    items = [*range(MOST_ROUNDS)] if forever else items_of(own.get("items"), place)
    inner, progress = (
        list(inner_steps(step)),
        Progress(execution, step, place, None if forever else len(items)),
    )
    for index, item in enumerate(items):
        scope.values[step.name] = {"item": item, "index": index}
        signal = await execution.steps(inner, f"{place}[{index}].", scope)
        progress.add()
        if signal is Signal.BREAK:
            break
        if signal:
            return signal
    else:
        if forever:
            message = f"ran {MOST_ROUNDS:,} rounds without a loopBreak"
            raise InputError([Problem(place, message)])
    scope.values.pop(step.name, None)
    return None


async def on_error(execution: Execution, step: Step, place: str, scope: Scope) -> Signal | None:
    """Execute the second list if a step of the first one fails."""
    main = [inner for inner in inner_steps(step) if inner.slot == "main-branch"]
    spare = [inner for inner in inner_steps(step) if inner.slot == "on-error-branch"]
    try:
        return await execution.steps(main, f"{place}.", scope)
    except StepFailed as failed:
        if failed.is_fatal:
            raise
        scope.add(step.name, {"error": failed.error, "step": failed.place})
        return await execution.steps(spare, f"{place}.", scope)


async def parallel(execution: Execution, step: Step, place: str, scope: Scope) -> Signal | None:
    """Execute several lists at the same time; what they return is visible afterwards."""
    lists = lists_of(step)
    before = Scope(scope.inputs, dict(scope.values), dict(scope.metadata))

    async def one(index: int) -> Signal | None:
        returns = set[str]().union(*(names_written(inner) for inner in lists[index]))
        own = Scope(before.inputs, dict(before.values), dict(before.metadata))
        id = f"{place}[{index}]"
        signal = await execution.part(id, f"{place}.", lists[index], own, returns)
        for name in returns & own.values.keys():
            scope.add(name, own.values[name], own.metadata.get(name))
        return signal

    return await pooled(len(lists), _LISTS_AT_ONCE, one)


async def var(execution: Execution, step: Step, place: str, scope: Scope) -> Signal | None:
    """Set a variable."""
    await set_variable(execution, step, place, scope)
    return None


async def _chosen(
    execution: Execution, step: Step, place: str, scope: Scope, slot: str
) -> Signal | None:
    execution.tell("chosen", place, step, slot=slot)
    chosen = [inner for inner in inner_steps(step) if inner.slot == slot]
    return await execution.steps(chosen, f"{place}.", scope)


CONTAINERS.update(
    {
        "branch": branch,
        "condition": condition,
        "each": each,
        "fork-join": parallel,
        "loop": loop,
        "map": map_items,
        "on-error": on_error,
        "parallel": parallel,
        "var": var,
    }
)
