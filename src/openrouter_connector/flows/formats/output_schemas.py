"""The JSON Schema of what each step returns, so that a picker can offer its fields.

Known are our own actions, also with a `responseSchema`, what containers make of the steps inside
them, variables, and the items of loops. Of other steps nothing is known, which is `{}`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from ...definition.derive.json_schema import FILE_ENTRY, output_schema
from ...definition.load import Definition
from ...definition.paths import at
from ...errors import InputError
from ...suggest import did_you_mean
from ...values import Json, JsonObject
from .expressions import ExpressionError, Path, Template, read_template
from .references import METADATA, expression_of
from .steps import REPEATING, SLOTS, Step, inner_steps

ANYTHING: JsonObject = {}
NOTHING: JsonObject = {"type": "null"}
_ERROR: JsonObject = {
    "type": "object",
    "description": "Why the main branch failed; null if it did not.",
    "properties": {
        "error": {
            "type": "object",
            "properties": {"type": {"type": "string"}, "message": {"type": "string"}},
        },
        "step": {"type": "string", "description": "The place of the step that failed."},
    },
}
_INPUT_TYPES: Mapping[str, JsonObject] = {
    "array": {"type": "array"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string"},
    "date_time": {"type": "string"},
    "file_entry": FILE_ENTRY,
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "object": {"type": "object"},
    "string": {"type": "string"},
    "time": {"type": "string"},
}
_NAMES = {
    "array": "a list", "boolean": "true or false", "integer": "a number", "null": "nothing",
    "number": "a number", "object": "an object", "string": "text",
}  # fmt: skip


@dataclass(slots=True)
class Schemas:
    """The schemas of a flow, by name."""

    inputs: dict[str, JsonObject]
    outputs: dict[str, JsonObject] = field(default_factory=dict)
    """What each named step returns, as the steps after it see it."""
    items: dict[str, JsonObject] = field(default_factory=dict)
    """What each loop offers to the steps inside it."""

    def of(self, name: str, *, is_item: bool) -> JsonObject:
        """Return the schema under a name, which inside a loop is its current item."""
        places = (self.items,) if is_item else (self.outputs, self.inputs)
        return next((place[name] for place in places if name in place), ANYTHING)


def output_schemas(
    steps: tuple[Step, ...],
    definition: Definition,
    inputs: Mapping[str, JsonObject] = {},
) -> Schemas:
    """Return the schemas of a flow's inputs, of its steps, and of the items inside loops."""
    found = Schemas({name: input_schema(one) for name, one in inputs.items()})
    top = [step for step in steps if step.container is None]
    _add_schemas(top, dict(found.inputs), found, definition)
    return found


def input_schema(value: JsonObject) -> JsonObject:
    """Return the schema of an input of a flow, by its type."""
    return _INPUT_TYPES.get(str(value.get("type", "")).lower(), ANYTHING)


def item_schema(loop: Step, known: Mapping[str, JsonObject]) -> JsonObject:
    """Return the schema of what a loop offers inside: its current item and index."""
    properties: JsonObject = {"item": ANYTHING, "index": {"type": "integer"}}
    items = value_schema(loop.parameters.get("items"), known)
    if isinstance(items.get("items"), dict):
        properties["item"] = items["items"]
    elif loop.parameters.get("loopForever") is True and loop.parameters.get("items") is None:
        properties["item"] = NOTHING
    return {"type": "object", "properties": properties, "additionalProperties": False}


def value_schema(value: Json, known: Mapping[str, JsonObject]) -> JsonObject:
    """Return the schema of a value of a parameter, expressions in it included."""
    if isinstance(value, str):
        return template_schema(read_template(value), known)
    if isinstance(value, bool):
        return {"type": "boolean"}
    if isinstance(value, int | float):
        return {"type": "integer" if isinstance(value, int) else "number"}
    if isinstance(value, dict):
        properties = {key: value_schema(one, known) for key, one in value.items()}
        return {"type": "object", "properties": properties, "additionalProperties": False}
    if isinstance(value, list):
        kinds = [value_schema(one, known) for one in value[:20]]
        same = bool(kinds) and all(one == kinds[0] for one in kinds) and len(value) <= 20
        return {"type": "array", "items": kinds[0] if same else ANYTHING}
    return ANYTHING


