"""Read n8n's Switch node: its rules in their order, and the output that each of them chooses."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from ....values import Json, JsonObject, an_object
from .n8n_comparisons import Test, old_comparison, read_test


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
