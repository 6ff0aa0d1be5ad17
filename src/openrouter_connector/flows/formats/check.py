"""Check a flow before it runs: its expressions, its order, its words and the forms of its actions.

Nothing is sent. What a call costs, and what the catalogue knows of its model, needs a session:
`flows/preflight.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ...definition.form import Form
from ...definition.load import Definition, load_component
from ...errors import InputError, Problem
from ...suggest import did_you_mean
from ...values import METADATA_KEYS, JsonObject
from .containers import container_problems, container_warnings
from .expressions import Template, path_text, read_template
from .flow import Flow
from .names import name_problems, name_warnings
from .output_schemas import Schemas, kind_of, output_schemas, schema_at, template_schema
from .parameters import StepParameters, property_at
from .references import (
    METADATA,
    Read,
    References,
    Use,
    find_references,
    texts_in,
)
from .steps import REPEATING, Step, steps_beside

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
    """Each step with the steps that it reads, and the container that it is inside."""
    outputs: Mapping[str, JsonObject]
    """The JSON Schema of each step's output; `{}` where nothing is known."""

    @property
    def can_run(self) -> bool:
        """Whether the flow can run as it is."""
        return not self.problems and not self.unsupported

    @property
    def obstacles(self) -> tuple[Problem, ...]:
        """All that keeps the flow from running: its problems, and words that do not run here."""
        words = (
            Problem(f"{place}.type", f"{kind!r} does not run here")
            for place, kind in self.unsupported.items()
        )
        return (*self.problems, *words)

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
    component = definition.component.name
    references = find_references(flow.steps, flow.inputs, flow.triggers, list(_outputs(flow)))
    schemas = output_schemas(flow.steps, definition, flow.inputs)
    problems = [*name_problems(flow), *references.problems]
    warnings = [*name_warnings(flow), *references.warnings, *_missing_fields(references, schemas)]
    for step in flow.steps:
        if step.word == component:
            uses = references.uses[step.place]
            problems += _action_problems(step, definition, uses)
            warnings += _type_warnings(step, definition, uses, schemas)
        else:
            problems += container_problems(step)
            problems += _items_problems(step, schemas)
            warnings += container_warnings(step)
    warnings += _never_run(flow.steps)
    unsupported = {
        step.place: step.type
        for step in flow.steps
        if step.type not in RUNS and step.word != component
    }
    unsupported |= {
        beside.place: beside.type for step in flow.steps for beside in steps_beside(step)
    }
    return FlowCheck(
        tuple(dict.fromkeys(problems)),
        tuple(dict.fromkeys(warnings)),
        unsupported,
        {name: tuple(sorted(others)) for name, others in references.needs.items()},
        schemas.outputs,
    )


def form_of(step: Step, definition: Definition) -> Form:
    """Return the form of a step that calls an action of the component. InputError if none does."""
    component = definition.component
    parts = step.type.split("/")
    if len(parts) != 3 or not parts[2]:
        example = component.type_of(component.actions[0])
        message = f"{step.type!r} must name an action, such as {example!r}"
        raise InputError([Problem(f"{step.place}.type", message)])
    if parts[1] != f"v{component.version}":
        own = f"this component has v{component.version}"
        message = f"{step.type!r} is of version {parts[1]}; {own}"
        raise InputError([Problem(f"{step.place}.type", message)])
    try:
        return definition.form(parts[2])
    except InputError as error:
        where = f"{step.place}.type"
        raise InputError([Problem(where, one.message) for one in error.problems]) from None


def _outputs(flow: Flow) -> Iterator[Use]:
    """Yield the texts of the flow's outputs that hold expressions."""
    listed = flow.document.get("outputs") or ()
    for index, one in enumerate(listed):
        value = one.get("value") if isinstance(one, dict) else None
        for place, text in texts_in(value, f"outputs[{index}].value"):
            if "${" in text or text.startswith("="):
                yield Use(None, place, read_template(text))


