"""Read and write the JSON of one action, as ByteChef's users exchange it.

    {"label": "Ask", "name": "ask_1", "parameters": {…}, "type": "paperworks/v1/printNote"}

`write_action` reverses `read_action`: unknown keys are kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ..errors import InputError, Problem
from ..suggest import did_you_mean
from ..values import Json, JsonObject
from .model import Action, Component


@dataclass(frozen=True, slots=True)
class ActionStep:
    """An action with its parameters, and the other keys of its JSON."""

    type: str
    """Component, version and action: `paperworks/v1/printNote`."""
    parameters: JsonObject
    label: str | None = None
    name: str | None = None
    extra: Mapping[str, Json] = field(default_factory=dict)
    """Unknown keys, which are written unchanged."""
    order: tuple[str, ...] = field(default=(), compare=False)
    """The order of the keys; a key that is not listed is written last."""

    @property
    def action(self) -> str:
        """The name of the action: `ask`."""
        return self.type.rsplit("/", 1)[-1]


def read_action(json: Json, component: Component) -> ActionStep:
    """Read the JSON of an action of this component. `parameters` may be missing.

    InputError if it is not an object, or its type names another component, version or action.
    """
    if not isinstance(json, dict):
        raise InputError("an action must be a JSON object with a type and parameters")
    problems = _problems(json, component)
    if problems:
        raise InputError(problems)
    texts = {key: json[key] for key in ("label", "name") if isinstance(json.get(key), str)}
    known = {"type", "parameters", *texts}
    return ActionStep(
        json["type"],
        json.get("parameters", {}),
        **texts,
        extra={key: value for key, value in json.items() if key not in known},
        order=tuple(json),
    )


def without_secrets(step: ActionStep, action: Action) -> ActionStep:
    """Return the step without its passwords, so that an export contains no secret."""
    secret = {prop.name for prop in action.properties if prop.control_type == "PASSWORD"}
    public = {name: value for name, value in step.parameters.items() if name not in secret}
    return replace(step, parameters=public)


def write_action(step: ActionStep) -> JsonObject:
    """Return the JSON of an action, its keys in their original order."""
    texts = {"label": step.label, "name": step.name}
    named = {key: text for key, text in texts.items() if text is not None}
    written = {**named, "parameters": step.parameters, "type": step.type, **step.extra}
    first = [key for key in step.order if key in written]
    return {key: written[key] for key in dict.fromkeys([*first, *written])}


def _problems(json: JsonObject, component: Component) -> list[Problem]:
    problems = []
    if message := _check_type(json.get("type"), component):
        problems.append(Problem("type", message))
    if not isinstance(json.get("parameters", {}), dict):
        problems.append(Problem("parameters", "must be an object"))
    return problems


def _check_type(kind: Json, component: Component) -> str | None:
    example = component.type_of(component.actions[0])
    if kind is None:
        return f"is missing; it names the action, such as {example!r}"
    if not isinstance(kind, str) or kind.count("/") != 2:
        return f"{kind!r} must name an action, such as {example!r}"
    name, version, action = kind.split("/")
    if name != component.name:
        return f"{kind!r} belongs to the component {name!r}, not to {component.name!r}"
    if version != f"v{component.version}":
        return f"{kind!r} has version {version}; this component has v{component.version}"
    if action not in component.actions:
        return f"the action {action!r} does not exist{did_you_mean(action, component.actions)}"
    return None
