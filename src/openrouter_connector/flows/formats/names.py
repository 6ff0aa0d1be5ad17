"""Check the names of a flow: those of its steps, inputs, triggers and outputs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...errors import Problem
from ...values import Json
from .expressions.paths import WORDS
from .flow import Flow
from .references import EXCLUSIVE, INPUTS, METADATA
from .steps import Step

RESERVED = frozenset({INPUTS, METADATA, *WORDS})
"""Words that mean something else in expressions; those of the language in any case of letters."""
_NAME = re.compile(r"[^\W\d]\w*")


def name_problems(flow: Flow) -> Iterator[Problem]:
    """Yield names that are missing, reserved, or used twice."""
    yield from _step_problems(flow)
    for key in ("inputs", "triggers", "outputs"):
        yield from _declared_problems(key, flow.document.get(key) or [])


def name_warnings(flow: Flow) -> Iterator[Problem]:
    """Yield names of steps that no expression can read."""
    for step in flow.steps:
        if step.name and not _NAME.fullmatch(step.name):
            message = f"{step.name!r} cannot be read by expressions; use letters, digits and _"
            yield Problem(f"{step.place}.name", message)


def is_reserved(name: str) -> bool:
    """Return whether a name means something else in expressions."""
    return name in RESERVED or name.lower() in WORDS


def _step_problems(flow: Flow) -> Iterator[Problem]:
    seen: dict[str, Step] = {}
    starts = {*flow.inputs, *(str(one.get("name")) for one in flow.triggers)}
    for step in flow.steps:
        name, place = step.name, f"{step.place}.name"
        other = seen.setdefault(name, step)
        if not name:
            yield Problem(place, "must name the step, so that others can read it")
        elif is_reserved(name):
            message = f"{name!r} means something else in expressions; choose another name"
            yield Problem(place, message)
        elif name in starts:
            yield Problem(place, f"{name!r} is the name of an input or trigger too")
        elif other is not step and not _may_share_name(step, other):
            yield Problem(place, _twice(name, other.place))


def _declared_problems(key: str, declared: list[Json]) -> Iterator[Problem]:
    """Yield what is wrong with the names in the list `inputs`, `triggers` or `outputs`."""
    seen: dict[str, str] = {}
    for index, one in enumerate(declared):
        here = f"{key}[{index}]"
        name = one.get("name") if isinstance(one, dict) else None
        if not isinstance(name, str) or not name:
            if key != "triggers":  # a trigger that nobody reads needs no name
                yield Problem(f"{here}.name", "must be a text that is not empty")
        elif name in seen:
            yield Problem(f"{here}.name", _twice(name, seen[name]))
        elif key == "inputs" and (is_reserved(name) or not _NAME.fullmatch(name)):
            message = f"{name!r} cannot be read by expressions; use letters, digits and _"
            yield Problem(f"{here}.name", message)
        if isinstance(name, str):
            seen.setdefault(name, here)


def _twice(name: str, place: str) -> str:
    return f"{name!r} is the name of {place} too; give one of them another"


def _may_share_name(step: Step, other: Step) -> bool:
    """Return whether two steps may have one name: a variable, or one each of several cases."""
    if step.word == other.word == "var":
        return True
    mine, theirs = _line(step), _line(other)
    for one, two in zip(mine, theirs, strict=False):
        if one.place != two.place:
            holder = one.container
            return bool(holder and holder.word in (*EXCLUSIVE, "on-error") and one.slot != two.slot)
    return False


def _line(step: Step) -> list[Step]:
    return [*reversed(step.containers), step]
