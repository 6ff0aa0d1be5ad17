"""Actions as tools: their names, descriptions, schemas and hints, from the definition alone.

chosen(definition, Choice(read_only=True)) ─▶ {"listModels": Form, …}
tool(definition, "listModels", form)       ─▶ {name, title, description, inputSchema, …}
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
from .long_lists import arguments, reads

Names = Literal["ours", "catalogue"]

_CATALOGUE = "openrouter_ai_"
_FILE_TEXT: JsonObject = {
    "type": "string",
    "description": "openrouter://files/… as another tool gave it, a data: URL, or a public http(s) "
    "URL that ends in a file name.",
}
_FILE: JsonObject = {"anyOf": [_FILE_TEXT, FILE_ENTRY | {"required": ["url"]}]}
_METADATA: JsonObject = {
    "type": "object",
    "description": "What is known of the call: cost in USD, model, provider, usage, generationId, "
    "files, warnings and so on.",
}
# What a person needs beside a field, and an agent does not. A default is shown only where it is
# applied: an agent that copies all the others would change what a model does.
_UNSAID = {"title", "description", "default"}


@dataclass(frozen=True, slots=True)
class Choice:
    """Which actions are tools, and under which names.

    `only` lists actions and groups of the palette; `read_only` leaves what costs nothing and
    changes nothing.
    """

    names: Names = "ours"
    only: tuple[str, ...] = ()
    read_only: bool = False


def chosen(definition: Definition, choice: Choice) -> dict[str, Form]:
    """Give the actions that are tools, by their names as tools, in the order of the palette.

    InputError for a word of `only` that is neither an action nor a group.
    """
    forms = [definition.form(name) for name in definition.component.actions]
    wanted = _wanted([form.action for form in forms], choice.only)
    return {
        _name(form.action, choice.names): form
        for form in forms
        if form.action.name in wanted and (reads(form.action) or not choice.read_only)
    }


def listed(definition: Definition, forms: Mapping[str, Form]) -> list[JsonObject]:
    """Give the tools as MCP lists them."""
    return [tool(definition, name, form) for name, form in forms.items()]


def tool(definition: Definition, name: str, form: Form) -> JsonObject:
    """Give one tool as MCP lists it: camelCase words, plain JSON."""
    action = form.action
    return {
        "name": name,
        "title": action.title,
        "description": action.ai_description or action.description,
        "inputSchema": for_hosts(_input(action, form.schema, unseen(definition, action))),
        "outputSchema": for_hosts(result_schema(action.output)),
        "annotations": {
            "title": action.title,
            "readOnlyHint": reads(action),
            "destructiveHint": action.destructive,
            "openWorldHint": True,
        },
    }


def result_schema(output: Output) -> JsonObject:
    """Give the schema of the structured content: an object, as MCP wants it."""
    given = output_schema(output)
    if "type" in given and not (output.required or output.file):
        given = given | {"type": [given["type"], "null"]}
    return {
        "type": "object",
        "properties": {"output": given, "metadata": _METADATA},
        "required": ["output", "metadata"],
    }


def unseen(definition: Definition, action: Action) -> frozenset[str]:
    """Name the properties that are no business of an agent: filters, keys, those of the host."""
    common = {prop.name for prop in definition.component.properties}
    return frozenset(
        prop.name
        for prop in action.properties
        if prop.name and (prop.mirrors or prop.control_type == "PASSWORD" or prop.name in common)
    )


def _name(action: Action, names: Names) -> str:
    return (
        action.name if names == "ours" else _CATALOGUE + snake(action.operation_id or action.name)
    )


def _wanted(actions: Collection[Action], only: Iterable[str]) -> set[str]:
    groups = {(action.group or "").lower() for action in actions}
    known = {action.name for action in actions}
    found, problems = set(), []
    for word in only:
        if word in known:
            found.add(word)
        elif word.lower() in groups:
            found |= {a.name for a in actions if (a.group or "").lower() == word.lower()}
        else:
            hint = did_you_mean(word, [*(a.group for a in actions if a.group), *known])
            problems.append(Problem("--only", f"{word!r} is no action and no group{hint}"))
    if problems:
        raise InputError(problems)
    return found or known


def _input(action: Action, schema: JsonObject, hidden: frozenset[str]) -> JsonObject:
    """Give the schema of the arguments, without what an agent should not see."""
    filters = frozenset(prop.name or "" for prop in action.properties if prop.mirrors)
    shown = [prop for prop in action.properties if prop.name not in hidden]
    required = [name for name in schema.get("required", []) if name not in hidden]
    return {
        "type": "object",
        "properties": _values(shown, schema["properties"], filters) | arguments(action),
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
    """Give the schema of one argument; a file may be named by a text as well."""
    made: JsonObject = {word: value for word, value in schema.items() if word not in _UNSAID}
    if prop.type == "FILE_ENTRY":
        made = dict(_FILE)
    elif prop.any_of:
        pairs = zip(prop.any_of, schema["anyOf"], strict=True)
        made["anyOf"] = [_value(one, inner, filters) for one, inner in pairs]
    if prop.properties:
        made["properties"] = _values(prop.properties, schema["properties"], filters)
    if prop.items:
        made["items"] = _value(prop.items, schema["items"], filters)
    if prop.additional_properties:
        inner = schema["additionalProperties"]
        made["additionalProperties"] = _value(prop.additional_properties, inner, filters)
    if prop.required and prop.default_value is not None:
        made["default"] = prop.default_value
    if told := " ".join(filter(None, (prop.description, _when(prop, filters)))):
        made["description"] = told
    return made


def _when(prop: Property, filters: frozenset[str]) -> str:
    """Say when an argument counts; of a filter that is not set, every condition holds."""
    condition = prop.condition
    demanded = f"Required when {prop.required_condition}." if prop.required_condition else ""
    if condition is None or condition.reads & filters:
        return demanded
    return f"{'Required' if prop.required else 'Only'} when {condition.text}. {demanded}".strip()
