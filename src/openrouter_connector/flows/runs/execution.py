"""Execute a list of steps: one after the other, or side by side where none needs the other.

    run_flow (workflow) ── Execution ──┬─▶ an action            one step of the engine
                                       ├─▶ condition, loop …    its list, in the same workflow
                                       └─▶ each, parallel …     a workflow for each item or list

The engine numbers the steps of a workflow in the order in which they begin. So what runs at the
same time either begins in a fixed order, as a single step, or is a workflow of its own, whose id
says its place in the run.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from contextvars import Context
from dataclasses import dataclass
from enum import Enum
from typing import Any

from dbos import DBOS, SetWorkflowID
from dbos._dbos import StepReservation

from ...errors import InputError, Problem
from ...runtime.budget import Budget
from ...values import Json, JsonObject
from ..formats.check import form_of
from ..formats.containers import BREAKS
from ..formats.expressions.values import described
from ..formats.flow import Flow
from ..formats.references import lists_of
from ..formats.steps import Step, inner_steps
from .concurrency_plan import Group, names_read, names_written, plan
from .engine import Engine
from .large_values import pack, unpack
from .outcomes import Outcome, StepFailed
from .perform_step import perform_step
from .run_records import RunRecord
from .scope import Scope, condition_holds, evaluated
from .step_policy import policy_of

ITEMS_AT_ONCE = 128
"""Items of one `each` or `map` that run at the same time; `CallLimits` holds for their requests."""
MOST_ROUNDS = 10_000
"""Rounds of a loop without a list."""
_VOLATILE = re.compile(r"\b(now|uuid|timestamp)\s*\(")
_POLL = 0.2  # seconds between two looks for the end of a workflow that runs elsewhere


class Signal(Enum):
    """Why a list of steps ended early."""

    BREAK = "break"
    END = "end"


@dataclass(slots=True)
class Execution:
    """One workflow of a run, and what its steps share."""

    engine: Engine
    run: RunRecord
    flow: Flow
    steps_by_place: dict[str, Step]
    component: str
    """The name of the component whose actions are performed."""
    owner: str
    """This attempt; a request that was begun by another one, and has no answer, is in doubt."""
    budget: Budget
    noted: set[str]
    """Places of steps whose result an earlier attempt has told."""

    async def steps(self, steps: Sequence[Step], prefix: str, scope: Scope) -> Signal | None:
        """Execute a list of steps. StepFailed for the first that fails."""
        for group in plan(steps):
            if len(group.steps) == 1:
                signal = await self.step(group.steps[0], prefix, scope)
            else:
                signal = await self._side_by_side(group, prefix, scope)
            if signal:
                return signal
        return None

    async def step(self, step: Step, prefix: str, scope: Scope) -> Signal | None:
        """Execute one step, with the steps inside it."""
        place = f"{prefix}{step.name}"
        if self._is_set_aside(step, scope):
            return None
        if step.word == self.component:
            self._take(step, place, await self._action(step, place, scope), scope)
            return None
        if step.word == "terminate":
            return Signal.END
        if step.word in BREAKS:
            return Signal.BREAK
        execute = _CONTAINERS[step.word]
        try:
            return await execute(self, step, place, scope)
        except InputError as error:
            failed = StepFailed(place, error.to_json())
            self._failed(step, failed)
            raise failed from None
        except StepFailed as failed:
            if policy_of(step).on_error == "stop" or failed.is_fatal:
                raise
            scope.add(step.name, None, {"error": failed.error})
            return None

    async def _action(
        self, step: Step, place: str, scope: Scope, reserved: StepReservation | None = None
    ) -> Outcome:
        """Perform an action as one step of the engine; a step that was recorded is not repeated."""
        run_step = reserved.run_async if reserved else DBOS.run_step_async
        # When a run is cancelled, a paid request comes to its end; the wait for a job does not.
        is_job = form_of(step, self.engine.connector.definition).action.poll is not None
        recorded = await run_step(
            {"name": place, "preemptible": is_job},
            perform_step,
            self.engine,
            self.run,
            step,
            place,
            scope,
            self.owner,
            self.budget.part(),
        )
        outcome = Outcome.of_json(recorded)
        self._note(step, place, outcome, recorded.get("cost") or 0.0)
        if outcome.error is None:
            files = (await self.engine.session_for(self.run)).files
            outcome = Outcome(await unpack(outcome.output, files), outcome.metadata)
        return outcome

    def _note(self, step: Step, place: str, outcome: Outcome, spent: float) -> None:
        """Note what a step cost and returned, once; also if a crash came before it was noted."""
        metadata = outcome.metadata or {}
        if cost := metadata.get("cost") or spent:
            model = str(metadata.get("model") or step.parameters.get("model") or "")
            self.engine.records.add_cost(self.run, place, step.type.split("/")[-1], model, cost)
        if place in self.noted:
            return
        kind = "failed" if outcome.error is not None else "result"
        self.engine.journal.add(self.run.id, kind, place, step=step.name, **outcome.to_json())

    def _take(self, step: Step, place: str, outcome: Outcome, scope: Scope) -> None:
        """Make the outcome of a step visible to those after it. StepFailed if it failed."""
        if outcome.error is None:
            scope.add(step.name, outcome.output, outcome.metadata)
            return
        failed = StepFailed(place, outcome.error)
        if policy_of(step).on_error == "stop" or failed.is_fatal:
            raise failed
        scope.add(step.name, None, {**(outcome.metadata or {}), "error": outcome.error})

    def _is_set_aside(self, step: Step, scope: Scope) -> bool:
        """Return whether a step is not performed: pinned, or another one is wanted."""
        options = self.run.options
        if step.container is None and step.name in options.pinned:
            pinned = options.pinned[step.name]
            scope.add(step.name, pinned.get("output"), pinned.get("metadata"))
            return True
        return step.container is None and options.only not in (None, step.name)

    # --- what runs at the same time -------------------------------------------------------------

    async def _side_by_side(self, group: Group, prefix: str, scope: Scope) -> Signal | None:
        """Execute steps of which some do not need each other; each waits for those it reads."""
        done = [asyncio.Event() for _ in group.steps]
        failures: list[StepFailed] = []
        is_broken: list[str] = []
        # Reserved in the order of the document, before anything begins: so a replay numbers alike.
        reserved = [
            DBOS.reserve_step() if step.word == self.component else None for step in group.steps
        ]

        async def execute(index: int, step: Step) -> None:
            try:
                for other in group.waits[index]:
                    await done[other].wait()
                if not (failures or is_broken):
                    await self._beside(step, prefix, scope, reserved[index])
            except StepFailed as failed:
                failures.append(failed)
            except BaseException:
                is_broken.append(step.name)
                raise
            finally:
                done[index].set()

        await _together(execute(index, step) for index, step in enumerate(group.steps))
        if failures:
            raise failures[0]
        return None

    async def _beside(
        self, step: Step, prefix: str, scope: Scope, reserved: StepReservation | None
    ) -> None:
        place = f"{prefix}{step.name}"
        if self._is_set_aside(step, scope):
            return
        if reserved:
            self._take(step, place, await self._action(step, place, scope, reserved), scope)
        elif step.word == "var":
            await self.step(step, prefix, scope)
        else:
            await self._part(f"{place}~", prefix, [step], scope, names_written(step))

    async def _part(
        self, id: str, prefix: str, steps: Sequence[Step], scope: Scope, returns: set[str]
    ) -> Signal | None:
        """Execute steps as a workflow of its own, and take over what it returns of their values."""
        from .workflows import run_part

        read = set[str]().union(*(names_read(step) for step in steps))
        files = (await self.engine.session_for(self.run)).files
        task: JsonObject = {
            "prefix": prefix,
            "steps": [step.place for step in steps],
            "scope": await pack(scope.only(read), files),
            "returns": sorted(returns),
        }

        async def start_and_wait() -> JsonObject:
            with SetWorkflowID(f"{self.run.id}/{id}"):
                handle = await DBOS.start_workflow_async(run_part, self.run.id, task)
            found: JsonObject = await handle.get_result(polling_interval_sec=_POLL)
            return found

        # In a context of its own: as a child it would get a number in the order of its start, and
        # the order of items that run at the same time is another one in each attempt.
        found = await asyncio.create_task(start_and_wait(), context=Context())
        if found.get("error") is not None:
            raise StepFailed(found["place"], found["error"])
        returned = await unpack(found["scope"], files)
        scope.values |= returned["values"]
        scope.metadata |= returned["metadata"]
        return Signal(found["signal"]) if found.get("signal") else None

    async def _items(
        self, step: Step, place: str, scope: Scope, take: Callable[[int, Json], None]
    ) -> Signal | None:
        """Execute the steps of `each` or `map` for all items, several at the same time."""
        items = _list(evaluated(step, scope, "items").get("items"), place)
        inner = list(inner_steps(step))
        if not inner:
            return None
        # One action alone needs no workflow of its own, which would cost twice as much.
        is_single = len(inner) == 1 and inner[0].word == self.component
        self.engine.journal.add(self.run.id, "started", place, step=step.name, total=len(items))
        progress = _Progress(self, step, place, len(items))

        async def item(index: int, reserved: StepReservation | None) -> Signal | None:
            own = scope.within(step.name, {"item": items[index], "index": index})
            prefix, last, signal = f"{place}[{index}].", inner[-1], None
            if reserved:
                at = f"{prefix}{last.name}"
                self._take(last, at, await self._action(last, at, own, reserved), own)
            else:
                own_id = prefix.removesuffix(".")
                signal = await self._part(own_id, prefix, inner, own, {last.name})
            take(index, own.values.get(last.name))
            progress.add()
            return signal

        return await _pooled(len(items), item, DBOS.reserve_step if is_single else None)

    async def _each(self, step: Step, place: str, scope: Scope) -> Signal | None:
        return await self._items(step, place, scope, lambda index, output: None)

    async def _map(self, step: Step, place: str, scope: Scope) -> Signal | None:
        found: dict[int, Json] = {}
        signal = await self._items(step, place, scope, found.__setitem__)
        scope.add(step.name, [found[index] for index in sorted(found)])
        return signal

    async def _parallel(self, step: Step, place: str, scope: Scope) -> Signal | None:
        return await self._lists(lists_of(step), place, scope)

    async def _lists(self, lists: list[list[Step]], place: str, scope: Scope) -> Signal | None:
        """Execute several lists at the same time; what they return is visible afterwards."""
        before = Scope(scope.inputs, dict(scope.values), dict(scope.metadata))

        async def one(index: int, _: StepReservation | None) -> Signal | None:
            returns = set[str]().union(*(names_written(step) for step in lists[index]))
            own = Scope(before.inputs, dict(before.values), dict(before.metadata))
            signal = await self._part(f"{place}[{index}]", f"{place}.", lists[index], own, returns)
            for name in returns & own.values.keys():
                scope.add(name, own.values[name], own.metadata.get(name))
            return signal

        return await _pooled(len(lists), one, None)

    # --- what runs in its place -----------------------------------------------------------------

    async def _condition(self, step: Step, place: str, scope: Scope) -> Signal | None:
        holds = await self._recorded(step, place, lambda: condition_holds(step, scope))
        slot = "caseTrue" if holds else "caseFalse"
        chosen = [inner for inner in inner_steps(step) if inner.slot == slot]
        self.engine.journal.add(self.run.id, "chosen", place, step=step.name, slot=slot)
        return await self.steps(chosen, f"{place}.", scope)

    async def _branch(self, step: Step, place: str, scope: Scope) -> Signal | None:
        own = await self._recorded(
            step, place, lambda: evaluated(step, scope, "expression", "cases")
        )
        slot = "default"
        for index, case in enumerate(own.get("cases") or ()):
            if case.get("key") == own.get("expression"):
                slot = f"cases[{index}].tasks"
                break
        chosen = [inner for inner in inner_steps(step) if inner.slot == slot]
        self.engine.journal.add(self.run.id, "chosen", place, step=step.name, slot=slot)
        return await self.steps(chosen, f"{place}.", scope)

    async def _loop(self, step: Step, place: str, scope: Scope) -> Signal | None:
        own = await self._recorded(step, place, lambda: evaluated(step, scope, "items"))
        forever = step.parameters.get("loopForever") is True and own.get("items") is None
        items = [None] * MOST_ROUNDS if forever else _list(own.get("items"), place)
        inner = list(inner_steps(step))
        progress = _Progress(self, step, place, None if forever else len(items))
        for index, item in enumerate(items):
            scope.values[step.name] = {"item": index if forever else item, "index": index}
            signal = await self.steps(inner, f"{place}[{index}].", scope)
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

    async def _on_error(self, step: Step, place: str, scope: Scope) -> Signal | None:
        main = [inner for inner in inner_steps(step) if inner.slot == "main-branch"]
        spare = [inner for inner in inner_steps(step) if inner.slot == "on-error-branch"]
        try:
            return await self.steps(main, f"{place}.", scope)
        except StepFailed as failed:
            if failed.is_fatal:
                raise
            scope.add(step.name, {"error": failed.error, "step": failed.place})
            return await self.steps(spare, f"{place}.", scope)

    async def _var(self, step: Step, place: str, scope: Scope) -> Signal | None:
        own = await self._recorded(step, place, lambda: evaluated(step, scope, "value"))
        scope.add(step.name, own.get("value"))
        return None

    async def _recorded(self, step: Step, place: str, compute: Callable[[], Json]) -> Json:
        """Return a computed value; recorded, if it would be another one the next time."""
        if not _VOLATILE.search(str(step.own_parameters)):
            return compute()

        async def once() -> Json:
            return {"value": compute()}

        return (await DBOS.run_step_async({"name": place}, once))["value"]

    def _failed(self, step: Step, failed: StepFailed) -> None:
        self.engine.journal.add(
            self.run.id, "failed", failed.place, step=step.name, error=failed.error
        )


@dataclass(slots=True)
class _Progress:
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
            self.execution.engine.journal.add(
                self.execution.run.id,
                "progress",
                self.place,
                step=self.step.name,
                done=self.done,
                total=self.total,
                unit="items",
            )


async def _pooled(
    count: int,
    work: Callable[[int, StepReservation | None], Awaitable[Signal | None]],
    reserve: Callable[[], StepReservation] | None,
) -> Signal | None:
    """Do the work of each index, in order of their start, until one fails or ends the flow."""
    following, failures, ended = iter(range(count)), list[StepFailed](), list[Signal]()
    is_broken = False

    async def worker() -> None:
        nonlocal is_broken
        while not (failures or ended or is_broken):
            # No await between the next index and its number: they are drawn in the same order.
            index = next(following, None)
            if index is None:
                return
            reserved = reserve() if reserve else None
            try:
                if signal := await work(index, reserved):
                    ended.append(signal)
            except StepFailed as failed:
                failures.append(failed)
            except BaseException:
                is_broken = True
                raise

    await _together(worker() for _ in range(min(count, ITEMS_AT_ONCE)))
    if failures:
        raise failures[0]
    return ended[0] if ended else None


async def _together(works: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Wait for all; raise the first error as it is, since the engine must recognize its own.

    After an error the others come to their end: what they wait for may be paid already.
    """
    tasks = [asyncio.create_task(work) for work in works]
    if not tasks:
        return
    try:
        await asyncio.wait(tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in tasks:
        task.result()


def _list(value: Json, place: str) -> list[Json]:
    if not isinstance(value, list):
        message = f"must be a list, and is {described(value)}"
        raise InputError([Problem(f"{place}.parameters.items", message)])
    return value


_CONTAINERS: dict[str, Callable[[Execution, Step, str, Scope], Awaitable[Signal | None]]] = {
    "branch": Execution._branch,
    "condition": Execution._condition,
    "each": Execution._each,
    "fork-join": Execution._parallel,
    "loop": Execution._loop,
    "map": Execution._map,
    "on-error": Execution._on_error,
    "parallel": Execution._parallel,
    "var": Execution._var,
}
