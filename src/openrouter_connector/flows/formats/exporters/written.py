"""What an exporter returns, and the steps that it writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ....definition.load import Definition
from ....errors import InputError, Problem
from ..flow import Flow
from ..steps import Step


@dataclass(frozen=True, slots=True)
class Written:
    """The text of an export, before it is scanned for secrets."""

    text: str
    media_type: str
    notes: Sequence[Problem] = ()


def own_steps(flow: Flow, name: str | None, definition: Definition) -> list[Step]:
    """Return the steps that call the component: the one with a name, or all of them.

    InputError if there is none, or the named step does not exist or belongs to another component.
    """
    component = definition.component.name
    found = [step for step in flow.steps if step.word == component]
    if name is None:
        if not found:
            raise InputError([Problem("tasks", f"holds no step of {component}")])
        return found
    step = step_called(flow, name)
    if step.word != component:
        message = f"{name!r} is {step.type}, not a step of {component}"
        raise InputError([Problem("step", message)])
    return [step]


def step_called(flow: Flow, name: str) -> Step:
    """Return the step with a name, or at a place. InputError suggests another one."""
    return flow.step(name)


def environment_of(definition: Definition) -> tuple[str, str]:
    """Return the environment variables of the key and of the base URL."""
    from ....connections.environment import environment_variables

    named = environment_variables(definition.component)
    return (named.token, named.base_url or "BASE_URL") if named else ("API_KEY", "BASE_URL")
