"""Run the pipeline of operations of each input: check all of them first, then run them."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import Problem
from ...suggest import did_you_mean, join_names
from ...values import Json, JsonObject
from .inputs import InvalidInput
from .operations import OPERATIONS, UNSUPPORTED, run_operations
from .parameters import find_problems

_PROPERTY = "promptParametersOperations"
_MAX_DEPTH = 8


def run_pipelines(inputs: JsonObject, operations: JsonObject) -> tuple[JsonObject, list[Problem]]:
    """Return the transformed inputs, and the problems of their operations."""
    transformed, problems = dict(inputs), list[Problem]()
    for name, pipeline in operations.items():
        path = f"{_PROPERTY}.{name}"
        found = list(_problems(pipeline, path))
        if name not in inputs:
            there = f"there are {join_names(inputs)}" if inputs else "promptParameters is empty"
            message = f"there is no input of this name; {there}{did_you_mean(name, inputs)}"
            found.append(Problem(path, message))
        if not found:  # operations run only once all of them are known to be valid
            try:
                transformed[name] = run_operations(pipeline, inputs[name])
            except InvalidInput as error:
                found.append(Problem(path + error.where, error.message))
        problems += found
    return transformed, problems


def _problems(pipeline: Json, path: str, depth: int = 0) -> Iterator[Problem]:
    """Yield a problem for each unknown operation and each invalid parameter."""
    if not isinstance(pipeline, list):
        yield Problem(path, 'is not a list of operations such as [{"type": "ToString"}]')
    elif depth > _MAX_DEPTH:
        yield Problem(path, f"is nested more than {_MAX_DEPTH} deep")
    else:
        for index, step in enumerate(pipeline):
            yield from _step_problems(step, f"{path}[{index}]", depth)


def _step_problems(step: Json, path: str, depth: int) -> Iterator[Problem]:
    kind = step.get("type") if isinstance(step, dict) else None
    if not isinstance(kind, str):
        yield Problem(path, 'is not an operation such as {"type": "ToString"}')
    elif kind in UNSUPPORTED:
        yield Problem(path, f"{kind} {UNSUPPORTED[kind]}")
    elif kind not in OPERATIONS:
        message = f"there is no operation {kind!r}; there are {', '.join(OPERATIONS)}"
        yield Problem(path, message + did_you_mean(kind, OPERATIONS))
    else:
        parameters = OPERATIONS[kind].parameters
        yield from find_problems(parameters, step, path)
        for name, parameter in parameters.items():
            if parameter.kind == "a list of operations" and isinstance(step.get(name), list):
                yield from _problems(step[name], f"{path}.{name}", depth + 1)
