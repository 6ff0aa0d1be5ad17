"""One action as people exchange it: `{"label", "name", "parameters", "type": "openRouter/v1/ask"}`.

`read_action` and `write_action` are inverse to each other; keys that mean nothing here are kept.
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
    """An action with its parameters, and what else its JSON says."""

    type: str
    """Component, version and action: `openRouter/v1/ask`."""
    parameters: JsonObject
    label: str | None = None
    name: str | None = None
    extra: Mapping[str, Json] = field(default_factory=dict)
    """Keys of others, which are written as they came."""
    order: tuple[str, ...] = field(default=(), compare=False)
    """How the keys stood; a key that is not listed comes at the end."""

    @property
    def action(self) -> str:
        """The name of the action: `ask`."""
        return self.type.rsplit("/", 1)[-1]


def read_action(json: Json, component: Component) -> ActionStep:
    """Read the JSON of an action of this component; without `parameters` it has none.

    InputError when it is no object, has no type, or is of another component, version or action.
    """
    if not isinstance(json, dict):
        raise InputError("an action is a JSON object with a type and parameters")
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


def without_keys(step: ActionStep, action: Action) -> ActionStep:
    """Leave out what is typed as a password: what is passed on holds no key."""
    secret = {prop.name for prop in action.properties if prop.control_type == "PASSWORD"}
    kept = {name: value for name, value in step.parameters.items() if name not in secret}
    return replace(step, parameters=kept)


def write_action(step: ActionStep) -> JsonObject:
    """Write an action as JSON, its keys in the order they came in, or else as people write them."""
    texts = {"label": step.label, "name": step.name}
    given = {key: text for key, text in texts.items() if text is not None}
    written = {**given, "parameters": step.parameters, "type": step.type, **step.extra}
    first = [key for key in step.order if key in written]
    return {key: written[key] for key in dict.fromkeys([*first, *written])}


def _problems(json: JsonObject, component: Component) -> list[Problem]:
    problems = []
    if fault := _fault_of_type(json.get("type"), component):
        problems.append(Problem("type", fault))
    if not isinstance(json.get("parameters", {}), dict):
        problems.append(Problem("parameters", "must be an object of names and values"))
    return problems


def _fault_of_type(kind: Json, component: Component) -> str | None:
    known = component.type_of(component.actions[0])
    if kind is None:
        return f"is missing; it names the action, such as {known!r}"
    if not isinstance(kind, str) or kind.count("/") != 2:
        return f"{kind!r} does not name an action, as {known!r} does"
    name, version, action = kind.split("/")
    if name != component.name:
        return f"{kind!r} is an action of {name!r}, and this is {component.name!r}"
    if version != f"v{component.version}":
        return f"{kind!r} is of version {version}, and this is v{component.version}"
    if action not in component.actions:
        return f"there is no action {action!r}{did_you_mean(action, component.actions)}"
    return None
