"""Prepare a flow for a rehearsal: a run in the sandbox with its real models, at no cost.

rehearsed(flow, definition, {"ask_2": "rate-limited"})    `ask_2` meets that fault
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy

from ..definition.load import Definition
from ..errors import InputError, Problem
from ..runtime.endpoints import named_server
from ..runtime.optional import extra
from ..suggest import did_you_mean
from .formats.check import form_of
from .formats.flow import Flow
from .formats.steps import Step


def rehearsed(flow: Flow, definition: Definition, faults: Mapping[str, str]) -> Flow:
    """Return a flow whose steps meet these faults, by their names, in the sandbox.

    InputError lists unknown steps and faults, and steps that would call a server of their own.
    """
    copy = Flow(deepcopy(flow.document))
    component = definition.component.name
    steps = {step.name: step for step in copy.steps if step.word == component}
    problems = [*_of_faults(steps, faults)]
    problems += [
        Problem(f"{step.place}.parameters", "names a server of its own; a rehearsal calls none")
        for step in steps.values()
        if named_server(form_of(step, definition).action, step.parameters)
    ]
    if problems:
        raise InputError(problems)
    for name, fault in faults.items():
        steps[name].parameters["model"] = f"{steps[name].parameters['model']}:{fault}"
    return copy


def _of_faults(steps: Mapping[str, Step], faults: Mapping[str, str]) -> Iterator[Problem]:
    with extra("sandbox", {"starlette"}, "A rehearsal"):
        from ..sandbox import fault_names
    known = fault_names()
    for name, fault in faults.items():
        if name not in steps:
            yield Problem("rehearse", f"there is no step {name!r}{did_you_mean(name, [*steps])}")
        elif not isinstance(steps[name].parameters.get("model"), str):
            yield Problem("rehearse", f"{name!r} calls no model, so that no fault can be its own")
        if fault not in known:
            hint = did_you_mean(fault, [*known])
            names = ", ".join(sorted(known))
            yield Problem("rehearse", f"{fault!r} is no fault{hint or '.'} The faults are {names}")
