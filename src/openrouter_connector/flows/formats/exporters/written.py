"""What an exporter returns, and the steps that it writes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ....definition.load import Definition
from ....errors import InputError, Problem
from ....values import Json
from ..expressions import Expression
from ..expressions.template import read_template
from ..flow import Flow
from ..steps import Step


@dataclass(frozen=True, slots=True)
class Written:
    """The text of an export, before it is scanned for secrets."""

    text: str
    media_type: str
    notes: Sequence[Problem] = ()


_ESCAPE = re.compile(r"'[^']*'")


def plain_text(text: str) -> str | None:
    """Return what a text of a flow says; None if it has to be computed.

    `${'${'}` and `${'='}` only keep plain text from being read as an expression.
    """
    if "${" not in text and not text.startswith("="):
        return text
    template = read_template(text)
    expressions = (part for part in template.parts if isinstance(part, Expression))
    if all(_ESCAPE.fullmatch(one.text.strip()) for one in expressions):
        return str(template.evaluate({}))
    return None


def with_plain_texts(value: Json) -> Json:
    """Return a value with its texts as they say; those that have to be computed stay."""
    if isinstance(value, str):
        plain = plain_text(value)
        return value if plain is None else plain
    if isinstance(value, list):
        return [with_plain_texts(item) for item in value]
    if isinstance(value, dict):
        return {key: with_plain_texts(item) for key, item in value.items()}
    return value


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


def safe_name(name: str) -> str:
    """Return the name of a file as one in this folder: a foreign flow names no file elsewhere."""
    return re.sub(r"[^\w.-]+", "_", re.split(r"[/\\]", name)[-1]).lstrip(".-")[:100] or "file"


def environment_of(definition: Definition) -> tuple[str, str]:
    """Return the environment variables of the key and of the base URL."""
    from ....connections.environment import environment_variables

    named = environment_variables(definition.component)
    return (named.token, named.base_url or "BASE_URL") if named else ("API_KEY", "BASE_URL")
