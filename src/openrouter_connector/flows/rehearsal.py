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
from ..values import JsonObject
from .formats.check import form_of
from .formats.flow import Flow
from .formats.steps import Step


def rehearsed(flow: Flow, definition: Definition, faults: Mapping[str, str]) -> Flow:
    """Return a flow whose steps meet these faults, by their names, in the sandbox.

    InputError lists unknown steps, faults that a step cannot meet, and steps that would call a
    server of their own.
    """
    copy = Flow(deepcopy(flow.document))
    component = definition.component.name
    steps = {step.name: step for step in copy.steps if step.word == component}
    problems = [*_of_faults(steps, faults, definition)]
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


def listed_faults(definition: Definition) -> list[JsonObject]:
    """Return each fault as `{name, description, actions}`: the actions whose step can meet it."""
    with extra("sandbox", {"starlette"}, "A rehearsal"):
        from ..sandbox import fault_names, fault_names_at
    actions: dict[str, list[str]] = {name: [] for name in fault_names()}
    for action in definition.component.actions:
        for name in fault_names_at(definition.form(action).action.request):
            actions[name].append(action)
    return [
        {"name": name, "description": text, "actions": [*actions[name]]}
        for name, text in fault_names().items()
    ]


def _of_faults(
    steps: Mapping[str, Step], faults: Mapping[str, str], definition: Definition
) -> Iterator[Problem]:
    with extra("sandbox", {"starlette"}, "A rehearsal"):
        from ..sandbox import fault_names, fault_names_at
    known = [*fault_names()]
    for name, fault in faults.items():
        shown = known
        if name not in steps:
            yield Problem("rehearse", f"there is no step {name!r}{did_you_mean(name, [*steps])}")
        elif not isinstance(steps[name].parameters.get("model"), str):
            yield Problem("rehearse", f"{name!r} calls no model, so that no fault can be its own")
        else:
            shown = fault_names_at(form_of(steps[name], definition).action.request)
        if fault not in known:
            yield Problem("rehearse", f"{fault!r} is no fault{_choice(fault, shown)}")
        elif fault not in shown:
            yield Problem("rehearse", f"{name!r} cannot meet {fault!r}{_choice(fault, shown)}")


def _choice(fault: str, names: list[str]) -> str:
    hint = did_you_mean(fault, names)
    return f"{hint or '.'} The faults are {', '.join(sorted(names))}"
