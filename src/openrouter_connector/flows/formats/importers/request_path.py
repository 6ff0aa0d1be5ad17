"""Find the action of a request by its method and path, as definitions write them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from ....definition.load import Definition
from ....definition.model import Action, snake
from ....definition.paths import placeholders
from ....errors import InputError, Problem
from ....values import JsonObject
from ..report import FixUps
from .names import Names


def action_at(
    definition: Definition, method: str, path: str
) -> tuple[Action, dict[str, str]] | None:
    """Return the action that is called there, and the values in the path; else None."""
    for name in definition.component.actions:
        action = definition.form(name).action
        own_method, own_path = action.request.split("?")[0].split(" ", 1)
        pattern = re.sub(r"\\\{\w+\\\}", "(.+)", re.escape(own_path))
        if own_method == method and (found := re.fullmatch(pattern, path, re.DOTALL)):
            return action, dict(zip(placeholders(own_path), found.groups(), strict=True))
    return None


class Request(NamedTuple):
    """A request without a body. Its texts are those of a flow."""

    method: str
    path: str
    """The path below the version, such as `/generation`."""
    query: Mapping[str, str]
    headers: Mapping[str, str] = {}


def task_of_query(
    definition: Definition,
    request: Request,
    fixes: FixUps,
    place: str,
    source: str,
    names: Names,
    label: str = "",
) -> JsonObject:
    """Return the task of a request without a body. InputError for a path of no action."""
    found = action_at(definition, request.method, request.path)
    called = f"{request.method} {request.path}"
    if found is None:
        raise InputError([Problem(source, f"{called} is no call of OpenRouter that is known")])
    action, values = found
    fixes.converted(source, place, f"{called} is {definition.component.type_of(action.name)}")
    parameters: JsonObject = dict(values)
    known = {
        ((prop.send.to if prop.send else None) or snake(prop.name or "")): prop
        for prop in action.properties
    }
    for key, text in request.query.items():
        prop = known.get(key)
        if prop is None:
            fixes.dropped(f"{source} ?{key}", f"{action.name} has no such property")
        else:
            parameters[prop.name or ""] = _typed(prop.type, text)
    return {
        "label": label or action.title,
        "name": names.take(label or f"{action.name}_1", action.name),
        "type": definition.component.type_of(action.name),
        "parameters": parameters | header_values(action, request.headers, fixes, source, place),
    }


HEADERS: Mapping[str, str] = {
    "http-referer": "HTTP-Referer",
    "x-title": "X-OpenRouter-Title",
    "x-openrouter-title": "X-OpenRouter-Title",
    "x-openrouter-categories": "X-OpenRouter-Categories",
}
"""Headers that actions have properties for, with the name that these send."""


def header_values(
    action: Action, headers: Mapping[str, str], fixes: FixUps, source: str, place: str
) -> JsonObject:
    """Return the parameters that send the headers of a request."""
    props = {str(prop.send.to): prop for prop in action.properties if prop.send and prop.send.in_}
    found: JsonObject = {}
    for header, text in headers.items():
        prop = props.get(HEADERS.get(header.lower(), ""))
        if prop is not None:
            found[str(prop.name)] = _typed(prop.type, text)
            target = f"{place}.parameters.{prop.name}"
            fixes.renamed(f"{source} header {header}", target, f"{header} is {prop.name}")
    return found


def _typed(kind: str, text: str) -> object:
    if kind == "ARRAY":
        return [text] if "${" in text else text.split(",")
    if kind == "BOOLEAN" and text in ("true", "false"):
        return text == "true"
    if kind == "INTEGER" and re.fullmatch(r"-?\d{1,15}", text):
        return int(text)
    if kind == "NUMBER" and re.fullmatch(r"-?\d{1,15}(\.\d+)?", text):
        return float(text)
    return text


def api_path(url: str) -> str:
    """Return the path of a URL below its version: `/chat/completions`."""
    path = unquote(urlsplit(url).path)
    return re.sub(r"^(/api)?(/v\d+(beta)?)?(?=/)", "", path.rstrip("/"))
