"""The estimated cost of a flow: the costs of its calls, added up along its containers.

condition, branch     the cheapest case … the most expensive one
each, map, loop       the steps inside, once for each item; a list that is not known yet has
                      no upper bound
on-error              the cheaper branch … both, since the main branch may fail at its end
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from ..money import format_usd
from ..runtime.preflight.interval import NOTHING, UNKNOWN, Interval
from ..values import Json, JsonObject
from .formats.containers import BREAKS
from .formats.expressions import ExpressionError, read_template
from .formats.references import lists_of
from .formats.steps import REPEATING, Step, inner_steps

if TYPE_CHECKING:
    from .formats.flow import Flow

ONCE = Interval.of(1)


@dataclass(frozen=True, slots=True)
class StepCost:
    """The cost of one step that calls an action."""

    name: str
    place: str
    action: str
    model: str
    """The model as the flow names it; empty for an action without one."""
    cost: Interval
    """Of one run of the step, in USD."""
    basis: tuple[str, ...] = ()
    """What was counted, and what could not be counted."""
    runs: Interval = ONCE
    """How often the step runs."""

    def to_json(self) -> JsonObject:
        """Return `{name, place, action, model, low, high, runs, basis}`; costs of one run."""
        return {
            "name": self.name,
            "place": self.place,
            "action": self.action,
            "model": self.model or None,
            **_amounts(self.cost),
            "runs": {"low": int(self.runs.low), "high": _whole(self.runs.high)},
            "basis": list(self.basis),
        }

    def line(self) -> str:
        """Return the cost for people: `ask_1: ask, a/model: $0.01 to $0.02, runs 3 times`."""
        what = f"{self.action}, {self.model}" if self.model else self.action
        runs = "" if self.runs == ONCE else f", runs {_times(self.runs)}"
        return f"{self.name}: {what}: {_usd(self.cost)}{runs}"


@dataclass(frozen=True, slots=True)
class FlowEstimate:
    """The cost of a flow: at least `low`, at most `high`; None: no upper bound is known."""

    low: float
    high: float | None
    steps: tuple[StepCost, ...]
    """The steps that call actions, in the order of the flow."""
    currency: str = "USD"

    @classmethod
    def of(cls, flow: Flow, costs: Mapping[str, StepCost]) -> FlowEstimate:
        """Add up the costs of the calls of a flow, each by the place of its step."""
        tally = _Tally(costs)
        top = [step for step in flow.steps if step.container is None]
        total = tally.sum_of(top, ONCE)
        amounts = _amounts(total)
        counted = (
            replace(cost, runs=tally.runs.get(place, NOTHING)) for place, cost in costs.items()
        )
        return cls(amounts["low"], amounts["high"], tuple(counted))

    def to_json(self) -> JsonObject:
        """Return `{low, high, currency, steps}`."""
        steps = [step.to_json() for step in self.steps]
        return {"low": self.low, "high": self.high, "currency": self.currency, "steps": steps}

    def sentence(self) -> str:
        """Return the cost of the whole flow as one line for people."""
        if not self.steps:
            return "costs nothing: it calls no model"
        if self.high is None and not self.low:
            return "the cost is not known in advance"
        high = None if self.high is None else Decimal(str(self.high))
        return f"costs {_usd(Interval(Decimal(str(self.low)), high))}"

    def text(self) -> str:
        """Return the estimate as lines for people: the whole, then each step."""
        return "\n".join([self.sentence(), *(f"  {step.line()}" for step in self.steps)])


@dataclass(slots=True)
class _Tally:
    """The sum of the costs, and how often each step runs."""

    costs: Mapping[str, StepCost]
    runs: dict[str, Interval] = field(default_factory=dict)
    may_have_ended: bool = False
    """Whether a step before may have ended the whole flow."""

    def sum_of(self, steps: list[Step], times: Interval) -> Interval:
        """Return the cost of steps that run one after the other."""
        total = NOTHING
        for step in steps:
            cost = self._cost_of(step, self._perhaps(times))
            total += self._perhaps(cost)
            if step.word == "terminate":
                self.may_have_ended = True
        return total

    def _perhaps(self, number: Interval) -> Interval:
        return Interval(Decimal(0), number.high) if self.may_have_ended else number

    def _cost_of(self, step: Step, times: Interval) -> Interval:
        if cost := self.costs.get(step.place):
            self.runs[step.place] = times
            return cost.cost
        if step.word in ("condition", "branch"):
            return self._cheapest_to_dearest(step, times)
        if step.word == "on-error":
            return self._with_error_branch(step, times)
        count = repeats(step) if step.word in REPEATING else ONCE
        inside = [self.sum_of(steps, times * count) for steps in lists_of(step)]
        return sum(inside, NOTHING) * count

    def _cheapest_to_dearest(self, step: Step, times: Interval) -> Interval:
        """Return the cost of the cases of which one runs; a case without steps costs nothing."""
        ended, ends = self.may_have_ended, False
        lists = lists_of(step)
        costs = [] if _has_all_cases(step) else [NOTHING]
        for steps in lists:
            self.may_have_ended = ended
            costs.append(self.sum_of(steps, Interval(Decimal(0), times.high)))
            ends = ends or self.may_have_ended
        self.may_have_ended = ended or ends
        return reduce(or_, costs) if costs else NOTHING

    def _with_error_branch(self, step: Step, times: Interval) -> Interval:
        perhaps = Interval(Decimal(0), times.high)
        costs = [self.sum_of(steps, perhaps) for steps in lists_of(step)]
        if not costs:
            return NOTHING
        lowest = min(cost.low for cost in costs) if len(costs) == 2 else Decimal(0)
        return Interval(lowest, sum(costs, NOTHING).high)


def repeats(loop: Step) -> Interval:
    """Return how often a loop runs its steps: exactly for a list that is known."""
    items = loop.parameters.get("items")
    count = _length(items)
    known = UNKNOWN if count is None else Interval.of(count)
    return Interval(Decimal(0), known.high) if _may_end(loop) else known


def _length(items: Json) -> int | None:
    if isinstance(items, str):
        template = read_template(items)
        if template.reads or not template.is_dynamic:
            return None
        try:
            items = template.evaluate({})
        except ExpressionError:
            return None
    return len(items) if isinstance(items, list) else None


def _may_end(step: Step) -> bool:
    """Return whether a step inside may end the loop, or the whole flow."""
    return any(one.word in (*BREAKS, "terminate") or _may_end(one) for one in inner_steps(step))


def _has_all_cases(step: Step) -> bool:
    """Return whether every case of a condition or branch holds steps."""
    given = step.parameters
    if step.word == "condition":
        return bool(given.get("caseTrue")) and bool(given.get("caseFalse"))
    cases = given.get("cases") or []
    every = all(isinstance(case, dict) and case.get("tasks") for case in cases)
    return bool(given.get("default")) and every


def _amounts(cost: Interval) -> JsonObject:
    return {"low": float(cost.low), "high": None if cost.high is None else float(cost.high)}


def _usd(cost: Interval) -> str:
    low = format_usd(float(cost.low))
    if cost.high is None:
        return f"{low} or more" if cost.low else "not known in advance"
    return low if cost.high == cost.low else f"{low} to {format_usd(float(cost.high))}"


def _times(runs: Interval) -> str:
    if runs.high is None:
        return f"{runs.low} times or more" if runs.low else "any number of times"
    if runs.low == runs.high:
        return f"{runs.low} times"
    return "perhaps" if runs.high == 1 else f"{runs.low} to {runs.high} times"


def _whole(number: Decimal | None) -> int | None:
    return None if number is None else int(number)
