"""Execute a list of steps: one after the other, or side by side where none needs the other.

    run_flow (workflow) ── Execution ──┬─▶ an action            one step of the engine
                                       └─▶ a container          `containers.py`, `items.py`

The engine numbers the steps of a workflow in the order in which they begin. So what runs at the
same time either begins in a fixed order, as a single step, or is a workflow of its own, whose id
says its place in the run.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextvars import Context
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from typing import Any

from dbos import DBOS, SetWorkflowID, StepOptions
from dbos._dbos import StepReservation
from dbos._error import DBOSAwaitedWorkflowCancelledError, DBOSWorkflowCancelledError

from ...errors import InputError
from ...runtime.budget import Budget
from ...values import Json, JsonObject
from ..formats.check import form_of
from ..formats.containers import BREAKS
from ..formats.flow import Flow
from ..formats.steps import Step
from .concurrency_plan import Group, names_read, names_written, plan
from .engine import Engine
from .large_values import pack, unpack
from .outcomes import Outcome, StepFailed
from .perform_step import perform_step
from .run_records import RunRecord, is_played
from .scope import Scope, evaluated
from .step_policy import policy_of
from .together import together

_VOLATILE = re.compile(r"\b(now|uuid|timestamp)\s*\(")
_POLL = 0.2  # seconds between two looks for the end of a workflow that runs elsewhere


RunPart = Callable[[str, JsonObject], Coroutine[Any, Any, JsonObject]]


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
    run_part: RunPart
    """The workflow that executes some steps beside others."""
    noted: set[str]
    """Places of steps whose result was told, by this attempt or an earlier one."""
    failed: set[str] = field(default_factory=set)
    """Places of steps whose failure this attempt has told."""

    async def steps(self, steps: Sequence[Step], prefix: str, scope: Scope) -> Signal | None:
        """Execute a list of steps. StepFailed for the first that fails."""
        for group in plan(steps):
            if len(group.steps) > 1:
                await self._side_by_side(group, prefix, scope)
            elif signal := await self.step(group.steps[0], prefix, scope):
                return signal
        return None

    async def step(self, step: Step, prefix: str, scope: Scope) -> Signal | None:
        """Execute one step, with the steps inside it."""
        place = f"{prefix}{step.name}"
        if self._is_set_aside(step):
            return None
        if step.word == self.component:
            self.take(step, place, await self.action(step, place, scope), scope)
            return None
        if step.word == "terminate":
            return Signal.END
        if step.word in BREAKS:
            return Signal.BREAK
        try:
            signal = await CONTAINERS[step.word](self, step, place, scope)
            await self._tell_value(step, place, scope)
            return signal
        except InputError as error:
            failed = StepFailed(place, error.to_json())
            self.tell("failed", place, step, error=failed.error)
            raise failed from None
        except StepFailed as failed:
            if policy_of(step).on_error == "stop" or failed.is_fatal:
                raise
            scope.add(step.name, None, {"error": failed.error})
            return None

    async def action(
        self, step: Step, place: str, scope: Scope, reserved: StepReservation | None = None
    ) -> Outcome:
        """Perform an action as one step of the engine; a step that was recorded is not repeated."""
        run_step = reserved.run_async if reserved else DBOS.run_step_async
        # When a run is cancelled, a paid request comes to its end; the wait for a job does not.
        is_job = form_of(step, self.engine.connector.definition).action.poll is not None
        options: StepOptions = {"name": place, "preemptible": is_job}
        recorded = await run_step(options, self.perform, step, place, scope)
        outcome = Outcome.of_json(recorded)
        self.note_recorded(step, place, outcome, recorded.get("cost") or 0.0)
        if outcome.error is None:
            files = (await self.engine.session_for(self.run)).files
            outcome = Outcome(await unpack(outcome.output, files), outcome.metadata)
        return outcome

    async def perform(self, step: Step, place: str, scope: Scope) -> JsonObject:
        """Perform an action, and note what it cost and returned: also if the run was cancelled."""
        parameters = partial(evaluated, step, scope)
        found = await perform_step(
            self.engine, self.run, step, place, parameters, self.owner, self.budget.part()
        )
        self.note(step, place, Outcome.of_json(found), found["cost"])
        return found

    def note(self, step: Step, place: str, outcome: Outcome, spent: float) -> None:
        """Note what a step cost and returned, once; also if a crash came before it was noted."""
        metadata = outcome.metadata or {}
        if cost := metadata.get("cost") or spent:
            model = str(metadata.get("model") or step.parameters.get("model") or "")
            played = is_played(self.run, step, self.engine.connector.definition)
            action = step.type.split("/")[-1]
            self.engine.records.add_cost(self.run, place, action, model, cost, is_played=played)
        if outcome.error is not None:
            if place not in self.failed:
                self.failed.add(place)
                self.tell("failed", place, step, **outcome.to_json())
        elif place not in self.noted:
            self.noted.add(place)
            self.tell("result", place, step, **outcome.to_json())

    def note_recorded(self, step: Step, place: str, outcome: Outcome, spent: float) -> None:
        """Note a step that the engine has recorded, by this attempt or an earlier one."""
        if outcome.error is None and place not in self.noted:
            # A crash came before its answers were recorded; they are not in doubt.
            self.engine.requests.settled(self.run.id, place)
        self.note(step, place, outcome, spent)

    async def _tell_value(self, step: Step, place: str, scope: Scope) -> None:
        """Tell the value that a container or a variable has, if it has one."""
        if step.name in scope.values and place not in self.noted:
            files = (await self.engine.session_for(self.run)).files
            output = await pack(scope.values[step.name], files)
            self.tell("result", place, step, output=output, metadata=None)

    def tell(self, type: str, place: str, step: Step, **more: Json) -> None:
        """Add an event of a step."""
        self.engine.journal.add(self.run.id, type, place, step=step.name, **more)

    async def recorded(
        self,
        step: Step,
        place: str,
        compute: Callable[[], Json],
        reserved: StepReservation | None = None,
    ) -> Json:
        """Return a computed value; recorded, if it would be another one the next time."""
        if not is_volatile(step):
            return compute()

        async def once() -> Json:
            return {"value": compute()}

        run_step = reserved.run_async if reserved else DBOS.run_step_async
        return (await run_step({"name": place}, once))["value"]

    def take(self, step: Step, place: str, outcome: Outcome, scope: Scope) -> None:
        """Make the outcome of a step visible to those after it. StepFailed if it failed."""
        if outcome.error is None:
            scope.add(step.name, outcome.output, outcome.metadata)
            return
        failed = StepFailed(place, outcome.error)
        if policy_of(step).on_error == "stop" or failed.is_fatal:
            raise failed
        scope.add(step.name, None, {**(outcome.metadata or {}), "error": outcome.error})

    def _is_set_aside(self, step: Step) -> bool:
        """Return whether a step is not performed: pinned, or another one is wanted."""
        options = self.run.options
        if step.container is not None:
            return False
        return step.name in options.pinned or options.only not in (None, step.name)

    async def _side_by_side(self, group: Group, prefix: str, scope: Scope) -> None:
        """Execute steps of which some do not need each other; each waits for those it reads."""
        done = [asyncio.Event() for _ in group.steps]
        errors: list[BaseException] = []
        # Reserved in the order of the document, before anything begins: so a replay numbers alike.
        reserved = [
            DBOS.reserve_step() if step.word in (self.component, "var") else None
            for step in group.steps
        ]

        async def execute(index: int, step: Step) -> None:
            try:
                for other in group.waits[index]:
                    await done[other].wait()
                if not errors:
                    await self._beside(step, prefix, scope, reserved[index])
            except BaseException as error:
                errors.append(error)
                raise
            finally:
                done[index].set()

        await together(execute(index, step) for index, step in enumerate(group.steps))

    async def _beside(
        self, step: Step, prefix: str, scope: Scope, reserved: StepReservation | None
    ) -> None:
        place = f"{prefix}{step.name}"
        if self._is_set_aside(step):
            return
        if step.word == self.component:
            self.take(step, place, await self.action(step, place, scope, reserved), scope)
        elif step.word == "var":
            await set_variable(self, step, place, scope, reserved)
            await self._tell_value(step, place, scope)
        else:
            await self.part(f"{place}~", prefix, [step], scope, names_written(step))

    async def part(
        self, id: str, prefix: str, steps: Sequence[Step], scope: Scope, returns: set[str]
    ) -> Signal | None:
        """Execute steps as a workflow of its own, and take over what it returns of their values."""
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
                handle = await DBOS.start_workflow_async(self.run_part, self.run.id, task)
            try:
                found: JsonObject = await handle.get_result(polling_interval_sec=_POLL)
            except DBOSAwaitedWorkflowCancelledError as error:
                # A part is cancelled only with its run: this is no failure of it.
                raise DBOSWorkflowCancelledError(str(error)) from None
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


Execute = Callable[[Execution, Step, str, Scope], Awaitable[Signal | None]]

CONTAINERS: dict[str, Execute] = {}
"""What executes each container; `containers.py` fills it."""


async def set_variable(
    execution: Execution,
    step: Step,
    place: str,
    scope: Scope,
    reserved: StepReservation | None = None,
) -> None:
    """Give the name of a `var` step its value."""
    own = await execution.recorded(step, place, lambda: evaluated(step, scope, "value"), reserved)
    scope.add(step.name, own.get("value"))


def is_volatile(step: Step) -> bool:
    """Return whether the parameters of a step have other values at another time."""
    return bool(_VOLATILE.search(str(step.own_parameters)))
