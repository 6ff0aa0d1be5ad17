"""Find the steps of a flow: its tasks, and those inside containers such as `each` and `condition`.

A container holds its steps in its parameters; `SLOTS` lists where. A step knows its place in the
document, so that errors, pickers and importers can point at it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ...values import Json, JsonObject, an_object

SLOTS: Mapping[str, tuple[str, ...]] = {
    "branch": ("cases[].tasks[]", "default[]"),
    "condition": ("caseTrue[]", "caseFalse[]"),
    "each": ("iteratee", "iteratee[]"),
    "fork-join": ("branches[][]",),
    "loop": ("iteratee", "iteratee[]"),
    "map": ("iteratee", "iteratee[]"),
    "on-error": ("main-branch[]", "on-error-branch[]"),
    "parallel": ("tasks[]",),
}
"""Where the parameters of a container hold its steps: `[]` stands for each item of a list.

Real files write the iteratee of all loops both ways: as one task, and as a list of tasks.
"""
_BESIDE = ("clusterElements", "extensions", "pre", "post", "finalize")
REPEATING = ("each", "loop", "map")
"""Containers that run their steps once for each item."""


@dataclass(frozen=True, slots=True)
class Step:
    """One task of a flow, seen in its place."""

    task: JsonObject = field(compare=False)
    """The task itself, as the document holds it."""
    place: str
    """Where the document holds it: `tasks[0].parameters.caseTrue[1]`."""
    container: Step | None = None
    """The step that it is inside of."""
    slot: str = "tasks"
    """The list that holds it, such as `caseTrue` or `cases[0].tasks`."""

    @property
    def name(self) -> str:
        """The name by which expressions call it; empty without one."""
        name = self.task.get("name")
        return name if isinstance(name, str) else ""

    @property
    def type(self) -> str:
        """Component, version and action, such as `openRouter/v1/ask`."""
        kind = self.task.get("type")
        return kind if isinstance(kind, str) else ""

    @property
    def word(self) -> str:
        """The component alone, such as `openRouter`, `each` or `condition`."""
        return self.type.split("/")[0]

    @property
    def label(self) -> str:
        """What a person reads; the name without a label."""
        label = self.task.get("label")
        return label if isinstance(label, str) and label else self.name

    @property
    def parameters(self) -> JsonObject:
        """The parameters, those that hold steps included."""
        return an_object(self.task.get("parameters"))

    @property
    def own_parameters(self) -> JsonObject:
        """The parameters without the steps inside. Of the cases of a branch the keys stay."""
        own = dict(self.parameters)
        for slot in SLOTS.get(self.word, ()):
            head, _, rest = slot.partition("[].")
            if rest and isinstance(own.get(head), list):
                own[head] = [_without(case, rest.removesuffix("[]")) for case in own[head]]
            else:
                own.pop(head.split("[")[0], None)
        return own

    @property
    def containers(self) -> tuple[Step, ...]:
        """The containers around it, the innermost first."""
        found: list[Step] = []
        holder = self.container
        while holder is not None:
            found.append(holder)
            holder = holder.container
        return tuple(found)


def steps_of(tasks: Json, place: str = "tasks") -> Iterator[Step]:
    """Yield every step in the order of the document, a container before the steps inside it."""
    for index, task in enumerate(tasks if isinstance(tasks, list) else ()):
        if isinstance(task, dict):
            yield from _with_inner(Step(task, f"{place}[{index}]"))


def inner_steps(step: Step) -> Iterator[Step]:
    """Yield the steps directly inside a container."""
    for slot in SLOTS.get(step.word, ()):
        head, *levels = slot.replace("]", "").split("[")
        yield from _at(step, step.parameters.get(head), head, _levels(levels))


def steps_beside(step: Step) -> Iterator[Step]:
    """Yield the tools, models and clean-up steps that a task holds beside its parameters.

    ByteChef runs them for the task, as in `clusterElements`; here they do not run.
    """
    for key in _BESIDE:
        yield from _elements(step, step.task.get(key), f"{step.place}.{key}", key)


def _elements(holder: Step, value: Json, place: str, slot: str) -> Iterator[Step]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _elements(holder, item, f"{place}[{index}]", slot)
    elif isinstance(value, dict) and isinstance(value.get("type"), str):
        found = Step(value, place, holder, slot)
        yield found
        yield from steps_beside(found)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _elements(holder, item, f"{place}.{key}", str(key))


def _without(value: Json, key: str) -> Json:
    return {k: v for k, v in value.items() if k != key} if isinstance(value, dict) else value


def _with_inner(step: Step) -> Iterator[Step]:
    yield step
    for inner in inner_steps(step):
        yield from _with_inner(inner)


def _levels(parts: list[str]) -> list[str]:
    """Return the keys after each list: `cases[].tasks[]` has `tasks` after its first list."""
    return [part.lstrip(".") for part in parts]


def _at(holder: Step, value: Json, slot: str, levels: list[str]) -> Iterator[Step]:
    if not levels:
        if isinstance(value, dict):
            yield Step(value, f"{holder.place}.parameters.{slot}", holder, slot)
        return
    for index, item in enumerate(value if isinstance(value, list) else ()):
        inside = f"{slot}[{index}]"
        if levels[0] and isinstance(item, dict):
            yield from _at(holder, item.get(levels[0]), f"{inside}.{levels[0]}", levels[1:])
        elif not levels[0] and len(levels) == 1 and isinstance(item, dict):
            yield Step(item, f"{holder.place}.parameters.{inside}", holder, slot)
        elif not levels[0]:
            yield from _at(holder, item, inside, levels[1:])
