"""Find what each step of a flow reads, and whether that is there when the step runs.

    ask_2  userPrompt  ${ask_1.items[0]}   reads ask_1
    each_1 iteratee    ${each_1.item}      reads the item of its container

A step sees the inputs and triggers, the steps before it, and the current item of the loops around
it. Steps of one branch are seen after the branch, since they may have run; those inside a loop are
not, since they ran many times.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ...errors import Problem
from ...suggest import did_you_mean
from ...values import Json, JsonObject
from .expressions import Expression, Path, Template, read_condition, read_template
from .steps import REPEATING, Step, inner_steps, steps_beside

CONCURRENT = ("parallel", "fork-join")
"""Containers whose lists run at the same time."""
EXCLUSIVE = ("branch", "condition")
"""Containers of whose lists one runs."""
METADATA = "metadata"
"""`${metadata.ask_1.cost}` reads what is known of a step besides its output."""
INPUTS = "inputs"
"""`${inputs.city}` reads an input, as `${city}` does."""
_MOST_HINTS = 20
_MOST_CYCLES = 10

Visible = dict[str, Step | None]
"""The names that a step can read: steps, and None for inputs and triggers."""


@dataclass(frozen=True, slots=True)
class Use:
    """One text that holds expressions: of a step's parameters, or an output of the flow."""

    step: Step | None
    name: str
    """Where the step holds it: `userPrompt`, `messages[0].content`."""
    template: Template

    @property
    def place(self) -> str:
        """Where the document holds it."""
        return f"{self.step.place}.parameters.{self.name}" if self.step else self.name


@dataclass(frozen=True, slots=True)
class Read:
    """One path that a step reads, and whose output that is."""

    use: Use
    path: Path
    source: Step
    """The step that is read."""

    @property
    def is_item(self) -> bool:
        """Whether the source is a loop around the reader, which offers its item and index."""
        return self.use.step is not None and self.source in self.use.step.containers


@dataclass(slots=True)
class References:
    """What a flow's steps read of each other."""

    needs: dict[str, set[str]] = field(default_factory=dict)
    """The name of each step with the steps that it reads, and the container that it is inside."""
    uses: dict[str, tuple[Use, ...]] = field(default_factory=dict)
    """The texts with expressions of each step, by its place: finding them takes most of a check."""
    reads: list[Read] = field(default_factory=list)
    """Every path of which the source is known and there in time."""
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def uses_of(step: Step) -> Iterator[Use]:
    """Yield the texts of a step's own parameters that hold, or seem to hold, expressions."""
    is_raw = step.word == "condition" and step.parameters.get("rawExpression") is True
    for place, text in texts_in(step.own_parameters):
        if place == "expression" and step.word == "condition":
            if not is_raw or not text:
                continue  # a form keeps what was typed before `conditions` was chosen
            template = read_condition(text)
        elif "${" in text or text.startswith("="):
            template = read_template(text)
        else:
            continue
        if template.is_dynamic or template.problems:
            yield Use(step, place, template)


def _trigger_uses(triggers: Sequence[JsonObject]) -> Iterator[Use]:
    for index, trigger in enumerate(triggers):
        for place, text in texts_in(trigger.get("parameters"), f"triggers[{index}].parameters"):
            if "${" in text or text.startswith("="):
                yield Use(None, place, read_template(text))


