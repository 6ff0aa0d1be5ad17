"""Generate the parameters of an example call: what it must set, with realistic values."""

from __future__ import annotations

import json
import re

from ...values import Json, JsonObject
from ..form import Form
from ..model import Property

_SAMPLE = re.compile(r"such as `([^`]+)`")


def call_example(form: Form) -> JsonObject:
    """Return the parameters that a call must set."""
    required = required_parameters(form)
    return {
        prop.name or "": sample_value(prop, form.action.main)
        for prop in form.action.properties
        if prop.name in required
    }


def required_parameters(form: Form) -> list[str]:
    """Return the names that a call must set: required, visible, and without a default."""
    defaults = form.sendable({})
    visible = form.visible(defaults)
    return [
        prop.name
        for prop in form.action.properties
        if prop.name in visible
        and (prop.required or (prop.required_if and prop.required_if.holds(defaults)))
        and not prop.mirrors
        and not has_default(prop)
    ]


def has_default(prop: Property) -> bool:
    """Return whether a call may omit the property: it, or all that it requires, has a default."""
    if prop.default_value is not None:
        return True
    return bool(prop.properties) and not any(
        inner.required and not inner.display_condition and not has_default(inner)
        for inner in prop.properties
    )


def sample_value(prop: Property, main: str | None = None) -> Json:
    """Return a value of the right type, a realistic one where the definition has one.

    The text of the property `main` is one that a model can read or speak.
    """
    if prop.default_value is not None:
        return prop.default_value
    if prop.choices:
        return prop.choices[0].value
    hint = prop.placeholder or ""
    if hint.startswith(("[", "{")):
        return json.loads(hint)
    if hint and prop.type in ("STRING", "ANY"):
        return hint
    if prop.any_of:
        return sample_value(prop.any_of[0])
    if prop.type == "FILE_ENTRY":
        extension = next((kind.rpartition("/")[2] for kind in prop.accept if "*" not in kind), "")
        name = f"file.{extension}" if extension else "file"
        return {
            "extension": extension,
            "mimeType": "",
            "name": name,
            "url": f"https://example.com/{name}",
        }
    if prop.type == "ARRAY":
        return [sample_value(prop.items)] if prop.items else []
    if prop.type == "OBJECT":
        return {inner.name: sample_value(inner) for inner in prop.properties if inner.required}
    if prop.type == "STRING" and (named := _SAMPLE.search(prop.description or "")):
        return named[1]
    is_main = main is not None and prop.name == main
    if prop.control_type == "TEXT_AREA" or (is_main and prop.type == "STRING"):
        return "Hello"
    return {"STRING": "…", "NUMBER": 1.0, "INTEGER": 1, "BOOLEAN": True, "ANY": {}}[prop.type]
