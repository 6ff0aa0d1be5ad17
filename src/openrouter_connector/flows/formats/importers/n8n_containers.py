"""Put the calls of an n8n workflow into containers: If and Filter are conditions, Switch a branch.

    Form ─▶ If ─true──▶ A      ─▶   condition/v1  caseTrue: [A]
              └─false─▶ B                         caseFalse: [B]

A node that chooses between nodes without a call becomes no container. A call to which several ways
lead has a condition of its own, which is true if one of them was taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ....values import Json, JsonObject, an_object
from ..expressions import read_condition, read_template
from .n8n_branches import BranchPlan, plan_branch, plan_condition
from .n8n_comparisons import Test, negated, read_test
from .n8n_expressions import Converter, shortened
from .n8n_guards import DEEPEST, SWITCHES, Guards
from .n8n_ways import MOST_WAYS, Choice, Either, Guard, Outputs
from .n8n_workflow import Workflow

_MOST_NAMES = 3  # of nodes in the label of a container
_KINDS = {"number": "number", "boolean": "boolean", "array": "array", "object": "object"}


def put_into_containers(
    this: Workflow, made: Mapping[str, JsonObject], guards: Guards
) -> tuple[list[JsonObject], dict[str, str]]:
    """Return the tasks of a flow, and where each call is now: `tasks[2]` is its place in a row."""
    top = _Level()
    for name in made:
        _add(top, name, guards, this)
    rows = {name: f"tasks[{index}]" for index, name in enumerate(made)}
    writer = _Writer(this, made, rows, guards)
    return writer.tasks(top, "tasks"), writer.moved


@dataclass(slots=True)
class _Level:
    """A list of a flow: calls and containers in their order."""

    items: list[str | _Box] = field(default_factory=list)
    boxes: dict[Choice | Either, list[_Box]] = field(default_factory=dict)
    """The containers of each choice."""


@dataclass(slots=True)
class _Box:
    """A container: a choice, with what runs for its outputs."""

    choice: Choice | Either
    cases: dict[Outputs, _Level]


def _add(level: _Level, name: str, guards: Guards, this: Workflow) -> None:
    found = guards.of(name)
    for guard in found[:DEEPEST]:
        level = _case(level, guard, is_exclusive=guards.is_exclusive(guard.choice))
    if len(found) > DEEPEST:
        message = f"more than {DEEPEST} nodes decide whether it runs; the others are left out"
        this.fixes.choose(this.graph.places[name], "", message)
    level.items.append(name)


def _case(level: _Level, guard: Guard, *, is_exclusive: bool) -> _Level:
    """Return the list for some outputs: of a container that is there, or of a new one."""
    boxes = level.boxes.setdefault(guard.choice, [])
    for box in boxes:
        if guard.outputs in box.cases:
            return box.cases[guard.outputs]
        is_free = not any(guard.outputs & outputs for outputs in box.cases)
        if is_free and is_exclusive:
            return box.cases.setdefault(guard.outputs, _Level())
    box = _Box(guard.choice, {guard.outputs: _Level()})
    boxes.append(box)
    level.items.append(box)
    return box.cases[guard.outputs]


@dataclass(slots=True)
class _Writer:
    this: Workflow
    made: Mapping[str, JsonObject]
    rows: Mapping[str, str]
    """Where each call was before: its place among all of them."""
    guards: Guards
    moved: dict[str, str] = field(default_factory=dict)

    def tasks(self, level: _Level, place: str) -> list[JsonObject]:
        found: list[JsonObject] = []
        for index, one in enumerate(level.items):
            here = f"{place}[{index}]"
            if isinstance(one, _Box):
                found.append(self._container(one, here))
            else:
                self.moved[self.rows[one]] = here
                found.append(self.made[one])
        return found

    def _container(self, box: _Box, here: str) -> JsonObject:
        label = _label(box.choice)
        task: JsonObject = {"label": label, "name": self.this.names.take(label, "condition")}
        if isinstance(box.choice, Either):
            return task | self._of_either(box, box.choice, here)
        return task | self._of_choice(box, box.choice, here)

    def _of_choice(self, box: _Box, choice: Choice, here: str) -> JsonObject:
        kind = self._kind(choice)
        if not kind:
            return self._of_unknown(box, choice, here)
        if kind in SWITCHES:
            return self._of_switch(box, choice, here)
        test = read_test(self._parameters(choice.node))
        written = self._expression(choice.node, (test,), here)
        expression = written[0] if written else ""
        return self._condition(box, here, expression, str(test), [_outputs(0), _outputs(1)])

    def _of_either(self, box: _Box, either: Either, here: str) -> JsonObject:
        """Return a condition that is true if one of several ways was taken."""
        plans = {pair: self._plan(*pair) for way in either.ways for pair in way}
        expression = ""
        if all(plan is not None and _can_say(plan) for plan in plans.values()):
            said = {
                pair: plan.text(self._expression(pair[0].node, plan.tests, here, plan.value) or [])
                for pair, plan in plans.items()
                if plan is not None
            }
            expression = " or ".join(
                " and ".join(_grouped(said[pair]) if len(way) > 1 else said[pair] for pair in way)
                for way in either.ways
            )
        words = ", or ".join(" and ".join(_words(*pair) for pair in way) for way in either.ways)
        return self._condition(box, here, expression, words, [_outputs(0)])

    def _plan(self, choice: Choice, outputs: Outputs) -> BranchPlan | None:
        """Return what is true if a node chooses one of some outputs; None if no test says it."""
        kind = self._kind(choice)
        if kind in SWITCHES:
            return plan_condition(self.guards.switch(choice.node), outputs)
        if not kind:
            return None
        test, is_true = read_test(self._parameters(choice.node)), outputs == _outputs(0)

        def text(found: Sequence[str]) -> str:
            return found[0] if is_true else negated(found[0])

        return BranchPlan([(True, outputs)], text, str(test), (test,), is_condition=True)

    def _kind(self, choice: Choice) -> str:
        """Return the type of a node that chooses by tests; empty for any other choice."""
        kind = self.this.graph.type_of(choice.node)
        is_known = not (choice.is_error or choice.is_join) and kind != "sentimentAnalysis"
        return kind if is_known else ""

    def _of_unknown(self, box: _Box, choice: Choice, here: str) -> JsonObject:
        """Return a condition that a person must write: for an error, or a mood of a text."""
        (outputs,) = box.cases
        words = "an error of its own" if choice.is_error else f"its {_numbers(outputs)}"
        if choice.is_join:
            words = f"more than {MOST_WAYS} ways that lead to {choice.node!r}"
        return self._condition(box, here, "", words, [outputs])

    def _of_switch(self, box: _Box, choice: Choice, here: str) -> JsonObject:
        node = choice.node
        plan = plan_branch(self.guards.switch(node), list(box.cases))
        written = self._expression(node, plan.tests, here, plan.value)
        text = plan.text(written) if written is not None else ""
        if plan.is_condition:
            return self._condition(box, here, text, plan.words, [plan.cases[0][1]])
        if not text or read_template(text).problems:
            text = ""
        self._report(choice, "branch/v1", here, plan.words, text)
        parameters: JsonObject = {"expression": text} if text else {}
        parameters |= self._cases(box, plan, f"{here}.parameters")
        task: JsonObject = {"type": "branch/v1", "parameters": parameters}
        return task if text else task | _kept(plan.words)

    def _condition(
        self, box: _Box, here: str, expression: str, words: str, outputs: list[Outputs]
    ) -> JsonObject:
        """Return a condition; `outputs` are what its two cases stand for."""
        if read_condition(expression).problems:
            expression = ""
        self._report(box.choice, "condition/v1", here, words, expression)
        parameters: JsonObject = {"rawExpression": True, "expression": expression}
        for slot, one in zip(("caseTrue", "caseFalse"), [*outputs, _outputs()], strict=False):
            level = box.cases.get(one, _Level())
            parameters[slot] = list[Json](self.tasks(level, f"{here}.parameters.{slot}"))
        task: JsonObject = {"type": "condition/v1", "parameters": parameters}
        return task if expression else task | _kept(words)

    def _cases(self, box: _Box, plan: BranchPlan, at: str) -> JsonObject:
        cases: list[Json] = []
        for key, outputs in plan.cases:
            place = f"{at}.cases[{len(cases)}].tasks"
            level = box.cases.get(outputs, _Level())
            cases.append({"key": key, "tasks": list[Json](self.tasks(level, place))})
        default = box.cases.get(plan.default, _Level()) if plan.default else _Level()
        return {"cases": cases, "default": list[Json](self.tasks(default, f"{at}.default"))}

    def _expression(
        self, node: str, tests: Iterable[Test], here: str, value: Json = None
    ) -> list[str] | None:
        """Return tests, and a value, as expressions; None if an expression cannot say one."""
        # Tried first without effect: what is refused half-way makes no inputs.
        if None in _tried(tests, value):
            return None
        source = f"{self.this.graph.places[node]}.parameters"
        converter = self.this.converter(node, source, f"{here}.parameters.expression")
        found = _written(converter, tests, value)
        for test in tests:
            for read, kind, may_be_missing in test.values(converter):
                self.this.inputs.narrow(read, _KINDS.get(kind, "string"))
                if may_be_missing:
                    self.this.optional.add(read)
        # Inside the quotes of a condition, `${` would begin a pill.
        return [str(one).replace("${", "$' + '{") for one in found]

    def _report(
        self, choice: Choice | Either, kind: str, here: str, words: str, expression: str
    ) -> None:
        places, fixes = self.this.graph.places, self.this.fixes
        by = f": {shortened(expression)}" if expression else ""
        chosen = _choices(choice)
        part = "a part of " if isinstance(choice, Either) else ""
        for one in chosen:
            what = self.this.graph.type_of(one.node)
            what = "error output of" if one.is_error else "join before" if one.is_join else what
            message = f"the {what} {one.node!r} is {part}{kind}{by}"
            fixes.converted(places[one.node], here, message)
        if not expression:
            message = f"decides by {words}, which an expression cannot say; write its expression"
            place = f"{here}.parameters.expression"
            fixes.choose(places[chosen[0].node], place, f"{_label(choice)!r} {message}")

    def _parameters(self, node: str) -> JsonObject:
        return an_object(self.this.graph.nodes[node].get("parameters"))


def _written(converter: Converter, tests: Iterable[Test], value: Json) -> list[str | None]:
    values = [] if value is None else [converter.expression(value)]
    return [*values, *(test.expression(converter) for test in tests)]


def _tried(tests: Iterable[Test], value: Json) -> list[str | None]:
    return _written(Converter(lambda read: "x", lambda code: None), tests, value)


def _can_say(plan: BranchPlan) -> bool:
    tried = _tried(plan.tests, plan.value)
    return None not in tried and bool(plan.text(list(map(str, tried))))


def _grouped(expression: str) -> str:
    return f"({expression})" if " or " in expression else expression


def _choices(choice: Choice | Either) -> list[Choice]:
    """Return the choices of which a container is made, each once."""
    if isinstance(choice, Choice):
        return [choice]
    return list(dict.fromkeys(one for way in choice.ways for one, _ in way))


def _label(choice: Choice | Either) -> str:
    if isinstance(choice, Choice):
        return f"Before {choice.node}" if choice.is_join else choice.node
    names = list(dict.fromkeys(one.node for one in _choices(choice)))
    return " or ".join(names if len(names) <= _MOST_NAMES else [*names[:_MOST_NAMES], "others"])


def _words(choice: Choice, outputs: Outputs) -> str:
    """Return a choice as a person reads it: `output 0 of 'If'`."""
    if choice.is_join:
        return f"a way to {choice.node!r}"
    return f"{'an error' if choice.is_error else _numbers(outputs)} of {choice.node!r}"


def _numbers(outputs: Outputs) -> str:
    return f"output {' or '.join(map(str, sorted(outputs)))}"


def _outputs(*numbers: int) -> Outputs:
    return frozenset(numbers)


def _kept(words: str) -> JsonObject:
    """Return metadata with what decides in n8n."""
    return {"metadata": {"n8n": {"decides": words}}}