def _action_problems(step: Step, definition: Definition, uses: Sequence[Use]) -> list[Problem]:
    try:
        form = form_of(step, definition)
    except InputError as error:
        return list(error.problems)
    return [
        Problem(f"{step.place}.parameters.{one.path}", one.message)
        for one in StepParameters.of(form, step, uses=uses).problems()
    ]


def _missing_fields(references: References, schemas: Schemas) -> Iterator[Problem]:
    """Yield a warning for each path that surely leads nowhere, and so returns null."""
    for read in references.reads:
        if read.path[0] == METADATA:
            yield from _missing_metadata(read)
            continue
        name, is_loop = str(read.path[0]), read.source.word in REPEATING
        _, why = schema_at(read.path, {name: schemas.of(name, is_item=read.is_item)})
        if why and is_loop and not read.is_item and read.source.word != "map":
            why = f"{name!r} offers its item only to the steps inside it"
        if why:
            yield Problem(read.use.place, f"reads `{path_text(read.path)}`, but {why}")


def _missing_metadata(read: Read) -> Iterator[Problem]:
    """Yield a warning for a field that is not known of any call: `${metadata.ask_1.costs}`."""
    field = read.path[2] if len(read.path) > 2 else None
    if isinstance(field, str) and field not in METADATA_KEYS:
        hint = did_you_mean(field, METADATA_KEYS)
        message = f"reads `{path_text(read.path)}`, but of no step is {field!r} known{hint}"
        yield Problem(read.use.place, message)


def _never_run(steps: Sequence[Step]) -> Iterator[Problem]:
    """Yield a warning for the step after each one that ends the flow."""
    for step, after in pairwise(steps):
        is_next = after.container == step.container and after.slot == step.slot
        if step.word == "terminate" and is_next:
            yield Problem(after.place, f"never runs: {step.place} ends the flow")


def _items_problems(step: Step, schemas: Schemas) -> Iterator[Problem]:
    """Yield a problem for a loop over what is known to be no list."""
    items = step.parameters.get("items")
    if step.word not in REPEATING or not isinstance(items, str):
        return
    template = read_template(items)
    if not template.is_dynamic or len(template.parts) > 1:
        return  # text, which is a problem already
    kind = kind_of(template_schema(template, _known_to(step, template, schemas)))
    if kind not in ("", "a list"):
        place = f"{step.place}.parameters.items"
        yield Problem(place, f"must be a list, and {items!r:.60} is {kind}")


def _known_to(step: Step, template: Template, schemas: Schemas) -> dict[str, JsonObject]:
    """Return the schemas of the names that a text of a step reads."""
    loops = {one.name for one in step.containers}
    names = {str(path[0]) for path in template.reads}
    return {name: schemas.of(name, is_item=name in loops) for name in names}


def _type_warnings(
    step: Step, definition: Definition, uses: Sequence[Use], schemas: Schemas
) -> Iterator[Problem]:
    """Yield a warning for each expression whose value does not fit its parameter."""
    try:
        form = form_of(step, definition)
    except InputError:
        return
    for use in uses:
        prop = property_at(form, use.name)
        if prop is None or not use.template.is_dynamic:
            continue
        known = _known_to(step, use.template, schemas)
        kind = kind_of(template_schema(use.template, known))
        takes = _FITS.get(prop.type)
        if takes and kind and kind not in takes:
            message = f"takes {_TAKES[prop.type]}, and {use.template.text!r:.60} is {kind}"
            advice = _ADVICE.get(prop.type, "")
            yield Problem(use.place, f"{message}{advice}")


_TAKES = {
    "STRING": "text", "NUMBER": "a number", "INTEGER": "a number", "BOOLEAN": "true or false",
    "FILE_ENTRY": "a file", "ARRAY": "a list", "OBJECT": "an object",
}  # fmt: skip
_FITS = {
    "STRING": {"text"}, "NUMBER": {"a number"}, "INTEGER": {"a number"},
    "BOOLEAN": {"true or false"}, "FILE_ENTRY": {"a file", "text", "an object"},
    "ARRAY": {"a list"}, "OBJECT": {"an object"},
}  # fmt: skip
_ADVICE = {"STRING": "; choose one of its fields, or put it inside a text"}
