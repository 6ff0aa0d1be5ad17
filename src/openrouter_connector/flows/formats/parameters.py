"""Check the parameters of our own actions, of which expressions fill some when the flow runs.

What is not known yet gets a placeholder, so that the form can check everything else; what the form
says about a placeholder, or about fields that it shows or hides, is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ...definition.form import Form
from ...definition.model import Property
from ...errors import InputError, Problem
from ...values import Json, JsonObject
from .expressions import Template
from .references import Use, uses_of
from .steps import Step

_ABSENT = object()


@dataclass(slots=True)
class StepParameters:
    """The parameters of a step for its form, and what is not known of them."""

    form: Form
    values: JsonObject
    dynamic: Mapping[str, Template]
    """The place of each text that an expression fills."""
    properties: dict[str, Property | None] = field(default_factory=dict)
    """The property at each of these places."""

    @classmethod
    def of(
        cls, form: Form, step: Step, text: str = "x", uses: Iterable[Use] | None = None
    ) -> StepParameters:
        """Return the parameters of a step, with `text` in place of each unknown text.

        `uses` are the texts of the step that hold expressions, if they were found before.
        """
        found_uses = uses_of(step) if uses is None else uses
        dynamic = {use.name: use.template for use in found_uses if use.template.is_dynamic}
        found = cls(form, {}, dynamic)
        if not dynamic:
            found.values = step.own_parameters
            return found
        known = {prop.name: prop for prop in form.action.properties}
        for name, value in step.own_parameters.items():
            filled = found._filled(known.get(name), value, str(name), text)
            if filled is not _ABSENT:
                found.values[name] = filled
        return found

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong with values that are known before the flow runs."""
        try:
            self.form.accept(self.values)
        except InputError as error:
            yield from filter(self.is_certain, error.problems)

    def is_certain(self, problem: Problem) -> bool:
        """Return whether a problem stays, whatever the expressions return."""
        path = problem.path
        for place in self.dynamic:
            if path == place or _is_inside(path, place) or _is_inside(place, path):
                return False
        return not self.dynamic or _root(path) not in self._depending

    @property
    def changes_only_texts(self) -> bool:
        """Whether expressions fill nothing but prose, whose length alone may change a cost."""
        return all(map(self._is_prose, self.properties))

    @property
    def only_adds(self) -> bool:
        """Whether expressions fill only prose and files, so that a call costs no less with them."""
        return all(
            self._is_prose(place) or "FILE_ENTRY" in _types(prop)
            for place, prop in self.properties.items()
        )

    def _is_prose(self, place: str) -> bool:
        prop = self.properties[place]
        if prop is None or prop.type != "STRING" or prop.options or prop.pattern:
            return False
        return prop.control_type == "TEXT_AREA" or _root(place) == self.form.action.main

    @property
    def _depending(self) -> set[str]:
        """The properties that are shown or required by values that are not known yet."""
        roots = {_root(path) for path in self.dynamic}
        found = set()
        for prop in self.form.action.properties:
            for condition in (prop.condition, prop.required_if):
                if condition and roots & {_root(path) for path in condition.reads}:
                    found.add(prop.name or "")
        return found

    def _filled(self, prop: Property | None, value: Json, place: str, text: str) -> Json:
        if template := self.dynamic.get(place):
            self.properties[place] = prop
            return _placeholder(prop, template, text)
        if isinstance(value, dict):
            known = {one.name: one for one in prop.properties} if prop else {}
            more = prop.additional_properties if prop else None
            filled = {
                key: self._filled(known.get(key, more), inner, f"{place}.{key}", text)
                for key, inner in value.items()
            }
            return {key: inner for key, inner in filled.items() if inner is not _ABSENT}
        if isinstance(value, list):
            items = prop.items if prop else None
            each = [
                self._filled(items, inner, f"{place}[{index}]", text)
                for index, inner in enumerate(value)
            ]
            return [inner for inner in each if inner is not _ABSENT]
        return value


def property_at(form: Form, place: str) -> Property | None:
    """Return the property of a place such as `messages[0].content`; None for an unknown one."""
    properties, found = {prop.name: prop for prop in form.action.properties}, None
    for part in place.split("."):
        name, *indexes = part.split("[")
        found = properties.get(name)
        for _ in indexes:
            found = found.items if found else None
        if found is None:
            return None
        properties = {prop.name: prop for prop in found.properties}
    return found


def _placeholder(prop: Property | None, template: Template, text: str) -> Json:
    """Return a value that a form accepts where it can, for a value that is not known."""
    kind = prop.type if prop else "ANY"
    if prop is None or kind == "ANY":
        return text
    if prop.choices:
        return prop.choices[0].value
    if kind == "STRING":
        known = "".join(part for part in template.parts if isinstance(part, str))
        return (known + text).ljust(prop.min_length or 0, "x")[: prop.max_length]
    if kind in ("NUMBER", "INTEGER"):
        return prop.min_value if prop.min_value is not None else min(1, prop.max_value or 1)
    if kind == "BOOLEAN":
        return False
    # No file is known: the call without one costs less, which the low side of an estimate needs.
    return {"ARRAY": [], "OBJECT": {}}.get(kind, _ABSENT)


def _types(prop: Property | None) -> set[str]:
    """Return the type of a property, and of the items of a list."""
    return {one.type for one in (prop, prop.items if prop else None) if one}


def _is_inside(path: str, place: str) -> bool:
    return path.startswith((f"{place}.", f"{place}["))


def _root(path: str) -> str:
    return path.split(".")[0].split("[")[0]
