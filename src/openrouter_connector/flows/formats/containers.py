"""Check the parameters of containers: what they repeat, choose by, and hold."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from ...errors import Problem
from ...values import Json
from .expressions import read_template
from .expressions.values import equal
from .references import expression_of
from .steps import REPEATING, Step, inner_steps

OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "boolean": ("EQUALS", "NOT_EQUALS"),
    "dateTime": ("AFTER", "BEFORE"),
    "number": ("EQUALS", "NOT_EQUALS", "GREATER", "LESS", "GREATER_EQUALS", "LESS_EQUALS"),
    "string": (
        "EQUALS", "EQUALS_IGNORE_CASE", "NOT_EQUALS", "CONTAINS", "NOT_CONTAINS", "STARTS_WITH",
        "ENDS_WITH", "EMPTY", "REGEX",
    ),
}  # fmt: skip
"""The operations of a comparison, by the type of its values."""
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
        else:
            yield from _condition_problems(given.get("conditions"), f"{place}.conditions")
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
    if step.word == "loop" and step.parameters.get("loopForever") is True and not _may_end(step):
        message = "never ends: put a `loopBreak/v1` inside, in a condition"
        yield Problem(f"{step.place}.parameters.loopForever", message)


def _may_end(step: Step, *, is_own: bool = True) -> bool:
    """Return whether a step inside ends the loop; a loop inside it has breaks of its own."""
    return any(
        one.word == "terminate"
        or (is_own and one.word in BREAKS)
        or _may_end(one, is_own=is_own and one.word != "loop")
        for one in inner_steps(step)
    )


def _condition_problems(conditions: Json, place: str) -> Iterator[Problem]:
    if not isinstance(conditions, list) or not conditions:
        message = "must be a list of lists of comparisons: one of the outer ones must hold"
        yield Problem(place, message)
        return
    for outer, comparisons in enumerate(conditions):
        here = f"{place}[{outer}]"
        if not isinstance(comparisons, list) or not comparisons:
            yield Problem(here, "must be a list of comparisons, all of which must hold")
            continue
        for index, one in enumerate(comparisons):
            yield from _comparison_problems(one, f"{here}[{index}]")


def _comparison_problems(comparison: Json, place: str) -> Iterator[Problem]:
    if not isinstance(comparison, dict):
        yield Problem(place, "must be a comparison: {type, value1, operation, value2}")
        return
    kind, operation = comparison.get("type"), comparison.get("operation")
    if not isinstance(kind, str) or kind not in OPERATIONS:
        yield Problem(f"{place}.type", f"must be one of {', '.join(OPERATIONS)}")
    elif operation not in OPERATIONS[kind]:
        yield Problem(f"{place}.operation", f"must be one of {', '.join(OPERATIONS[kind])}")


def _branch_problems(step: Step) -> Iterator[Problem]:
    place, cases = f"{step.place}.parameters", step.parameters.get("cases")
    if step.parameters.get("expression") is None:
        yield Problem(f"{place}.expression", "is missing: the value that chooses a case")
    seen: list[Json] = []
    for index, case in enumerate(cases if isinstance(cases, list) else ()):
        key = case.get("key") if isinstance(case, dict) else None
        if key is None:
            yield Problem(f"{place}.cases[{index}].key", "is missing: the value of this case")
        elif any(equal(key, other) for other in seen):
            message = f"{json.dumps(key, ensure_ascii=False)} is the key of a case before"
            yield Problem(f"{place}.cases[{index}].key", message)
        seen.append(key)


def _may_be_list(value: Json) -> bool:
    return isinstance(value, str) and expression_of(read_template(value)) is not None
