"""Check a flow before it runs: its expressions, its order, its words and the forms of its actions.

Nothing is sent. What a call costs, and what the catalogue knows of its model, needs a session.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ...definition.form import Form
from ...definition.load import Definition, load_component
from ...errors import InputError, Problem
from ...values import Json, JsonObject
from .expressions.paths import WORDS
from .flow import Flow
from .output_schemas import output_schemas
from .references import find_references, uses_of
from .steps import Step

RUNS = {
    "branch/v1",
    "condition/v1",
    "each/v1",
    "fork-join/v1",
    "loop/v1",
    "loopBreak/v1",
    "loop-break/v1",
    "map/v1",
    "on-error/v1",
    "parallel/v1",
    "terminate/v1",
    "var/v1/set",
}
"""The types of steps that run here, beside the actions of the component."""
_RESERVED = {"inputs", "metadata"}


@dataclass(frozen=True, slots=True)
class FlowCheck:
    """What is known of a flow before it runs."""

    problems: tuple[Problem, ...]
    """What must be mended, each with its place in the document."""
    warnings: tuple[Problem, ...]
    """What should be looked at."""
    unsupported: Mapping[str, str]
    """The place of each step that will not run here, and its type."""
    needs: Mapping[str, tuple[str, ...]]
    """Each step with the steps that it reads."""
    outputs: Mapping[str, JsonObject]
    """The JSON Schema of each step's output; `{}` where nothing is known."""

    @property
    def can_run(self) -> bool:
        """Whether the flow can run as it is."""
        return not self.problems and not self.unsupported

    def to_json(self) -> JsonObject:
        """Return `{canRun, problems, warnings, unsupported, needs, outputs}`."""
        return {
            "canRun": self.can_run,
            "problems": [{"path": one.path, "message": one.message} for one in self.problems],
            "warnings": [{"path": one.path, "message": one.message} for one in self.warnings],
            "unsupported": [{"path": k, "type": v} for k, v in self.unsupported.items()],
            "needs": {name: list(others) for name, others in self.needs.items()},
            "outputs": dict(self.outputs),
        }


def check_flow(flow: Flow, definition: Definition | None = None) -> FlowCheck:
    """Check a flow against a definition, by default our own."""
    definition = definition or load_component()
    references = find_references(list(_top(flow)), flow.inputs, flow.triggers)
    problems = [*_name_problems(flow), *references.problems]
    for step in flow.steps:
        if step.word == definition.component.name:
            problems += _action_problems(step, definition)
    unsupported = {
        step.place: step.type
        for step in flow.steps
        if step.type not in RUNS and step.word != definition.component.name
    }
    return FlowCheck(
        tuple(dict.fromkeys(problems)),
        tuple(dict.fromkeys(references.warnings)),
        unsupported,
        {name: tuple(sorted(others)) for name, others in references.needs.items()},
        output_schemas(flow.steps, definition),
    )


def _top(flow: Flow) -> Iterator[Step]:
    return (step for step in flow.steps if step.container is None)


def _name_problems(flow: Flow) -> Iterator[Problem]:
    for step in flow.steps:
        if step.name in _RESERVED or step.name.lower() in WORDS:
            message = f"{step.name!r} means something else in expressions; choose another name"
            yield Problem(f"{step.place}.name", message)
        elif not step.name:
            yield Problem(f"{step.place}.name", "must name the step, so that others can read it")


def _action_problems(step: Step, definition: Definition) -> list[Problem]:
    component, (_, version, name) = definition.component, (*step.type.split("/"), "", "")[:3]
    if version != f"v{component.version}":
        own = f"this component has v{component.version}"
        return [Problem(f"{step.place}.type", f"{step.type!r} is of version {version}; {own}")]
    try:
        form = definition.form(name)
    except InputError as error:
        return [Problem(f"{step.place}.type", one.message) for one in error.problems]
    dynamic = {use.name for use in uses_of(step) if use.template.is_dynamic}
    return [
        Problem(f"{step.place}.parameters.{one.path}", one.message)
        for one in _form_problems(form, step.own_parameters, dynamic)
    ]


def _form_problems(form: Form, parameters: JsonObject, dynamic: set[str]) -> Iterator[Problem]:
    """Yield what is wrong with values that are known before the flow runs."""
    roots = {_root(path) for path in dynamic}
    try:
        form.accept(_without(parameters, dynamic, ""))
    except InputError as error:
        for problem in error.problems:
            if _root(problem.path) not in roots | _depending(form, roots):
                yield problem


def _depending(form: Form, roots: set[str]) -> set[str]:
    """Return the properties that are shown or required by values that are not known yet."""
    found = set()
    for prop in form.action.properties:
        for condition in (prop.condition, prop.required_if):
            if condition and roots & {_root(path) for path in condition.reads}:
                found.add(prop.name or "")
    return found


def _without(value: Json, dynamic: set[str], place: str) -> Json:
    """Return parameters without the values that expressions will fill."""
    if isinstance(value, dict):
        named = [(key, f"{place}.{key}" if place else str(key)) for key in value]
        return {
            key: _without(value[key], dynamic, inside)
            for key, inside in named
            if inside not in dynamic
        }
    if isinstance(value, list):
        items = [(item, f"{place}[{index}]") for index, item in enumerate(value)]
        return [_without(item, dynamic, inside) for item, inside in items if inside not in dynamic]
    return value


def _root(path: str) -> str:
    return path.split(".")[0].split("[")[0]