def find_references(
    steps: Sequence[Step],
    inputs: Mapping[str, Json] = {},
    triggers: Sequence[JsonObject] = (),
    outputs: Sequence[Use] = (),
) -> References:
    """Return what all steps of a flow, and its outputs, read; with all problems."""
    found = References()
    known = {step.name: step for step in reversed(steps) if step.name}
    reader = _Reader(found, known, inputs, _started_with(inputs, triggers))
    for use in _trigger_uses(triggers):  # they run elsewhere, so what is wrong there stops nothing
        reader.read(use, found.warnings)
    for step, visible in walk(steps, inputs, triggers):
        reader.visible = visible
        needs = found.needs.setdefault(step.name, set())
        if step.container and step.container.name:
            needs.add(step.container.name)
        uses = found.uses[step.place] = tuple(uses_of(step))
        for use in uses:
            needs |= reader.read(use, found.problems)
        for beside in steps_beside(step):
            for use in uses_of(beside):
                reader.read(use, found.warnings)
    for use in outputs:
        reader.read(use, found.problems)
    # A variable may be set again from what was computed from it: that is no circle.
    again = {step.name for step in steps if known.get(step.name) is not step}
    for cycle in _cycles({name: found.needs[name] - again for name in found.needs}):
        chain = " → ".join([*cycle, cycle[0]])
        found.problems.append(
            Problem(known[cycle[0]].place, f"the steps wait for each other: {chain}")
        )
    return found


def walk(
    steps: Sequence[Step], inputs: Mapping[str, Json] = {}, triggers: Sequence[JsonObject] = ()
) -> Iterator[tuple[Step, Visible]]:
    """Yield all steps in the order in which they run, each with what it sees.

    There is one mapping of what is visible, which changes as the walk goes on: a copy for each of
    many steps would take time and memory that grow with their square. After the walk it holds
    what is visible at the end of the flow.
    """
    visible = _started_with(inputs, triggers)
    scopes = _Scopes(visible)
    top = [step for step in steps if step.container is None]
    for step in scopes.run(top):
        yield step, visible


def visible_at(
    step: Step | None,
    steps: Sequence[Step],
    inputs: Mapping[str, Json] = {},
    triggers: Sequence[JsonObject] = (),
) -> Visible:
    """Return what a step sees; what is visible at the end of the flow for None."""
    visible = _started_with(inputs, triggers)
    for found, visible in walk(steps, inputs, triggers):
        if step is not None and found.place == step.place:
            return dict(visible)
    return visible


def _started_with(inputs: Mapping[str, Json], triggers: Sequence[JsonObject]) -> Visible:
    return dict.fromkeys([*inputs, *(str(one["name"]) for one in triggers if one.get("name"))])


