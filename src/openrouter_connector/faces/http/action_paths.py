"""Describe each action in the OpenAPI document: its parameters, with an example, and its output."""

from __future__ import annotations

from copy import deepcopy

from ...definition.derive.call_example import call_example
from ...definition.derive.json_schema import FILE_ENTRY, output_schema
from ...definition.form import Form
from ...definition.load import Definition
from ...values import Json, JsonObject

PERFORM = "/api/actions/{action}/perform"
_REFERENCE = "#/components/schemas/{name}"
_FILE: JsonObject = {
    "anyOf": [
        {"$ref": _REFERENCE.format(name="FileEntry")},
        {"type": "string", "format": "uri", "description": "An http(s) or data: URL."},
    ]
}


def add_actions(built: JsonObject, definition: Definition) -> None:
    """Add a path for each action to a document that has the path of all actions."""
    generic = built["paths"][PERFORM]["post"]
    schemas = built["components"]["schemas"]
    schemas.setdefault("FileEntry", FILE_ENTRY)
    for name in definition.component.actions:
        form = definition.form(name)
        title = f"{name[:1].upper()}{name[1:]}"
        schemas[f"{title}Parameters"] = _of_request(_without_dialect(form.schema))
        path = PERFORM.replace("{action}", name)
        built["paths"][path] = {"post": _operation(deepcopy(generic), form, title)}


def _operation(generic: JsonObject, form: Form, title: str) -> JsonObject:
    """Return the operation of one action, with the responses of the operation of all actions."""
    action = form.action
    body = {
        "type": "object",
        "title": f"{title}Request",
        "required": ["parameters"],
        "additionalProperties": False,
        "properties": {
            "parameters": {"$ref": _REFERENCE.format(name=f"{title}Parameters")},
            "connection": {
                "type": "string",
                "description": "The name of a connection; the default connection when missing.",
            },
        },
    }
    example = {"parameters": call_example(form)}
    answered = generic["responses"]["200"]["content"]["application/json"]
    answered["schema"] = {
        "type": "object",
        "required": ["output", "metadata"],
        "properties": {
            "output": {"anyOf": [output_schema(action.output), {"type": "null"}]},
            "metadata": {"type": "object"},
        },
    }
    return {
        **generic,
        "tags": [action.group or "actions"],
        "summary": action.title,
        "description": action.description,
        "operationId": f"perform{title}",
        "parameters": [],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": body, "example": example}},
        },
    }


def _without_dialect(schema: JsonObject) -> JsonObject:
    return {key: value for key, value in schema.items() if key != "$schema"}


def _of_request(schema: Json) -> Json:
    """Return a schema in which a file may also be a URL, as requests may name it."""
    if isinstance(schema, list):
        return [_of_request(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("properties") == FILE_ENTRY["properties"]:
        described = {key: schema[key] for key in ("title", "description") if key in schema}
        return {**described, **_FILE}
    return {key: _of_request(value) for key, value in schema.items()}
