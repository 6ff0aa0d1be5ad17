"""The JSON Schema of what each step returns, so that a picker can offer its fields.

Known are our own actions, also with a `responseSchema`, and what containers make of the steps
inside them. Of other steps nothing is known, which is `{}`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from ...definition.derive.json_schema import output_schema
from ...definition.load import Definition
from ...definition.paths import at
from ...errors import InputError
from ...values import JsonObject
from .steps import Step, inner_steps

ANYTHING: JsonObject = {}


def output_schemas(steps: tuple[Step, ...], definition: Definition) -> Mapping[str, JsonObject]:
    """Return the schema of the output of each named step, and of the items inside loops."""
    return {step.name: step_schema(step, definition) for step in steps if step.name}


def step_schema(step: Step, definition: Definition) -> JsonObject:
    """Return the schema of what expressions see under the name of a step, after it has run."""
    if step.word == definition.component.name:
        return _action_schema(step, definition)
    if step.word == "map":
        inside = next(iter(inner_steps(step)), None)
        return {"type": "array", "items": step_schema(inside, definition) if inside else ANYTHING}
    return ANYTHING


def item_schema(step: Step, known: Mapping[str, JsonObject]) -> JsonObject:
    """Return the schema of what a loop offers inside: its current item and index."""
    items = step.parameters.get("items")
    item = _items_of(items, known) if isinstance(items, str) else ANYTHING
    return {"type": "object", "properties": {"item": item, "index": {"type": "integer"}}}


def _items_of(text: str, known: Mapping[str, JsonObject]) -> JsonObject:
    from .expressions.template import read_template
    from .references import expression_of

    expression = expression_of(read_template(text))
    if expression is None or len(expression.reads) != 1:
        return ANYTHING
    (path,) = expression.reads
    schema = known.get(str(path[0]), ANYTHING)
    for step in path[1:]:
        inner = at(schema, "items") if isinstance(step, int) else _property(schema, step)
        schema = inner if isinstance(inner, dict) else ANYTHING
    inner = schema.get("items")
    return inner if isinstance(inner, dict) else ANYTHING


def _property(schema: JsonObject, name: str) -> JsonObject:
    found = schema.get("properties")
    inner = found.get(name) if isinstance(found, dict) else None
    return inner if isinstance(inner, dict) else ANYTHING


def _action_schema(step: Step, definition: Definition) -> JsonObject:
    name = step.type.rpartition("/")[2]
    try:
        output = definition.form(name).action.output
    except InputError:
        return ANYTHING
    if not output.dynamic_schema:
        return output_schema(output)
    given = at(step.parameters, "response.responseSchema")
    if at(step.parameters, "response.responseFormat") != "JSON" or given is None:
        return {"type": "string"}
    try:
        schema = json.loads(given) if isinstance(given, str) else given
    except (ValueError, RecursionError):
        return ANYTHING
    return schema if isinstance(schema, dict) else ANYTHING
