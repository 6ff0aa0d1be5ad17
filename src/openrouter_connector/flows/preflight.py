"""Check a whole flow before it is paid for: every call against its model, and the cost of all.

    checked = await check_flow_costs(flow, session)
    checked.problems        what would make the flow fail
    checked.estimate.low    USD; `high` is None where no upper bound is known

Nothing is sent but reads of the catalogue. What an expression fills is not known yet: a placeholder
takes its place, and the estimate says only what holds whatever the value will be.
"""

from __future__ import annotations

from asyncio import sleep, to_thread
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from ..errors import ConnectorError, InputError, Problem
from ..runtime.preflight.interval import NOTHING, UNKNOWN, Interval
from ..values import JsonObject
from .estimate import FlowEstimate, StepCost
from .formats.check import FlowCheck, check_flow, form_of
from .formats.parameters import StepParameters
from .formats.steps import Step

if TYPE_CHECKING:
    from ..connector import Session
    from ..runtime.preflight.check import Check
    from .formats.flow import Flow

_LONGER = "x" * 2000
"""A text in place of an unknown one: a cost that stays the same does not depend on its length."""


@dataclass(frozen=True, slots=True)
class FlowPreflight:
    """What is known of a flow and of its models before it runs."""

    check: FlowCheck
    """What the flow itself says."""
    problems: tuple[Problem, ...]
    """What must be mended, also what the catalogue says of the models."""
    warnings: tuple[Problem, ...]
    estimate: FlowEstimate

    @property
    def can_run(self) -> bool:
        """Whether the flow can run as it is."""
        return not self.problems and not self.check.unsupported

    @property
    def obstacles(self) -> tuple[Problem, ...]:
        """All that keeps the flow from running: its problems, and words that do not run here."""
        return tuple(dict.fromkeys([*self.problems, *self.check.obstacles]))

    def to_json(self) -> JsonObject:
        """Return `{canRun, problems, warnings, unsupported, needs, outputs, estimate}`."""
        return self.check.to_json() | {
            "canRun": self.can_run,
            "problems": [{"path": one.path, "message": one.message} for one in self.problems],
            "warnings": [{"path": one.path, "message": one.message} for one in self.warnings],
            "estimate": self.estimate.to_json(),
        }


async def check_flow_costs(flow: Flow, session: Session) -> FlowPreflight:
    """Check every step of a flow against its model, and estimate the cost of the whole.

    Raises nothing for a flow that is wrong: its problems are in the result.
    """
    # In a thread: a large flow takes seconds, in which a server must serve others.
    check = await to_thread(check_flow, flow, session.definition)
    problems, warnings = list(check.problems), list(check.warnings)
    costs: dict[str, StepCost] = {}
    for step in flow.steps:
        if step.word == session.definition.component.name:
            call = _Call(step, session)
            await call.check()
            await sleep(0)  # a check of lists in memory waits for nothing
            problems += call.problems
            warnings += call.warnings
            costs[step.place] = call.cost
    return FlowPreflight(
        check,
        tuple(dict.fromkeys(problems)),
        tuple(dict.fromkeys(warnings)),
        await to_thread(FlowEstimate.of, flow, costs),
    )


class _Call:
    """One step that calls an action, and what was found about it."""

    def __init__(self, step: Step, session: Session) -> None:
        self._step = step
        self._session = session
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        action = step.type.rpartition("/")[2]
        self.cost = StepCost(step.name, step.place, action, "", UNKNOWN)

    async def check(self) -> None:
        """Check the call, and estimate what one run of it costs."""
        step, session = self._step, self._session
        try:
            form = form_of(step, session.definition)
            parameters = StepParameters.of(form, step)
            check = await session.check(form.action.name, parameters.values)
            longer = await self._with_longer_texts(parameters)
        except InputError:
            return  # the check of the flow itself has said so
        except ConnectorError as error:
            self._warn(f"could not be checked against its model: {error.message}")
            return
        self._note_findings(parameters, check)
        cost, why = _cost(parameters, check, longer)
        if why:
            self._warn(why)
        basis = check.estimate.basis if check.estimate else ()
        sources = form.action.model_sources
        model = step.parameters.get(sources[0].property) if sources else None
        shown = model if isinstance(model, str) else ""
        self.cost = StepCost(
            step.name, step.place, form.action.name, shown, cost, (why,) if why else basis
        )

    async def _with_longer_texts(self, parameters: StepParameters) -> Check | None:
        if not parameters.dynamic or not parameters.changes_only_texts:
            return None
        longer = StepParameters.of(parameters.form, self._step, _LONGER)
        return await self._session.check(parameters.form.action.name, longer.values)

    def _note_findings(self, parameters: StepParameters, check: Check) -> None:
        place = f"{self._step.place}.parameters"
        self.problems += [
            Problem(f"{place}.{one.path}" if one.path else place, one.message)
            for one in filter(parameters.is_certain, check.problems)
        ]
        for text in check.warnings:
            path, _, message = text.partition(": ")
            is_path = bool(message) and " " not in path
            if not is_path or parameters.is_certain(Problem(path, message)):
                self._warn(text)

    def _warn(self, message: str) -> None:
        self.warnings.append(Problem(self._step.place, message))


def _cost(parameters: StepParameters, check: Check, longer: Check | None) -> tuple[Interval, str]:
    """Return the cost of one run, and why it has no upper bound if an expression is the reason."""
    if check.estimate is None:
        action = parameters.form.action
        if action.request.startswith("GET ") and not action.model_sources:
            return NOTHING, ""
        return UNKNOWN, _unknown(parameters) if parameters.dynamic else ""
    known = _interval(check.estimate.low, check.estimate.high)
    if not parameters.dynamic:
        return known, ""
    if not parameters.only_adds:
        return UNKNOWN, _unknown(parameters)
    of_longer = longer.estimate if longer else None
    if of_longer and _interval(of_longer.low, of_longer.high) == known:
        return known, ""
    return Interval(known.low), _unknown(parameters)


def _unknown(parameters: StepParameters) -> str:
    names = ", ".join(list(parameters.dynamic)[:3])
    more = " …" if len(parameters.dynamic) > 3 else ""
    return f"no upper bound of its cost is known: the flow fills {names}{more} while it runs"


def _interval(low: float, high: float | None) -> Interval:
    return Interval(Decimal(str(low)), None if high is None else Decimal(str(high)))