def template_schema(template: Template, known: Mapping[str, JsonObject]) -> JsonObject:
    """Return the schema of the value of a text with expressions in it."""
    expression = expression_of(template)
    if expression is None:
        return {"type": "string"}
    if expression.is_path:
        (path,) = expression.reads
        return ANYTHING if path[0] in (METADATA, "inputs") else schema_at(path, known)[0]
    return ANYTHING if expression.reads else _constant_schema(template)


def schema_at(path: Path, known: Mapping[str, JsonObject]) -> tuple[JsonObject, str]:
    """Return the schema of what a path reads, and why it surely reads nothing, if it does."""
    schema, where = known.get(str(path[0]), ANYTHING), str(path[0])
    for key in path[1:]:
        schema, problem = _inside(schema, key)
        if problem:
            return ANYTHING, f"{where!r} {problem}"
        where = f"{where}[{key}]" if isinstance(key, int) else f"{where}.{key}"
    return schema, ""


def kind_of(schema: JsonObject) -> str:
    """Return the type of a schema for people; empty if it is not known, or not a single one."""
    kind = schema.get("type")
    if kind == "object" and set(schema.get("required") or ()) == set(FILE_ENTRY["required"]):
        return "a file"
    return _NAMES.get(kind, "") if isinstance(kind, str) else ""


def _inside(schema: JsonObject, key: str | int) -> tuple[JsonObject, str]:
    """Return the schema of an entry, and what is wrong if there can be none."""
    kind, properties = schema.get("type"), schema.get("properties")
    if kind == "array":
        if isinstance(key, str) and not key.isdecimal():
            return ANYTHING, f"is a list, of which an item must be chosen, as in [0].{key}"
        items = schema.get("items")
        return (items if isinstance(items, dict) else ANYTHING), ""
    if isinstance(properties, dict):
        if key in properties:
            inner = properties[key]
            return (inner if isinstance(inner, dict) else ANYTHING), ""
        more = schema.get("additionalProperties")
        if isinstance(more, dict) or more is True:
            return (more if isinstance(more, dict) else ANYTHING), ""
        return ANYTHING, f"has no field {str(key)!r}{did_you_mean(str(key), properties)}"
    if isinstance(kind, str) and kind != "object" and kind in _NAMES:
        return ANYTHING, f"is {_NAMES[kind]}, which has no field {str(key)!r}"
    return ANYTHING, ""


def _add_schemas(
    steps: list[Step], known: dict[str, JsonObject], found: Schemas, definition: Definition
) -> JsonObject:
    """Add the schemas of steps that run one after the other; return that of the last one.

    `known` is what a step sees: inside a loop its name is the current item, after it its result.
    """
    last = ANYTHING
    for step in steps:
        name = step.name
        if step.word in REPEATING:
            known[name] = found.items[name] = item_schema(step, known)
        inner = _add_schemas(list(inner_steps(step)), known, found, definition)
        last = _step_schema(step, inner, known, definition)
        if found.outputs.get(name, last) != last:
            last = ANYTHING  # set by several steps, to values of several types
        known[name] = last
        if name:
            found.outputs[name] = last
    return last


def _step_schema(
    step: Step, inner: JsonObject, known: Mapping[str, JsonObject], definition: Definition
) -> JsonObject:
    if step.word == definition.component.name:
        return _action_schema(step, definition)
    if step.word == "map":
        return {"type": "array", "items": inner}
    if step.word == "var":
        return value_schema(step.parameters.get("value"), known)
    if step.word == "on-error":
        return _ERROR
    return NOTHING if step.word in SLOTS else ANYTHING


def _action_schema(step: Step, definition: Definition) -> JsonObject:
    name = step.type.rpartition("/")[2]
    try:
        output = definition.form(name).action.output
    except InputError:
        return ANYTHING
    if not output.dynamic_schema:
        return output_schema(output)
    form, given = (at(step.parameters, f"response.response{part}") for part in ("Format", "Schema"))
    if form in (None, "TEXT"):
        return {"type": "string"}
    if form != "JSON" or given is None or _is_dynamic(given):
        return ANYTHING
    try:
        schema = json.loads(given) if isinstance(given, str) else given
    except (ValueError, RecursionError):
        return ANYTHING
    return schema if isinstance(schema, dict) else ANYTHING


def _is_dynamic(value: Json) -> bool:
    return isinstance(value, str) and read_template(value).is_dynamic


def _constant_schema(template: Template) -> JsonObject:
    """Return the schema of a formula that reads nothing, such as `=range(1, 25)`."""
    try:
        value = template.evaluate({})
    except ExpressionError:
        return ANYTHING
    return {"type": "string"} if isinstance(value, str) else value_schema(value, {})
