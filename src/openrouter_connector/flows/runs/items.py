"""Execute the steps of `each` and `map` for many items at the same time.

    one action an item      a window of items is one step of the engine
    no action at all        nothing is recorded
    several steps an item   each item is a workflow of its own

A window costs the database as much as a single item would. After a crash in the middle of one, its
items are performed again, and their requests find their recorded answers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from dbos import DBOS

from ...errors import InputError, Problem
from ...values import Json, JsonObject
from ..formats.expressions.values import described
from ..formats.steps import Step, inner_steps
from .execution import Execution, Signal, is_volatile
from .large_values import unpack
from .outcomes import Outcome, StepFailed
from .scope import Scope, evaluated
from .step_policy import policy_of
from .together import pooled

AT_ONCE = 128
"""Items of one container that run at the same time; `CallLimits` holds for their requests."""
_WINDOW = 32  # items that are one step of the engine

Take = Callable[[int, Json], None]


async def each(execution: Execution, step: Step, place: str, scope: Scope) -> Signal | None:
    """Execute the steps for each item."""
    return await _items(execution, step, place, scope, lambda index, output: None)


async def map_items(execution: Execution, step: Step, place: str, scope: Scope) -> Signal | None:
    """Execute the steps for each item, and return the list of their last outputs."""
    found: dict[int, Json] = {}
    signal = await _items(execution, step, place, scope, found.__setitem__)
    scope.add(step.name, [found[index] for index in sorted(found)])
    return signal


def items_of(value: Json, place: str) -> list[Json]:
    """Return the items of a container. InputError if they are no list."""
    if not isinstance(value, list):
        message = f"must be a list, and is {described(value)}"
        raise InputError([Problem(f"{place}.parameters.items", message)])
    return value


@dataclass(slots=True)
class Progress:
    """How many items of a container are done; told at most a hundred times."""

    execution: Execution
    step: Step
    place: str
    total: int | None
    done: int = 0

    def add(self) -> None:
        """Count an item."""
        self.done += 1
        every = max(1, (self.total or 0) // 100)
        if self.done % every == 0 or self.done == self.total:
            more = {"done": self.done, "total": self.total, "unit": "items"}
            self.execution.tell("progress", self.place, self.step, **more)


async def _items(
    execution: Execution, step: Step, place: str, scope: Scope, take: Take
) -> Signal | None:
    own = await execution.recorded(step, place, lambda: evaluated(step, scope, "items"))
    items = items_of(own.get("items"), place)
    inner = list(inner_steps(step))
    if not inner:
        return None
    execution.tell("started", place, step, total=len(items))
    progress = Progress(execution, step, place, len(items))
    if len(inner) == 1 and inner[0].word == execution.component:
        await _in_windows(execution, step, place, scope, items, take, progress)
        return None

    is_computed = all(_is_computed(execution, one) for one in inner)

    async def item(index: int) -> Signal | None:
        inside = scope.within(step.name, {"item": items[index], "index": index})
        id = f"{place}[{index}]"
        if is_computed:  # nothing to record: it is computed again as quickly
            signal = await execution.steps(inner, f"{id}.", inside)
        else:
            signal = await execution.part(id, f"{id}.", inner, inside, {inner[-1].name})
        take(index, inside.values.get(inner[-1].name))
        progress.add()
        return signal

    return await pooled(len(items), AT_ONCE, item)


def _is_computed(execution: Execution, step: Step) -> bool:
    """Return whether a step calls nothing, and computes the same each time."""
    if step.word == execution.component or is_volatile(step):
        return False
    return all(_is_computed(execution, inner) for inner in inner_steps(step))


async def _in_windows(
    execution: Execution,
    step: Step,
    place: str,
    scope: Scope,
    items: list[Json],
    take: Take,
    progress: Progress,
) -> None:
    """Perform the only action inside a container for all items."""
    [action], gate = inner_steps(step), asyncio.Semaphore(AT_ONCE)
    files = (await execution.engine.session_for(execution.run)).files
    tolerates = policy_of(action).on_error == "continue"

    def place_of(index: int) -> str:
        return f"{place}[{index}].{action.name}"

    async def one(index: int) -> JsonObject:
        own = scope.within(step.name, {"item": items[index], "index": index})
        async with gate:
            found = await execution.perform(action, place_of(index), own)
        progress.add()
        return found

    async def perform(first: int, last: int) -> JsonObject:
        rows: dict[int, JsonObject] = {}

        async def row(offset: int) -> bool | None:
            found = rows[first + offset] = await one(first + offset)
            return True if "error" in found and not tolerates else None

        await pooled(last - first, AT_ONCE, row)
        failed = [index for index in sorted(rows) if "error" in rows[index] and not tolerates]
        found: JsonObject = {"rows": {str(index): rows[index] for index in sorted(rows)}}
        if failed:
            found |= {
                "error": rows[failed[0]]["error"],
                "failed": [place_of(index) for index in failed],
            }
        return found

    async def window(number: int) -> None:
        first, last = number * _WINDOW, min((number + 1) * _WINDOW, len(items))
        # Its number in the workflow is drawn here, in the order of the windows.
        reserved = DBOS.reserve_step()
        name = f"{place}[{first}:{last}].{action.name}"
        recorded = await reserved.run_async({"name": name}, perform, first, last)
        for key, row in recorded["rows"].items():
            outcome = Outcome.of_json(row)
            # Of a window that failed all rows are done again by a resume.
            note = execution.note if "error" in recorded else execution.note_recorded
            note(action, place_of(int(key)), outcome, row["cost"])
            take(int(key), await unpack(outcome.output, files))
        if "error" in recorded:
            raise StepFailed(recorded["failed"][0], recorded["error"])

    await pooled(-(-len(items) // _WINDOW), AT_ONCE // _WINDOW + 1, window)
