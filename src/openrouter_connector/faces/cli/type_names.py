"""The type of a property or an output, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...definition.model import Output, Property

_NAMES = {
    "STRING": "text", "NUMBER": "number", "INTEGER": "number", "BOOLEAN": "true or false",
    "ARRAY": "list", "OBJECT": "object", "FILE_ENTRY": "file",
    "ANY": "any JSON",
}  # fmt: skip
_PLURALS = {"ANY": "any JSON"}


def output_type(output: Output) -> str:
    """Return the type of an output."""
    name = _NAMES[output.type]
    return f"{name}, or an object" if output.dynamic_schema else name


def property_type(prop: Property) -> str:
    """Return the type of a property's value."""
    if prop.any_of:
        return " or ".join(dict.fromkeys(map(property_type, prop.any_of)))
    if prop.type == "ARRAY" and prop.items:
        return f"list of {_PLURALS.get(prop.items.type) or _NAMES[prop.items.type] + 's'}"
    return "whole number" if prop.type == "INTEGER" else _NAMES[prop.type]
