"""Find the parameters of a flow's steps that hold a password or a key, by their definition."""

from __future__ import annotations

from collections.abc import Iterator

from ...definition.load import Definition
from ...errors import InputError
from ...values import JsonObject
from .steps import steps_of


def passwords_in(
    document: JsonObject, definition: Definition
) -> Iterator[tuple[JsonObject, str, str]]:
    """Yield the parameters of a step, the name of a password among them, and its place."""
    component = definition.component.name
    secrets: dict[str, frozenset[str]] = {}
    for step in steps_of(document.get("tasks")):
        if step.word != component:
            continue
        if step.type not in secrets:
            secrets[step.type] = _secret_names(step.type.rpartition("/")[2], definition)
        for name in secrets[step.type] & step.parameters.keys():
            yield step.parameters, name, f"{step.place}.parameters.{name}"


def _secret_names(action: str, definition: Definition) -> frozenset[str]:
    try:
        properties = definition.form(action).action.properties
    except InputError:
        return frozenset()
    return frozenset(prop.name or "" for prop in properties if prop.control_type == "PASSWORD")
