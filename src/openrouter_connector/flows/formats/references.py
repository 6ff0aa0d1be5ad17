"""Find what each step of a flow reads, and whether that is there when the step runs.

    ask_2  userPrompt  ${ask_1.items[0]}   reads ask_1
    each_1 iteratee    ${each_1.item}      reads the item of its container

A step sees the inputs and triggers, the steps before it, and the current item of the loops around
it. Steps of one branch are seen after the branch, since they may have run; those inside a loop are
not, since they ran many times.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ...errors import Problem
from ...suggest import did_you_mean
from ...values import Json, JsonObject
from .expressions import Expression, ExpressionError, Path, Template, compile_expression
from .expressions.template import read_template
from .steps import REPEATING, Step, inner_steps

CONCURRENT = ("parallel", "fork-join")
"""Containers whose lists run at the same time."""
_CONDITIONS = {("condition", "expression"), ("branch", "expression")}
_METADATA = "metadata"


@dataclass(frozen=True, slots=True)
class Use:
    """One text of a step's parameters that holds expressions."""

    step: Step
    name: str
    """Where the step holds it: `userPrompt`, `messages[0].content`."""
    template: Template

    @property
    def place(self) -> str:
        """Where the document holds it."""
        return f"{self.step.place}.parameters.{self.name}"


@dataclass(slots=True)
class References:
    """What a flow's steps read of each other."""

    needs: dict[str, set[str]] = field(default_factory=dict)
    """The name of each step with the names of the steps that it reads."""
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def uses_of(step: Step) -> Iterator[Use]:
    """Yield the texts of a step's own parameters that hold, or seem to hold, expressions."""
    for place, text in _texts(step.own_parameters):
        if (step.word, place) in _CONDITIONS:
            template = read_condition(text)
        elif "${" in text or text.startswith("="):
            template = read_template(text)
        else:
            continue
        if template.is_dynamic or template.problems:
            yield Use(step, place, template)


def read_condition(text: str) -> Template:
    """Read the condition of a container: one expression, in which `${…}` may stand around names."""
    try:
        return Template(text, (compile_expression(text.removeprefix("=")),))
    except ExpressionError:
        return read_template(text)


def find_references(
    steps: list[Step], inputs: Mapping[str, Json], triggers: list[JsonObject]
) -> References:
    """Return what the top-level steps, and all inside them, read; with all problems."""
    found = References()
    names = [str(one.get("name")) for one in triggers if one.get("name")]
    _Walk(found, _all_names(steps)).visit(steps, {*inputs, *names, "inputs"})
    for cycle in _cycles(found.needs):
        chain = " → ".join([*cycle, cycle[0]])
        found.problems.append(Problem(cycle[0], f"the steps wait for each other: {chain}"))
    return found


@dataclass(slots=True)
class _Walk:
    """A walk over steps in the order in which they run."""

    found: References
    known: dict[str, Step]
    """Every step of the flow by its name."""

    def visit(self, steps: list[Step], visible: set[str]) -> set[str]:
        """Check a list of steps that run one after the other; return what is visible after it."""
        visible = set(visible)
        for step in steps:
            self._check(step, visible)
            visible |= self._after(step, visible)
        return visible

    def _after(self, step: Step, visible: set[str]) -> set[str]:
        """Check the steps inside a container, and return the names that it adds."""
        inner = list(inner_steps(step))
        if not inner:
            return {step.name}
        inside = {*visible, step.name} if step.word in REPEATING else visible
        lists: dict[str, list[Step]] = {}
        for one in inner:
            concurrent = step.word == "parallel"
            lists.setdefault(one.place if concurrent else one.slot, []).append(one)
        seen = [self.visit(steps, inside) for steps in lists.values()]
        if step.word in REPEATING:
            return {step.name}
        return {step.name}.union(*seen)

    def _check(self, step: Step, visible: set[str]) -> None:
        needs = self.found.needs.setdefault(step.name, set())
        for use in uses_of(step):
            self.found.warnings += [Problem(use.place, text) for text in use.template.problems]
            for path in sorted(use.template.reads, key=str):
                root = _root(path)
                if root in self.known:
                    needs.add(root)
                if root not in visible and (why := self._why(root, step)):
                    self.found.problems.append(Problem(use.place, why))

    def _why(self, root: str, step: Step) -> str | None:
        """Return why a step cannot read a name."""
        other = self.known.get(root)
        if other is None:
            return f"reads {root!r}, which no step, input or trigger is called" + did_you_mean(
                root, self.known
            )
        if other.name == step.name or step in other.containers:
            return f"reads {root!r}, which is not finished when this step starts"
        loops = [one for one in other.containers if one.word in REPEATING]
        if any(one not in step.containers for one in loops):
            return f"reads {root!r}, which runs many times inside {loops[0].name!r}"
        concurrent = set(map(id, step.containers)) & {
            id(one) for one in other.containers if one.word in CONCURRENT
        }
        when = "at the same time" if concurrent else "later"
        return f"reads {root!r}, which runs {when}"


def _root(path: Path) -> str:
    """Return the name that a path begins with; `metadata.ask_1.cost` reads `ask_1`."""
    if path[0] == _METADATA and len(path) > 1:
        return str(path[1])
    return str(path[0])


def _texts(value: Json, place: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, f"{place}.{key}" if place else str(key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, f"{place}[{index}]")


def _all_names(steps: list[Step]) -> dict[str, Step]:
    names: dict[str, Step] = {}
    for step in steps:
        names.setdefault(step.name, step)
        names |= {
            name: one
            for name, one in _all_names(list(inner_steps(step))).items()
            if name not in names
        }
    return names


def _cycles(needs: Mapping[str, set[str]]) -> Iterator[list[str]]:
    """Yield each group of steps that read each other in a circle, once, as one way around it."""
    from graphlib import CycleError, TopologicalSorter

    left = {name: set(others) - {name} for name, others in needs.items()}
    while True:
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
