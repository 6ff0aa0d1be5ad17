"""What a picker offers at a step: the fields of all that is visible there, with their types.

${city}                 string    an input
${ask_1.items[0].name}  string    a field of an answer with a responseSchema
${each_1.item}          file      the current item of the loop around the step
${metadata.ask_1.cost}  number    what is known of a step besides its output
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...definition.load import Definition, load_component
from ...values import JsonObject
from .expressions import Path, path_text
from .output_schemas import ANYTHING, NOTHING, kind_of, output_schemas
from .references import METADATA, visible_at
from .steps import Step

if TYPE_CHECKING:
    from .flow import Flow

_DEEPEST = 5
_MOST_FIELDS = 500
_METADATA: Mapping[str, JsonObject] = {
    "cost": {"type": "number"},
    "model": {"type": "string"},
    "finishReason": {"type": "string"},
    "usage": {"type": "object"},
}


@dataclass(frozen=True, slots=True)
class Field:
    """One value that a step can read."""

    path: Path
    schema: JsonObject
    label: str
    """What a person reads of its source: the label of the step or the input."""
    step: str = ""
    """The step that it comes from; empty for inputs and triggers."""

    @property
    def pill(self) -> str:
        """The expression that reads it: `${ask_1.items[0]['first name']}`."""
        return "${" + path_text(self.path) + "}"

    @property
    def kind(self) -> str:
        """Its type for people: text, a number, a file …; empty if it is not known."""
        return kind_of(self.schema)

    def to_json(self) -> JsonObject:
        """Return `{path, pill, type, label, step}`."""
        kind = self.schema.get("type")
        return {
            "path": list(self.path),
            "pill": self.pill,
            "type": kind if isinstance(kind, str) else None,
            "label": self.label,
            "step": self.step,
        }


def fields_at(
    flow: Flow, step: Step | str | None, definition: Definition | None = None
) -> tuple[Field, ...]:
    """Return all fields that a step, named or given, can read, in the order of the flow.

    `step=None` means the end of the flow, where its outputs are read. Lists are shown by their
    first item. There are at most 500 fields.
    """
    definition = definition or load_component()
    if isinstance(step, str):
        step = flow.step(step)
    found: list[Field] = []
    for field in _fields(flow, step, definition):
        found.append(field)
        if len(found) == _MOST_FIELDS:
            break
    return tuple(found)


def _fields(flow: Flow, step: Step | None, definition: Definition) -> Iterator[Field]:
    schemas = output_schemas(flow.steps, definition, flow.inputs)
    around = step.containers if step else ()
    visible = visible_at(step, flow.steps, flow.inputs, flow.triggers)
    ran = []
    for name, source in visible.items():
        schema = schemas.of(name, is_item=source in around)
        if schema == NOTHING:
            continue
        label = source.label if source else _input_label(flow, name)
        yield from _inside((name,), schema, label, source.name if source else "")
        if source and source.word == definition.component.name:
            ran.append(source)
    for source in ran:
        for key, schema in _METADATA.items():
            yield Field((METADATA, source.name, key), schema, source.label, source.name)


def _inside(path: Path, schema: JsonObject, label: str, step: str) -> Iterator[Field]:
    yield Field(path, schema, label, step)
    if len(path) > _DEEPEST:
        return
    properties, items = schema.get("properties"), schema.get("items")
    for key, inner in properties.items() if isinstance(properties, dict) else ():
        known = inner if isinstance(inner, dict) else ANYTHING
        yield from _inside((*path, str(key)), known, label, step)
    if isinstance(items, dict) and items:
        yield from _inside((*path, 0), items, label, step)


def _input_label(flow: Flow, name: str) -> str:
    label = flow.inputs.get(name, {}).get("label")
    return label if isinstance(label, str) and label else name
