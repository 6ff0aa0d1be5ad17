"""The values that a step can read, and the evaluation of its parameters.

names: inputs, steps that ran, the loops around the step     ──▶ parameters with their values
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from ...errors import InputError, Problem
from ...values import Json, JsonObject
from ..formats.expressions import ExpressionError, Template, read_condition, read_template
from ..formats.references import INPUTS, METADATA
from ..formats.steps import Step

_LONGEST_SHOWN = 200  # characters of a value in an error


@dataclass(slots=True)
class Scope:
    """Values by the names that expressions use."""

    inputs: JsonObject
    values: JsonObject = field(default_factory=dict)
    """The outputs of steps, and `{item, index}` of the loops around."""
    metadata: JsonObject = field(default_factory=dict)
    """What else is known of each step, by its name."""

    @property
    def names(self) -> JsonObject:
        """All names. A step hides an input of the same name, which `check` reports."""
        return {
            INPUTS: self.inputs, **self.inputs, METADATA: self.metadata, **self.values,
        }  # fmt: skip

    def within(self, name: str, value: Json) -> Scope:
        """Return a scope of its own for the steps inside a loop, with its current item."""
        return Scope(self.inputs, {**self.values, name: value}, dict(self.metadata))

    def add(self, name: str, output: Json, metadata: Json = None) -> None:
        """Add what a step returned."""
        self.values[name] = output
        if metadata is not None:
            self.metadata[name] = metadata

    def only(self, names: Iterable[str]) -> JsonObject:
        """Return what is visible under these names, as JSON: `{values, metadata}`."""
        chosen = set(names)
        return {
            "values": {key: value for key, value in self.values.items() if key in chosen},
            "metadata": {key: value for key, value in self.metadata.items() if key in chosen},
        }


def evaluated(step: Step, scope: Scope, *names: str) -> JsonObject:
    """Return the step's own parameters with their expressions evaluated; only `names`, if given.

    InputError names the parameter and its expression, and describes the values that it read.
    """
    own = step.own_parameters
    chosen = {name: own[name] for name in names if name in own} if names else own
    place = f"{step.name or step.place}.parameters"
    visible = scope.names
    return {key: _filled(value, visible, f"{place}.{key}") for key, value in chosen.items()}


def evaluated_value(value: Json, scope: Scope, place: str) -> Json:
    """Return any value of a flow, such as an output, with its expressions evaluated."""
    return _filled(value, scope.names, place)


def condition_holds(step: Step, scope: Scope) -> bool:
    """Return whether a `condition` step continues with `caseTrue`."""
    from .comparisons import all_hold

    own = step.own_parameters
    if own.get("rawExpression") is True:
        expression, place = own.get("expression"), f"{step.name}.parameters.expression"
        if not isinstance(expression, str):
            return bool(expression)
        return bool(_value(read_condition(expression), scope.names, place))
    groups = evaluated(step, scope, "conditions").get("conditions")
    place = f"{step.name}.parameters.conditions"
    return any(
        all_hold(group, f"{place}[{index}]")
        for index, group in enumerate(groups if isinstance(groups, list) else ())
    )


def _filled(value: Json, names: JsonObject, place: str) -> Json:
    if isinstance(value, str):
        if "${" not in value and not value.startswith("="):
            return value
        return _value(read_template(value), names, place)
    if isinstance(value, dict):
        return {key: _filled(inner, names, f"{place}.{key}") for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, names, f"{place}[{index}]") for index, inner in enumerate(value)]
    return value


def _value(template: Template, names: JsonObject, place: str) -> Json:
    try:
        return template.evaluate(names)
    except ExpressionError as error:
        found = "; ".join(_read_values(template, names))
        raise InputError([Problem(place, f"{error}{f' ({found})' if found else ''}")]) from None


def _read_values(template: Template, names: JsonObject) -> Iterable[str]:
    """Yield what each name in an expression was: enough to see the slip, and not a whole book."""
    for root in sorted({str(path[0]) for path in template.reads} - {METADATA}):
        text = json.dumps(names.get(root), ensure_ascii=False)
        yield f"{root} was {text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + '…'}"