def texts_in(value: Json, place: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text inside a value with its place."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from texts_in(inner, f"{place}.{key}" if place else str(key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from texts_in(inner, f"{place}[{index}]")


def lists_of(step: Step) -> list[list[Step]]:
    """Return the lists of steps inside a container; each step of `parallel` is a list."""
    lists: dict[str, list[Step]] = {}
    for one in inner_steps(step):
        lists.setdefault(one.place if step.word == "parallel" else one.slot, []).append(one)
    return list(lists.values())


@dataclass(slots=True)
class _Scopes:
    """The walk itself: names are added after a step, and removed where a scope ends."""

    visible: Visible
    added: list[str] = field(default_factory=list)

    def run(self, steps: list[Step]) -> Iterator[Step]:
        for step in steps:
            yield step
            yield from self._inside(step)
            self._show(step)

    def _inside(self, step: Step) -> Iterator[Step]:
        start = len(self.added)
        if step.word in REPEATING:
            self._show(step)  # as the current item and index
        hidden: list[Step] = []
        for steps in lists_of(step):
            mark = len(self.added)
            if step.word == "on-error" and steps[0].slot == "on-error-branch":
                self._show(step)  # as the error
            yield from self.run(steps)
            # The error branch sees the steps of the main branch that finished before the error.
            if step.word != "on-error":
                hidden += self._hide(mark)
        if step.word in REPEATING:
            self._hide(start)
            return
        for one in hidden:
            self._show(one)

    def _show(self, step: Step) -> None:
        if step.name and step.name not in self.visible:
            self.visible[step.name] = step
            self.added.append(step.name)

    def _hide(self, mark: int) -> list[Step]:
        names = self.added[mark:]
        del self.added[mark:]
        return [step for name in names if (step := self.visible.pop(name)) is not None]


@dataclass(slots=True)
class _Reader:
    """Compare what expressions read with what is visible to them."""

    found: References
    known: Mapping[str, Step]
    """Every step of the flow by its name, the first one of each."""
    inputs: Mapping[str, Json]
    visible: Visible
    unknown: int = 0
    """Names that nothing is called, so far."""

    def read(self, use: Use, listed: list[Problem]) -> set[str]:
        """Note the paths of a text, and list their problems; return the steps that it reads."""
        is_condition = use.step is not None and use.step.word == "condition"
        needed = is_condition and use.name == "expression"
        for text in use.template.problems:
            (listed if needed else self.found.warnings).append(Problem(use.place, text))
        paths = sorted(use.template.reads, key=str)
        return {name for path in paths if (name := self._path(use, path, listed))}

    def _path(self, use: Use, path: Path, listed: list[Problem]) -> str | None:
        if path[0] == INPUTS and INPUTS not in self.known:
            listed += self._input_problems(use, path)
            return None
        root = str(path[1] if path[0] == METADATA and len(path) > 1 else path[0])
        if root not in self.visible:
            listed.append(Problem(use.place, self._why(root, use.step)))
        elif (source := self.visible[root]) is not None:
            self.found.reads.append(Read(use, path, source))
        return root if root in self.known else None

    def _input_problems(self, use: Use, path: Path) -> Iterator[Problem]:
        if len(path) > 1 and path[1] not in self.inputs:
            name = str(path[1])
            message = f"reads the input {name!r}, which does not exist"
            self.unknown += 1
            hint = did_you_mean(name, self.inputs) if self.unknown <= _MOST_HINTS else ""
            yield Problem(use.place, message + hint)

    def _why(self, root: str, step: Step | None) -> str:
        """Return why a name cannot be read."""
        other = self.known.get(root)
        if other is None:
            message = f"reads {root!r}, which no step, input or trigger is called"
            self.unknown += 1
            # Comparing a name with thousands of others takes 20 ms.
            if self.unknown > _MOST_HINTS:
                return message
            return message + did_you_mean(root, {**self.known, **self.inputs})
        containers = step.containers if step else ()
        if step is not None and (other.name == step.name or other in containers):
            return f"reads {root!r}, which is not finished when this step starts"
        loops = [one for one in other.containers if one.word in REPEATING]
        if any(one not in containers for one in loops):
            return f"reads {root!r}, which runs many times inside {loops[0].name!r}"
        shared = next((one for one in containers if one in other.containers), None)
        if shared and shared.word == "parallel":
            return f"reads {root!r}, which runs at the same time"
        if shared and _list_in(shared, step) != _list_in(shared, other):
            if shared.word in EXCLUSIVE:
                return f"reads {root!r}, which runs in another case of {shared.name!r}"
            if shared.word in CONCURRENT:
                return f"reads {root!r}, which runs at the same time"
        return f"reads {root!r}, which runs later"


def _list_in(container: Step, step: Step | None) -> str:
    """Return the list of a container that a step is in, at any depth."""
    while step is not None and step.container != container:
        step = step.container
    return step.slot if step else ""


def _cycles(needs: Mapping[str, set[str]]) -> Iterator[list[str]]:
    """Yield groups of steps that read each other in a circle, each once, as one way around it.

    Not more than a person would read: finding each takes time in proportion to the whole flow.
    """
    from graphlib import CycleError, TopologicalSorter

    left = {name: set(others) - {name} for name, others in needs.items()}
    for _ in range(_MOST_CYCLES):
        try:
            TopologicalSorter(left).prepare()
            return
        except CycleError as error:
            cycle: list[str] = error.args[1][:-1]
            yield list(reversed(cycle))
            for name in cycle:
                left.pop(name, None)
                for others in left.values():
                    others.discard(name)


def expression_of(template: Template) -> Expression | None:
    """Return the expression of a template that is a single one."""
    first = template.parts[0]
    return first if len(template.parts) == 1 and isinstance(first, Expression) else None
