"""Check the parameters of containers: what they repeat, choose by, and hold."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import Problem
from ...values import Json
from .expressions import read_template
from .references import expression_of
from .steps import REPEATING, Step, inner_steps

BREAKS = ("loopBreak", "loop-break")
"""Steps that end the loop around them."""


def container_problems(step: Step) -> Iterator[Problem]:
    """Yield what keeps a container, or a step that only works inside one, from running."""
    place, given = f"{step.place}.parameters", step.parameters
    if step.word in REPEATING:
        yield from _loop_problems(step)
    elif step.word == "condition":
        if given.get("rawExpression") is True:
            if not isinstance(given.get("expression"), str | bool) or given["expression"] == "":
                yield Problem(f"{place}.expression", "must hold a condition")
        elif not _are_lists(given.get("conditions")):
            message = "must be a list of lists of comparisons: one of the outer ones must hold"
            yield Problem(f"{place}.conditions", message)
    elif step.word == "branch":
        yield from _branch_problems(step)
    elif step.word in BREAKS and all(one.word != "loop" for one in step.containers):
        yield Problem(f"{step.place}.type", "ends a loop, but is inside none")


def container_warnings(step: Step) -> Iterator[Problem]:
    """Yield what a container probably should not be like."""
    holds = (*REPEATING, "parallel", "fork-join")
    if step.word in holds and not any(True for _ in inner_steps(step)):
        yield Problem(f"{step.place}.parameters", "holds no steps, so it does nothing")


def _loop_problems(step: Step) -> Iterator[Problem]:
    items, place = step.parameters.get("items"), f"{step.place}.parameters.items"
    if items is None:
        if step.word != "loop" or step.parameters.get("loopForever") is not True:
            yield Problem(place, "is missing: the list of items to repeat the steps for")
    elif not isinstance(items, list) and not _may_be_list(items):
        yield Problem(place, "must be a list, or an expression that returns one")


def _branch_problems(step: Step) -> Iterator[Problem]:
    place, cases = f"{step.place}.parameters", step.parameters.get("cases")
    if step.parameters.get("expression") is None:
        yield Problem(f"{place}.expression", "is missing: the value that chooses a case")
    seen: list[Json] = []
    for index, case in enumerate(cases if isinstance(cases, list) else ()):
        key = case.get("key") if isinstance(case, dict) else None
        if key is None:
            yield Problem(f"{place}.cases[{index}].key", "is missing: the value of this case")
        elif key in seen:
            yield Problem(f"{place}.cases[{index}].key", f"{key!r} is the key of a case before")
        seen.append(key)


def _may_be_list(value: Json) -> bool:
    return isinstance(value, str) and expression_of(read_template(value)) is not None


def _are_lists(value: Json) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, list) for one in value)
