"""Plan the `branch/v1` into which an n8n Switch is converted: its cases and its expression.

{{ $json.type }} equals text | image        ─▶   ${type}                  keys text, image
{{ $json.n }} > 9 | {{ $json.n }} > 5       ─▶   =n > 9 ? '0' : n > 5 ? '1' : null
the number {{ $json.n }}                    ─▶   =int(n)                  keys 0, 1, 2 …
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from ....values import Json
from .n8n_comparisons import Test, negated
from .n8n_expressions import shortened
from .n8n_switch import Rule, Switch
from .texts import literal, pill, quoted

Outputs = frozenset[int]


@dataclass(frozen=True, slots=True)
class BranchPlan:
    """A branch before its tests are written as expressions."""

    cases: list[tuple[Json, Outputs]]
    """The key of each case, with the outputs of the Switch that lead to it."""
    text: Callable[[Sequence[str]], str]
    """Makes the expression of the branch from those of `value` and `tests`."""
    words: str
    """What decides, as n8n says it."""
    tests: tuple[Test, ...] = ()
    value: Json = None
    """A parameter of n8n that the expression reads before the tests."""
    default: Outputs | None = None
    """The outputs of the Switch that lead to `default`."""
    is_condition: bool = False
    """Whether there is one case, and the expression is true for it: a condition is enough."""


def plan_branch(switch: Switch, needed: list[Outputs]) -> BranchPlan:
    """Return the branch for sets of outputs, of which each becomes a case."""
    needed = sorted(needed, key=min)
    if switch.number is not None:
        return _by_number(switch, needed)
    switch = replace(switch, rules=_deciding(switch, needed))
    return _by_value(switch, needed) or _by_rules(switch, needed)


def plan_condition(switch: Switch, outputs: Outputs) -> BranchPlan:
    """Return the branch whose expression is true where a Switch chooses one of some outputs."""
    if switch.number is None:
        return _by_rules(replace(switch, rules=_deciding(switch, [outputs])), [outputs])
    numbers = ", ".join(map(str, sorted(outputs)))
    words = shortened(str(switch.number).removeprefix("="))

    def text(found: Sequence[str]) -> str:
        is_one = len(outputs) == 1
        return (
            f"int({found[0]}) == {numbers}"
            if is_one
            else f"contains({{{numbers}}}, int({found[0]}))"
        )

    return BranchPlan([(True, outputs)], text, words, value=switch.number, is_condition=True)


def _deciding(switch: Switch, needed: list[Outputs]) -> tuple[Rule, ...]:
    """Return the rules without those that change nothing for the needed outputs."""
    every = frozenset[int]().union(*needed)
    rules = list(switch.rules)
    if not switch.is_exclusive:  # the first rule that holds hides no other one
        others = [] if switch.fallback not in every else rules
        return (
            *(rule for rule in rules if rule.output in every),
            *(rule for rule in others if rule.output not in every),
        )
    if switch.fallback in every:
        return switch.rules
    while rules and rules[-1].output not in every:
        rules.pop()
    return tuple(rules)


def _by_number(switch: Switch, needed: list[Outputs]) -> BranchPlan:
    words = shortened(str(switch.number).removeprefix("="))
    if all(len(outputs) == 1 for outputs in needed):
        cases: list[tuple[Json, Outputs]] = [(min(outputs), outputs) for outputs in needed]
        return BranchPlan(cases, lambda found: f"=int({found[0]})", words, value=switch.number)
    cases = [(_key(switch, outputs), outputs) for outputs in needed]

    def text(found: Sequence[str]) -> str:
        chosen = [
            (f"contains({{{', '.join(map(str, sorted(outputs)))}}}, int({found[0]}))", key)
            for key, outputs in cases
        ]
        return _chain(chosen, None)

    return BranchPlan(cases, text, words, value=switch.number)


def _by_value(switch: Switch, needed: list[Outputs]) -> BranchPlan | None:
    """Return a branch on the one value that all rules compare with texts; None if they do not."""
    compared = [rule.test.comparisons[0] for rule in switch.rules if rule.test.comparisons]
    keys = [str(one.right).removeprefix("=") for one in compared]
    is_plain = all(
        len(rule.test.comparisons) == 1
        and (one.kind, one.operation) == ("string", "equals")
        and str(one.left).split() == str(compared[0].left).split()
        and isinstance(one.right, str)
        and not ("{{" in one.right or one.ignores_case)
        for rule, one in zip(switch.rules, compared, strict=False)
    )
    outputs = [rule.output for rule in switch.rules]
    is_single = len(compared) == len(outputs) == len({*outputs}) == len({*keys})
    if not (compared and all(keys) and is_plain and is_single and switch.is_exclusive):
        return None
    own = [frozenset((number,)) for number in outputs]
    rest = [one for one in needed if one not in own]
    if rest and (switch.fallback is None or rest != [frozenset((switch.fallback,))]):
        return None
    if switch.fallback in outputs and frozenset((switch.fallback,)) in needed:
        return None
    # A rule without a call needs a case only where `default` would run otherwise.
    cases: list[tuple[Json, Outputs]] = [
        (literal(key), one) for key, one in zip(keys, own, strict=True) if rest or one in needed
    ]
    write = _text_of if compared[0].is_loose else (lambda found: pill(found[0]))
    words = f"{shortened(str(compared[0].left).removeprefix('='))} equals {', '.join(keys)}"
    return BranchPlan(
        cases, write, words, value=compared[0].left, default=rest[0] if rest else None
    )


def _text_of(found: Sequence[str]) -> str:
    return f"=string({found[0]})"


def _by_rules(switch: Switch, needed: list[Outputs]) -> BranchPlan:
    """Return a branch whose expression says which rule is the first one that holds."""
    cases: list[tuple[Json, Outputs]] = [(_key(switch, outputs), outputs) for outputs in needed]

    def key_of(output: int | None) -> Json:
        return next((key for key, outputs in cases if output in outputs), None)

    def text(found: Sequence[str]) -> str:
        chosen = [
            (test, key_of(rule.output)) for test, rule in zip(found, switch.rules, strict=True)
        ]
        if not chosen:
            return ""  # without rules, no one knows what chooses the outputs
        last = key_of(switch.fallback)
        return _only(chosen, last) if len(cases) == 1 else _chain(chosen, last)

    return BranchPlan(
        [(literal(str(key)), outputs) for key, outputs in cases],
        text,
        "; ".join(map(_words, switch.rules)) or "no rule",
        tuple(rule.test for rule in switch.rules),
        is_condition=len(cases) == 1,
    )


def _only(chosen: Sequence[tuple[str, Json]], last: Json) -> str:
    """Return what holds if the first test that holds has a key: `not (a or b) and c`."""
    found = "" if last is None else "true"
    for is_needed, tests in groupby(reversed(chosen), lambda one: one[1] is not None):
        some = " or ".join(test for test, _ in reversed(list(tests)))
        if is_needed:
            found = f"{some} or {found}" if found and found != "true" else found or some
        else:
            opposite = negated(some)
            if found == "true":
                found = opposite
            elif found != opposite:
                found = f"{opposite} and {f'({found})' if ' or ' in found else found}"
    return found


def _chain(chosen: Sequence[tuple[str, Json]], last: Json) -> str:
    """Return `=a or b ? 'x' : c ? 'y' : null`."""
    parts = [
        f"{' or '.join(test for test, _ in tests)} ? {_value(key)} : "
        for key, tests in groupby(chosen, lambda one: one[1])
    ]
    return f"={''.join(parts)}{_value(last)}"


def _value(key: Json) -> str:
    return "null" if key is None else quoted(str(key))


def _key(switch: Switch, outputs: Outputs) -> str:
    return " or ".join(switch.name_of(output) for output in sorted(outputs))


def _words(rule: Rule) -> str:
    return f"output {rule.name or rule.output}: {rule.test}"
