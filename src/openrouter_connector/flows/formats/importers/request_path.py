"""Find the action of a request by its method and path, as definitions write them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ....definition.load import Definition
from ....definition.model import Action, snake
from ....definition.paths import placeholders
from ....errors import InputError, Problem
from ....values import JsonObject
from ..report import FixUps
from .names import literal


def action_at(
    definition: Definition, method: str, path: str
) -> tuple[Action, dict[str, str]] | None:
    """Return the action that is called there, and the values in the path; else None."""
    for name in definition.component.actions:
        action = definition.form(name).action
        own_method, own_path = action.request.split("?")[0].split(" ", 1)
        pattern = re.sub(r"\\\{\w+\\\}", "(.+)", re.escape(own_path))
        if own_method == method and (found := re.fullmatch(pattern, path)):
            return action, dict(zip(placeholders(own_path), found.groups(), strict=True))
    return None


def task_of_query(
    definition: Definition,
    path: str,
    query: Mapping[str, str],
    fixes: FixUps,
    place: str,
    source: str,
    name: str,
    label: str,
) -> JsonObject:
    """Return the task of a GET request, its query as parameters."""
    found = action_at(definition, "GET", path)
    if found is None:
        raise InputError([Problem(source, f"GET {path} is no call of OpenRouter that is known")])
    action, values = found
    fixes.converted(source, place, f"GET {path} is {definition.component.type_of(action.name)}")
    parameters: JsonObject = {key: literal(value) for key, value in values.items()}
    known = {
        ((prop.send.to if prop.send else None) or snake(prop.name or "")): prop
        for prop in action.properties
    }
    for key, text in query.items():
        prop = known.get(key)
        if prop is None:
            fixes.dropped(
                f"{source}?{key}".removeprefix("?"), f"{action.name} has no such property"
            )
        else:
            parameters[prop.name or ""] = _typed(prop.type, text)
    return {
        "label": label or action.title,
        "name": name,
        "type": definition.component.type_of(action.name),
        "parameters": parameters,
    }


def _typed(kind: str, text: str) -> object:
    if kind == "ARRAY":
        return [literal(part) for part in text.split(",")]
    if kind == "BOOLEAN" and text in ("true", "false"):
        return text == "true"
    if kind == "INTEGER" and re.fullmatch(r"-?\d{1,15}", text):
        return int(text)
    if kind == "NUMBER" and re.fullmatch(r"-?\d{1,15}(\.\d+)?", text):
        return float(text)
    return literal(text)
