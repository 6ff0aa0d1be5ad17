"""Derive the tools from the definition: their names, descriptions, schemas and annotations.

choose_tools(definition, Choice(read_only=True)) ─▶ {"listModels": Form, …}
tool(definition, "listModels", form)             ─▶ {name, title, description, inputSchema, …}
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from ...definition.derive.json_schema import FILE_ENTRY, output_schema
from ...definition.form import Form
from ...definition.load import Definition
from ...definition.model import Action, Output, Property, snake
from ...errors import InputError, Problem
from ...suggest import did_you_mean
from ...values import JsonObject
from .host_schemas import for_hosts
from .long_lists import is_read_only, list_arguments

Names = Literal["ours", "catalogue"]

_CATALOGUE_PREFIX = "openrouter_ai_"
_FILE_TEXT: JsonObject = {
    "type": "string",
    "description": "The openrouter://files/… URI of a file that a tool returned, a data: URL, or a "
    "public http(s) URL that ends in a file name.",
}
FILE: JsonObject = {"anyOf": [_FILE_TEXT, FILE_ENTRY | {"required": ["url"]}]}
_METADATA: JsonObject = {
    "type": "object",
    "description": "Details of the call: cost in USD, model, provider, usage, generationId, files, "
    "warnings and others.",
}
# Keywords of the form's schema that a tool does not need. A default is shown only where it is
# applied: agents copy defaults, and the form's other defaults would change what a model does.
_LEFT_OUT = {"title", "description", "default"}


@dataclass(frozen=True, slots=True)
class Choice:
    """Which actions are tools, and under which names.

    `groups` lists groups of the palette, or `all`; `only` lists actions, and groups as well.
    Without both, all actions are tools but those that require a management key. `read_only`
    keeps the actions that cost nothing and change nothing.
    """

    names: Names = "ours"
    groups: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    read_only: bool = False


def choose_tools(definition: Definition, choice: Choice) -> dict[str, Form]:
    """Return the chosen actions by the names of their tools, in the order of the palette.

    InputError for a name in `only` that is neither an action nor a group, or in `groups` that is no
    group.
    """
    forms = [definition.form(name) for name in definition.component.actions]
    selected = _selected([form.action for form in forms], choice)
    return {
        _name(form.action, choice.names): form
        for form in forms
        if form.action.name in selected and (is_read_only(form.action) or not choice.read_only)
    }


def list_tools(definition: Definition, forms: Mapping[str, Form]) -> list[JsonObject]:
    """Return the tools as MCP lists them."""
    return [tool(definition, name, form) for name, form in forms.items()]


def tool(definition: Definition, name: str, form: Form) -> JsonObject:
    """Return one tool as MCP lists it."""
    action = form.action
    return {
        "name": name,
        "title": action.title,
        "description": action.ai_description or action.description,
        "inputSchema": for_hosts(
            _input(action, form.schema, hidden_properties(definition, action))
        ),
        "outputSchema": for_hosts(result_schema(action.output)),
        "annotations": {
            "title": action.title,
            "readOnlyHint": is_read_only(action),
            "destructiveHint": action.destructive,
            "openWorldHint": True,
        },
    }


def result_schema(output: Output) -> JsonObject:
    """Return the schema of the structured content: an object, as MCP requires."""
    schema = output_schema(output)
    if "type" in schema and not (output.required or output.file):
        schema = schema | {"type": [schema["type"], "null"]}
    return {
        "type": "object",
        "properties": {"output": schema, "metadata": _METADATA},
        "required": ["output", "metadata"],
    }


def hidden_properties(definition: Definition, action: Action) -> frozenset[str]:
    """Return the properties that agents do not see: filters, API keys, and settings of the host."""
    common = {prop.name for prop in definition.component.properties}
    return frozenset(
        prop.name
        for prop in action.properties
        if prop.name and (prop.mirrors or prop.control_type == "PASSWORD" or prop.name in common)
    )


def _name(action: Action, names: Names) -> str:
    return (
        action.name
        if names == "ours"
        else _CATALOGUE_PREFIX + (snake(action.operation_id or action.name))
    )


def _selected(actions: Collection[Action], choice: Choice) -> set[str]:
    """Return the names of the chosen actions."""
    groups: dict[str, set[str]] = {"all": {action.name for action in actions}}
    for action in actions:
        groups.setdefault((action.group or "").lower(), set()).add(action.name)
    titles = dict.fromkeys(action.group for action in actions if action.group)
    selected, problems = set[str](), list[Problem]()
    for name in choice.groups:
        selected |= groups.get(name.lower(), set())
        if name.lower() not in groups:
            hint = did_you_mean(name, [*titles]) or f"; there are: {', '.join(titles)}"
            problems.append(Problem("--groups", f"{name!r} is not a group{hint}"))
    for name in choice.only:
        selected |= {name} & groups["all"] or groups.get(name.lower(), set())
        if name not in groups["all"] and name.lower() not in groups:
            hint = did_you_mean(name, [*titles, *groups["all"]])
            problems.append(Problem("--only", f"{name!r} is neither an action nor a group{hint}"))
    if problems:
        raise InputError(problems)
    return selected or {action.name for action in actions if not action.management_key}


def _input(action: Action, schema: JsonObject, hidden: frozenset[str]) -> JsonObject:
    """Return the schema of the arguments without hidden properties."""
    filters = frozenset(prop.name or "" for prop in action.properties if prop.mirrors)
    shown = [prop for prop in action.properties if prop.name not in hidden]
    required = [name for name in schema.get("required", []) if name not in hidden]
    return {
        "type": "object",
        "properties": _values(shown, schema["properties"], filters) | list_arguments(action),
        **({"required": required} if required else {}),
        "additionalProperties": False,
    }


def _values(
    properties: Iterable[Property], schemas: JsonObject, filters: frozenset[str]
) -> JsonObject:
    return {
        prop.name: _value(prop, schemas[prop.name], filters) for prop in properties if prop.name
    }


def _value(prop: Property, schema: JsonObject, filters: frozenset[str]) -> JsonObject:
    """Return the schema of one argument. A file may also be given as text."""
    reduced: JsonObject = {
        keyword: value for keyword, value in schema.items() if keyword not in _LEFT_OUT
    }
    if prop.type == "FILE_ENTRY":
        reduced = dict(FILE)
    elif prop.any_of:
        pairs = zip(prop.any_of, schema["anyOf"], strict=True)
        reduced["anyOf"] = [_value(option, inner, filters) for option, inner in pairs]
    if prop.properties:
        reduced["properties"] = _values(prop.properties, schema["properties"], filters)
    if prop.items:
        reduced["items"] = _value(prop.items, schema["items"], filters)
    if prop.additional_properties:
        inner = schema["additionalProperties"]
        reduced["additionalProperties"] = _value(prop.additional_properties, inner, filters)
    if prop.required and prop.default_value is not None:
        reduced["default"] = prop.default_value
    if description := " ".join(filter(None, (prop.description, _when(prop, filters)))):
        reduced["description"] = description
    return reduced


def _when(prop: Property, filters: frozenset[str]) -> str:
    """Say when an argument is used. Conditions on filters hold, since agents set no filters."""
    condition = prop.condition
    required = f"Required when {prop.required_condition}." if prop.required_condition else ""
    if condition is None or condition.reads & filters:
        return required
    return f"{'Required' if prop.required else 'Only'} when {condition.text}. {required}".strip()
