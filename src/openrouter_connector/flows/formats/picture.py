"""Draw a flow as text: its steps in their containers, and what each of them reads.

Voice note to image
├─ note         input, file_entry
├─ transcribe   Create Transcription, openai/whisper-1
│    file ◀ note
├─ each_1       each item of ${draft.ideas}
│  └─ picture   Create Image, google/gemini-3-image
│       imageMessages[0].content ◀ each_1.item
└─ picture      output ◀ picture
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...definition.load import Definition, load_component
from ...errors import InputError
from ...values import Json, JsonObject
from .expressions import path_text, read_template
from .flow import Flow
from .references import lists_of, uses_of
from .steps import REPEATING, Step, steps_beside

_SHORTEST = 20  # columns that a line has at least
_MOST_READS = 8  # lines of what one step reads


def flow_picture(flow: Flow, definition: Definition | None = None, width: int = 100) -> str:
    """Return the picture of a flow; no line is wider than `width` columns."""
    nodes = list(_nodes(flow, definition or load_component()))
    lines = [flow.label or "Flow", *_drawn(nodes, "")]
    return "\n".join(_cut(line, max(width, _SHORTEST)) for line in lines)


def flow_outline(flow: Flow, definition: Definition | None = None) -> JsonObject:
    """Return `{label, inputs, steps, outputs}`: what the picture shows, as data."""
    definition = definition or load_component()
    return {
        "label": flow.label,
        "inputs": [
            {"name": name, "type": one.get("type"), "required": one.get("required") is True}
            for name, one in flow.inputs.items()
        ],
        "steps": [_outlined(step, definition) for step in flow.steps],
        "outputs": [
            {"name": name, "reads": _reads_in(value)} for name, value in flow.outputs.items()
        ],
    }


@dataclass(frozen=True, slots=True)
class _Node:
    """One branch of the picture."""

    name: str
    text: str
    notes: tuple[str, ...] = ()
    """Lines below it: what it reads."""
    inner: tuple[_Node, ...] = ()


def _nodes(flow: Flow, definition: Definition) -> Iterator[_Node]:
    for name, one in flow.inputs.items():
        kind = one.get("type")
        yield _Node(name, f"input, {kind}" if isinstance(kind, str) else "input")
    for trigger in flow.triggers:
        yield _Node(str(trigger.get("name") or ""), f"trigger, {trigger.get('type')}")
    for step in flow.steps:
        if step.container is None:
            yield _node(step, definition)
    for name, value in flow.outputs.items():
        reads = ", ".join(_reads_in(value))
        yield _Node(name, f"output ◀ {reads}" if reads else "output")


def _node(step: Step, definition: Definition) -> _Node:
    notes = [f"{place} ◀ {', '.join(reads)}" for place, reads in _reads(step).items()]
    more = [f"… and {len(notes) - _MOST_READS} more"] if len(notes) > _MOST_READS else []
    return _Node(
        step.name or "(no name)",
        _text(step, definition),
        (*notes[:_MOST_READS], *more),
        tuple(_inner_nodes(step, definition)),
    )


def _inner_nodes(step: Step, definition: Definition) -> Iterator[_Node]:
    """Yield the steps inside; the lists of a container with several of them each have a line."""
    for beside in steps_beside(step):
        yield _Node(beside.name or beside.slot, f"{beside.slot}: {beside.type}, does not run here")
    for steps in lists_of(step):
        inner = tuple(_node(one, definition) for one in steps)
        title = _title(step, steps[0].slot)
        if title:
            yield _Node(title, "", (), inner)
        else:
            yield from inner


def _title(step: Step, slot: str) -> str:
    """Return what a list of a container is called; empty where a container has only one."""
    if step.word == "branch" and slot.startswith("cases["):
        index = int(slot.split("[")[1].split("]")[0])
        return f"case {step.parameters['cases'][index].get('key')!s}"
    if step.word == "fork-join":
        return f"branch {int(slot.split('[')[1].rstrip(']')) + 1}"
    return _TITLES.get(slot, "")


def _text(step: Step, definition: Definition) -> str:
    """Return what a step does, in a few words."""
    given = step.parameters
    if step.word in REPEATING:
        items = given.get("items")
        if isinstance(items, list):
            return f"{step.word}: {len(items)} items"
        return f"{step.word}: " + (str(items) if items is not None else "until a break")
    if step.word in ("condition", "branch"):
        expression = given.get("expression")
        raw = step.word == "branch" or given.get("rawExpression") is True
        return f"{step.word}: {expression}" if raw and expression is not None else step.word
    if step.word != definition.component.name:
        return step.type.split("/")[0] if step.word in _PLAIN else step.type
    action, model = _action(step, definition)
    return ", ".join(filter(None, (action or step.type, model)))


def _action(step: Step, definition: Definition) -> tuple[str, str]:
    """Return the title of an action, and the model as the flow names it."""
    try:
        action = definition.form(step.type.rpartition("/")[2]).action
    except InputError:
        return "", ""
    sources = action.model_sources
    model = step.parameters.get(sources[0].property) if sources else None
    return action.title, model if isinstance(model, str) else ""


def _outlined(step: Step, definition: Definition) -> JsonObject:
    title, model = _action(step, definition)
    return {
        "name": step.name,
        "place": step.place,
        "type": step.type,
        "label": step.label,
        "container": step.container.name if step.container else None,
        "slot": step.slot,
        "action": title or None,
        "model": model or None,
        "reads": _reads(step),
    }


def _reads(step: Step) -> dict[str, list[str]]:
    """Return the paths that each parameter of a step reads."""
    return {
        use.name: sorted(map(path_text, use.template.reads))
        for use in uses_of(step)
        if use.template.reads
    }


def _reads_in(value: Json) -> list[str]:
    if not isinstance(value, str):
        return []
    return sorted(map(path_text, read_template(value).reads))


def _drawn(nodes: list[_Node] | tuple[_Node, ...], before: str) -> Iterator[str]:
    """Yield the lines of a tree, the names of its branches in one column."""
    wide = min(max((len(node.name) for node in nodes if node.text), default=0), 24)
    for index, node in enumerate(nodes):
        last = index == len(nodes) - 1
        corner, down = ("└─ ", "   ") if last else ("├─ ", "│  ")
        yield f"{before}{corner}{node.name:<{wide}}  {node.text}".rstrip()
        inside = before + down
        line = "│  " if node.inner else "   "
        yield from (f"{inside}{line}{note}" for note in node.notes)
        yield from _drawn(node.inner, inside)


def _cut(line: str, width: int) -> str:
    line = line.replace("\n", " ")
    return line if len(line) <= width else line[: width - 1] + "…"


_TITLES = {
    "caseTrue": "if true", "caseFalse": "if false", "default": "otherwise",
    "main-branch": "try", "on-error-branch": "on an error",
}  # fmt: skip
_PLAIN = ("parallel", "fork-join", "on-error", "terminate", "var", "loopBreak", "loop-break")
