"""The document of a flow: the JSON that people exchange, with its steps in their places.

    flow = Flow.load("flow.json")       # or YAML, or the JSON of one action
    flow.step("ask_1").parameters
    flow.save("flow.yaml")

`check_flow` and `export_flow` take it; `flows/flow.py` has them as methods. The document is the
only state. It is kept as it was read, with unknown keys and in its order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

from ...errors import InputError, Problem
from ...suggest import did_you_mean
from ...values import Json, JsonObject
from .document import LARGEST, as_document, read_document, write_json, write_yaml
from .files import read_file, write_file
from .steps import Step, steps_of

MOST_STEPS = 20_000


@dataclass(frozen=True, eq=False)
class Flow:
    """A flow as a value. Two flows are equal if their documents hold equal data."""

    document: JsonObject
    """`{label, description, inputs, outputs, triggers, tasks}`, and keys that are not ours."""

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a file of JSON or YAML. FileError if it is unreadable, InputError if invalid."""
        return cls.from_json(read_document(read_file(Path(path), LARGEST + 1)))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read the text of a JSON or YAML file."""
        return cls.from_json(read_document(text))

    @classmethod
    def from_json(cls, document: Json) -> Self:
        """Take a document that was parsed: a flow, or one action as a flow of one step.

        InputError lists all problems of its structure, each with its place.
        """
        document = as_document(document)  # also a value that no file was read for
        if isinstance(document, dict) and "tasks" not in document and "type" in document:
            document = {"tasks": [document]}
        if problems := list(_structure_problems(document)):
            raise InputError(problems)
        flow = cls(document)
        if problems := list(_step_problems(flow.steps)):
            raise InputError(problems)
        return flow

    def __eq__(self, other: object) -> bool:
        """Compare the documents; the order of keys does not count."""
        return isinstance(other, Flow) and self.document == other.document

    __hash__ = None  # type: ignore[assignment]  # a document can be changed

    @property
    def label(self) -> str:
        """What a person reads; empty without a label."""
        label = self.document.get("label")
        return label if isinstance(label, str) else ""

    @property
    def inputs(self) -> Mapping[str, JsonObject]:
        """The inputs by name, each `{name, label, type, required, defaultValue …}`."""
        found = self.document.get("inputs") or ()
        return {name: one for one in found if (name := _name_of(one))}

    @property
    def outputs(self) -> Mapping[str, Json]:
        """The outputs by name, each a value that may hold expressions."""
        found = self.document.get("outputs") or ()
        return {name: one.get("value") for one in found if (name := _name_of(one))}

    @property
    def triggers(self) -> list[JsonObject]:
        """What starts the flow elsewhere; here it is started by a call."""
        return [one for one in self.document.get("triggers") or () if isinstance(one, dict)]

    @property
    def tasks(self) -> list[JsonObject]:
        """The tasks at the top."""
        found: list[JsonObject] = self.document.get("tasks") or []
        return found

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """All steps in the order of the document, those inside containers included."""
        return tuple(steps_of(self.tasks))

    def step(self, name: str) -> Step:
        """Return the first step of a name, or at a place such as `tasks[0]`. InputError if none."""
        for step in self.steps:
            if name in (step.name, step.place):
                return step
        known = [step.name for step in self.steps]
        raise InputError([Problem("step", f"there is no step {name!r}{did_you_mean(name, known)}")])

    def save(self, path: str | Path) -> None:
        """Write the flow to a file, as YAML if its name says so; never half of it. FileError."""
        file = Path(path)
        is_yaml = file.suffix.lower() in (".yaml", ".yml")
        write_file(file, self.to_yaml() if is_yaml else self.to_text())

    def to_text(self) -> str:
        """Return the document as JSON text."""
        return write_json(self.document)

    def to_yaml(self) -> str:
        """Return the document as YAML text."""
        return write_yaml(self.document)


def _name_of(declared: Json) -> str:
    """Return the name of an input or output; empty if it has none."""
    name = declared.get("name") if isinstance(declared, dict) else None
    return name if isinstance(name, str) else ""


def _structure_problems(document: Json) -> list[Problem]:
    if not isinstance(document, dict):
        return [Problem("", "a flow must be an object with tasks")]
    tasks = document.get("tasks")
    if not isinstance(tasks, list):
        return [Problem("tasks", "must be a list of steps")]
    problems = [
        Problem(f"tasks[{index}]", "must be an object with a type and parameters")
        for index, task in enumerate(tasks)
        if not isinstance(task, dict)
    ]
    for key in ("inputs", "outputs", "triggers"):
        if not isinstance(document.get(key) or [], list):
            problems.append(Problem(key, "must be a list"))
    return problems


def _step_problems(steps: tuple[Step, ...]) -> list[Problem]:
    """Find steps without a type, and parameters that are no object."""
    if len(steps) > MOST_STEPS:
        return [Problem("tasks", f"has more than {MOST_STEPS:,} steps")]
    problems = []
    for step in steps:
        if not step.type:
            problems.append(Problem(f"{step.place}.type", "must name what the step does"))
        parameters = step.task.get("parameters")
        if parameters is not None and not isinstance(parameters, dict):  # YAML writes null for none
            problems.append(Problem(f"{step.place}.parameters", "must be an object"))
    return problems
