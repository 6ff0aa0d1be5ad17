"""Operations on an input, one after the other: first checked, all of them, and then performed."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import Problem
from ...suggest import did_you_mean, join_names
from ...values import Json, JsonObject
from .inputs import InvalidInput
from .operations import OPERATIONS, UNSUPPORTED, run_operations
from .parameters import find_problems

_PROPERTY = "promptParametersOperations"
_DEEPEST = 8


def run_pipelines(inputs: JsonObject, operations: JsonObject) -> tuple[JsonObject, list[Problem]]:
    """Give the inputs as their operations leave them, and all that is wrong with these."""
    ready, problems = dict(inputs), list[Problem]()
    for name, chain in operations.items():
        path = f"{_PROPERTY}.{name}"
        wrong = list(_wrong(chain, path))
        if name not in inputs:
            there = f"there are {join_names(inputs)}" if inputs else "promptParameters is empty"
            told = f"there is no input of this name; {there}{did_you_mean(name, inputs)}"
            wrong.append(Problem(path, told))
        if not wrong:
            try:
                ready[name] = run_operations(chain, inputs[name])
            except InvalidInput as unfit:
                wrong.append(Problem(path + unfit.where, unfit.message))
        problems += wrong
    return ready, problems


def _wrong(chain: Json, path: str, depth: int = 0) -> Iterator[Problem]:
    """Find operations that there are not, and parameters that they do not take."""
    if not isinstance(chain, list):
        yield Problem(path, 'is not a list of operations such as [{"type": "ToString"}]')
    elif depth > _DEEPEST:
        yield Problem(path, f"is nested more than {_DEEPEST} deep")
    else:
        for index, step in enumerate(chain):
            yield from _wrong_step(step, f"{path}[{index}]", depth)


def _wrong_step(step: Json, path: str, depth: int) -> Iterator[Problem]:
    kind = step.get("type") if isinstance(step, dict) else None
    if not isinstance(kind, str):
        yield Problem(path, 'is not an operation such as {"type": "ToString"}')
    elif kind in UNSUPPORTED:
        yield Problem(path, f"{kind} {UNSUPPORTED[kind]}")
    elif kind not in OPERATIONS:
        told = f"there is no operation {kind!r}; there are {', '.join(OPERATIONS)}"
        yield Problem(path, told + did_you_mean(kind, OPERATIONS))
    else:
        parameters = OPERATIONS[kind].parameters
        yield from find_problems(parameters, step, path)
        for name, parameter in parameters.items():
            if parameter.kind == "a list of operations" and isinstance(step.get(name), list):
                yield from _wrong(step[name], f"{path}.{name}", depth + 1)
