"""Publish flows as tools: a name from the label, the inputs as schema, the outputs as an object.

choose_flows(["Voice note to letter"], store, definition, taken) ─▶ {"voiceNoteToLetter": FlowTool}
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ...definition.load import Definition
from ...definition.model import Property
from ...errors import ConnectorError, InputError, Problem
from ...flows.formats.check import check_flow, form_of
from ...flows.formats.flow import Flow
from ...flows.store import FlowStore, FlowSummary
from ...suggest import did_you_mean
from ...values import Json, JsonObject
from .host_schemas import for_hosts
from .tools import FILE

OPTION = "--flows"
_LONGEST_NAME = 60  # some hosts put the name of the server before it, and accept 64 in all
_FILES = (".json", ".yaml", ".yml")

_SCHEMAS: dict[str, JsonObject] = {
    "STRING": {"type": "string"},
    "NUMBER": {"type": "number"},
    "INTEGER": {"type": "integer"},
    "BOOLEAN": {"type": "boolean"},
    "ARRAY": {"type": "array", "items": {}},
    "OBJECT": {"type": "object"},
    "FILE_ENTRY": FILE,
}
# A file may be anywhere inside a list, an object, or a value without a type.
_ANY = Property.model_construct(type="ANY", any_of=(Property.model_construct(type="FILE_ENTRY"),))


@dataclass(frozen=True)
class FlowTool:
    """A published flow."""

    name: str
    """The name of the tool."""
    flow: Flow
    id: str | None = None
    """The id of a stored flow, and its version; None for one of a file."""
    version: int | None = None
    deletes: bool = False
    """Whether a step deletes something."""

    @property
    def title(self) -> str:
        """The label of the flow, or the name of the tool."""
        return self.flow.label or self.name

    @cached_property
    def properties(self) -> tuple[Property, ...]:
        """The inputs, as the properties of an action have it."""
        return tuple(_property(name, declared) for name, declared in self.flow.inputs.items())

    def title_of(self, step: str) -> str:
        """Return the label of a step, or its name."""
        label = self.flow.step(step).task.get("label")
        return label if isinstance(label, str) and label else step


def choose_flows(
    names: Iterable[str], store: FlowStore, definition: Definition, taken: Collection[str] = ()
) -> dict[str, FlowTool]:
    """Return the flows of these ids, labels or files by the names of their tools.

    No tool gets a name of `taken`. InputError lists everything that keeps a flow from being found
    or from running.
    """
    tools: dict[str, FlowTool] = {}
    problems: list[Problem] = []
    for given in names:
        try:
            flow, id, version = _found(given, store)
        except ConnectorError as error:
            problems.append(Problem(OPTION, f"{given!r}: {error}"))
            continue
        obstacles = check_flow(flow, definition).obstacles
        problems += (Problem(OPTION, f"{given!r} cannot run: {one}") for one in obstacles)
        if obstacles:
            continue
        name = _name(flow.label or Path(given).stem, {*taken, *tools})
        deletes = any(
            form_of(step, definition).action.destructive
            for step in flow.steps
            if step.word == definition.component.name
        )
        tools[name] = FlowTool(name, flow, id, version, deletes)
    if problems:
        raise InputError(problems)
    return tools


def list_flow_tools(tools: Mapping[str, FlowTool]) -> list[JsonObject]:
    """Return the flows as MCP lists tools."""
    return [_tool(tool) for tool in tools.values()]


def _tool(tool: FlowTool) -> JsonObject:
    steps = ", ".join(tool.title_of(step.name) for step in tool.flow.steps[:10])
    description = tool.flow.document.get("description")
    return {
        "name": tool.name,
        "title": tool.title,
        "description": description or f"Runs the flow {tool.title!r}: {steps}.",
        "inputSchema": for_hosts(_input_schema(tool.flow)),
        "outputSchema": for_hosts(_output_schema(tool.flow)),
        "annotations": {
            "title": tool.title,
            "readOnlyHint": False,
            "destructiveHint": tool.deletes,
            "openWorldHint": True,
        },
    }


def _input_schema(flow: Flow) -> JsonObject:
    schema: JsonObject = {
        "type": "object",
        "properties": {name: _input(declared) for name, declared in flow.inputs.items()},
        "additionalProperties": False,
    }
    required = [
        name
        for name, declared in flow.inputs.items()
        if declared.get("required") is True and _default(declared) is None
    ]
    return {**schema, "required": required} if required else schema


def _input(declared: JsonObject) -> JsonObject:
    schema = dict(_SCHEMAS.get(_type(declared), {}))
    texts = [declared.get("label"), declared.get("description")]
    if description := ". ".join(text for text in texts if isinstance(text, str) and text):
        schema["description"] = description
    if (default := _default(declared)) is not None:
        schema["default"] = default
    return schema


def _output_schema(flow: Flow) -> JsonObject:
    outputs: JsonObject = {"type": "object", "description": "What the flow returns, by name."}
    if flow.outputs:
        outputs["properties"] = {name: {} for name in flow.outputs}
    return {
        "type": "object",
        "properties": {
            "run": {"type": "string", "description": "The id of the run."},
            "outputs": outputs,
            "cost": {"type": "number", "description": "USD of all steps."},
        },
        "required": ["run", "outputs", "cost"],
    }


def _property(name: str, declared: JsonObject) -> Property:
    kind = _type(declared)
    if kind not in _SCHEMAS:
        return _ANY.model_copy(update={"name": name})
    required = declared.get("required") is True
    prop = Property.model_construct(name=name, type=kind, required=required)
    inner = {"ARRAY": {"items": _ANY}, "OBJECT": {"additional_properties": _ANY}}
    return prop.model_copy(update=inner.get(kind))


def _type(declared: JsonObject) -> str:
    return str(declared.get("type") or "").upper()


def _default(declared: JsonObject) -> Json:
    return declared.get("default", declared.get("defaultValue"))


def _found(given: str, store: FlowStore) -> tuple[Flow, str | None, int | None]:
    """Return the flow that an id, a label or a file name means, with its id and version."""
    if given.endswith(_FILES) or Path(given).is_file():
        return Flow.load(given), None, None
    stored = store.list()
    named = [one for one in stored if one.id == given] or [
        one for one in stored if one.label.casefold() == given.casefold()
    ]
    if len(named) > 1:
        ids = ", ".join(one.id for one in named)
        raise InputError(f"several flows have this label; choose one by its id: {ids}")
    if not named:
        raise InputError(
            f"no flow has this id or label, and no file this name{_hint(given, stored)}"
        )
    found = store.get(named[0].id)
    return found.flow, found.id, found.version


def _hint(given: str, stored: Iterable[FlowSummary]) -> str:
    return did_you_mean(given, [name for one in stored for name in (one.label, one.id) if name])


def _name(label: str, taken: Collection[str]) -> str:
    """Return a name for a tool, in the style of the actions: `voiceNoteToLetter`."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode()
    first, *others = re.findall(r"[A-Za-z0-9]+", plain) or ["flow"]
    name = "".join([first[0].lower() + first[1:], *(one[0].upper() + one[1:] for one in others)])
    name = (name if name[0].isalpha() else f"flow{name}")[:_LONGEST_NAME]
    found, number = name, 1
    while found in taken:
        number += 1
        found = f"{name}{number}"
    return found
