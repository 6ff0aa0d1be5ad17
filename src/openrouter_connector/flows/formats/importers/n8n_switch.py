"""Read n8n's Switch node: its rules in their order, and the output that each of them chooses.

A Text Classifier is read as a Switch between the categories of its answer.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from ....values import Json, JsonObject, an_object
from .n8n_comparisons import Comparison, Test, old_comparison, read_test

OTHER = "Other"
"""The category of what fits no other one, if a Text Classifier has an output for it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A test, and the output for what passes it."""

    test: Test
    output: int
    name: str
    """What the output is called; empty without a name of its own."""


@dataclass(frozen=True, slots=True)
class Switch:
    """How a Switch node chooses its output: by rules, or by a number."""

    rules: tuple[Rule, ...] = ()
    fallback: int | None = None
    """The output for what passes no rule."""
    number: Json = None
    """The output itself, if it is computed; None with rules."""
    outputs: int = 0
    """How many outputs there are, if the output is computed."""
    is_exclusive: bool = True
    """Whether only the first rule that holds counts."""

    @property
    def all_outputs(self) -> set[int] | None:
        """The outputs of which one is chosen in any case; None if none may be."""
        if self.number is not None:
            return set(range(self.outputs))
        if self.fallback is None:
            return None
        return {self.fallback, *(rule.output for rule in self.rules)}

    def name_of(self, output: int) -> str:
        """Return the name of an output, or its number: the first is 0, as n8n counts."""
        return next((one.name for one in self.rules if one.output == output and one.name), "") or (
            "fallback" if output == self.fallback == len(self.rules) else str(output)
        )


def read_switch(parameters: JsonObject) -> Switch:
    """Return how a Switch of any version chooses."""
    if parameters.get("mode") == "expression":
        count = parameters.get("numberOutputs", parameters.get("outputsAmount", 4))
        number = parameters.get("output", "={{ $itemIndex }}")
        return Switch(number=number, outputs=count if isinstance(count, int) else 4)
    options, listed = an_object(parameters.get("options")), an_object(parameters.get("rules"))
    rules = [an_object(one) for one in _listed(listed.get("values") or listed.get("rules"))]
    names = Counter(str(one.get("outputKey") or "") for one in rules)
    found = tuple(
        Rule(_test_of(one, parameters), _output_of(one, index), _name_of(one, names))
        for index, one in enumerate(rules)
    )
    fallback = options.get("fallbackOutput", parameters.get("fallbackOutput", "none"))
    if fallback in ("extra", "last"):
        fallback = len(rules)
    is_output = isinstance(fallback, int) and fallback >= 0
    return Switch(
        found,
        fallback if is_output and isinstance(fallback, int) else None,
        is_exclusive=options.get("allMatchingOutputs") is not True,
    )


def read_classifier(name: str, parameters: JsonObject) -> Switch:
    """Return how a Text Classifier chooses: it hands on its items, and not its answer."""
    quote = next((one for one in "'\"`" if one not in name), "")
    answer = f"={{{{ $({quote}{name}{quote}).item.json.output.category }}}}"
    listed = _listed(an_object(parameters.get("categories")).get("categories"))
    names = [str(an_object(one).get("category", "")) for one in listed]
    rules = tuple(
        Rule(Test((Comparison("string", "equals", answer, category),)), index, category)
        for index, category in enumerate(names)
    )
    options = an_object(parameters.get("options"))
    fallback = len(rules) if has_other_category(parameters) else None
    return Switch(rules, fallback, is_exclusive=options.get("multiClass") is not True)


def has_other_category(parameters: JsonObject) -> bool:
    """Return whether a Text Classifier has an output for what fits no category."""
    return an_object(parameters.get("options")).get("fallback") == "other"


def _test_of(rule: JsonObject, parameters: JsonObject) -> Test:
    if "conditions" in rule:
        own = an_object(parameters.get("options"))
        return read_test({**rule, "options": {**own, **an_object(rule.get("options"))}})
    kind = str(parameters.get("dataType", "number"))
    values = {key: parameters[key] for key in ("value1",) if key in parameters}
    return Test((old_comparison(kind, {**rule, **values}),))


def _output_of(rule: JsonObject, index: int) -> int:
    """Return the output of a rule. In version 1 rules name theirs, the first one by default."""
    is_old = "conditions" not in rule and "outputKey" not in rule
    output = rule.get("output", 0 if is_old else index)
    return output if isinstance(output, int) else index


def _name_of(rule: JsonObject, names: Counter[str]) -> str:
    """Return the name of a rule's output, if no other has the same."""
    name = str(rule.get("outputKey") or "")
    return name if names[name] == 1 and not name.startswith("=") else ""


def _listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
