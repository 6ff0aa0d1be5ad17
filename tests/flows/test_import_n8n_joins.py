"""A call to which several ways of an n8n workflow lead runs where n8n runs it, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from random import Random
from typing import Any

import pytest

from openrouter_connector.flows.formats import Imported
from openrouter_connector.flows.formats.expressions import read_condition, read_template
from support.n8n import NEW, X, Y, agent, compared, imported, messages, node, outline, rules

IF = node("If", "if", **NEW)
SECOND = node("Second", "if", **compared(X, "equals", "b"))
SWITCH = node("Switch", "switch", **rules(compared(X, "equals", "a"), compared(X, "equals", "b"),
                                          fallbackOutput="extra"))  # fmt: skip
MOOD = {"name": "Mood", "type": "@n8n/n8n-nodes-langchain.sentimentAnalysis", "parameters": {}}


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        ("Form > If, If:0 > A, If:1 > Second, Second:0 > A, Second:1 > B",
         [["If or Second", "state == 'new' or x == 'b'", {"caseTrue": ["A"]}],
          ["If", "state == 'new'", {"caseFalse": [["Second", "x == 'b'", {"caseFalse": ["B"]}]]}]]),
        ("Form > If, If:0 > A, If:1 > Switch, Switch:0 > B, Switch:2 > A",
         [["If", "state == 'new'", {"caseFalse": [["Switch", "${x}", {"a": ["B"]}]]}],
          ["If or Switch", "state == 'new' or not (x == 'a' or x == 'b')", {"caseTrue": ["A"]}]]),
        ("Form > If, Form > Second, If:0 > A, Second:0 > A, If:1 > B",
         [["If", "state == 'new'", {"caseFalse": ["B"]}],
          ["If or Second", "state == 'new' or x == 'b'", {"caseTrue": ["A"]}]]),
    ],
)  # fmt: skip
def test_a_call_behind_some_outputs_of_several_nodes_has_a_condition_of_its_own(
    links: str, expected: list[Any]
) -> None:
    found = imported(links, IF, SECOND, SWITCH, agent("A"), agent("B"))
    assert outline(found.flow.tasks) == expected
    assert found.flow.check().can_run
    assert messages(found) == []


def test_what_follows_a_join_is_in_its_condition() -> None:
    keep = node("Keep", "filter", **compared(Y, "equals", "c"))
    found = imported(
        "Form > If, If:0 > A, If:1 > Second, Second:0 > A, A > Keep, Keep > B, A > C",
        IF, SECOND, keep, agent("A"), agent("B"), agent("C"),
    )  # fmt: skip
    ((label, _, cases),) = outline(found.flow.tasks)
    assert label == "If or Second"
    assert sorted(cases["caseTrue"], key=str) == [
        "A",
        "C",
        ["Keep", "y == 'c'", {"caseTrue": ["B"]}],
    ]


def test_a_call_behind_all_outputs_of_nested_nodes_runs_in_any_case() -> None:
    links = "Form > If, If:0 > A, If:1 > Switch, Switch:0 > Second, Switch:1 > A, Switch:2 > A"
    found = imported(f"{links}, Second:0 > A, Second:1 > A", IF, SWITCH, SECOND, agent("A"))
    assert outline(found.flow.tasks) == ["A"]


def test_a_join_behind_what_an_expression_cannot_say_is_left_to_choose() -> None:
    found = imported(
        "Form > If, If:0 > A, If:1 > Mood, Mood:0 > A, Mood:1 > B", IF, MOOD, agent("A"), agent("B")
    )
    assert outline(found.flow.tasks)[-1] == ["If or Mood", "", {"caseTrue": ["A"]}]
    words = "output 0 of 'If', or output 0 of 'Mood'"
    message = (
        f"'If or Mood' decides by {words}, which an expression cannot say; write its expression"
    )
    assert message in messages(found)
    assert "tasks[1].parameters.caseTrue[0]" not in found.report.whole_calls


def test_more_ways_than_anyone_reads_are_left_to_choose() -> None:
    names = [f"If{number}" for number in range(12)]
    links = [f"Form > {name}, {name}:0 > A" for name in names]
    ifs = [node(name, "if", **compared(f"={{{{ $json.{name} }}}}", "equals", "x"))
           for name in names]  # fmt: skip
    found = imported(", ".join(links), *ifs, agent("A"))
    assert outline(found.flow.tasks) == [["Before A", "", {"caseTrue": ["A"]}]]
    words = "more than 8 ways that lead to 'A'"
    message = f"'Before A' decides by {words}, which an expression cannot say; write its expression"
    assert message in messages(found)
    assert found.report.whole_calls == ()
    told = "'If3' (if) decides with others by which way a call is reached; that is left to choose"
    assert told in messages(found, "dropped")


@pytest.mark.parametrize("seed", range(60))
def test_every_call_runs_for_the_values_for_which_n8n_runs_it(seed: int) -> None:
    links, choosing, calls = random_workflow(Random(seed))
    found = imported(", ".join(links), *choosing.values(), *map(agent, calls))
    assert found.flow.check().can_run
    for chosen in product("abz", repeat=len(choosing)):
        values = {f"of{name}": value for name, value in zip(choosing, chosen, strict=True)}
        run = {one["label"] for one in steps_that_run(found, values)}
        assert run == run_by_n8n(links, choosing, values) & {*calls}, values


KINDS = ("if", "filter", "switch", "all")


def random_workflow(random: Random) -> tuple[list[str], dict[str, Any], list[str]]:
    """Nodes that choose, each by a value of its own, and calls, linked at random."""
    kinds = {f"N{number}": random.choice(KINDS) for number in range(random.randint(2, 5))}
    calls = [f"C{number}" for number in range(random.randint(2, 5))]
    middle = random.sample([*kinds, *calls], len(kinds) + len(calls))
    links, before = [], ["Form:0"]
    for name in middle:
        starts = random.sample(before, min(len(before), random.randint(1, 3)))
        links += [f"{start} > {name}" for start in starts]
        outputs = {"if": 2, "filter": 1, "switch": 3, "all": 3}.get(kinds.get(name, ""), 1)
        before += [f"{name}:{output}" for output in range(outputs)]
    return links, {name: chooser(name, kind) for name, kind in kinds.items()}, calls


def chooser(name: str, kind: str) -> dict[str, Any]:
    first, second = (compared(f"={{{{ $json.of{name} }}}}", "equals", one) for one in "ab")
    if kind in ("if", "filter"):
        return node(name, kind, **first)
    given = rules(first, second, fallbackOutput="extra", allMatchingOutputs=kind == "all")
    return node(name, "switch", **given)


def run_by_n8n(
    links: list[str], choosing: Mapping[str, Any], values: Mapping[str, str]
) -> set[str]:
    """The nodes that run in n8n: those to which a link leads over which something goes."""
    run = {"Form"}
    for link in links:  # they are in the order of the nodes
        start, end = link.split(" > ")
        name, output = start.split(":")
        kind = choosing[name]["type"].rpartition(".")[2] if name in choosing else ""
        value = values.get(f"of{name}", "a")
        number = {"switch": "abz".index(value)}.get(kind, int(value != "a") if kind else 0)
        if name in run and int(output) == number:
            run.add(end)
    return run


def steps_that_run(found: Imported, values: Mapping[str, str]) -> Iterator[Any]:
    names = {one["name"]: values[str(one["name"])] for one in found.flow.document["inputs"]}

    def walk(tasks: list[Any]) -> Iterator[Any]:
        for task in tasks:
            given = task["parameters"]
            if task["type"] == "condition/v1":
                holds = read_condition(given["expression"]).evaluate(names)
                yield from walk(given["caseTrue" if holds else "caseFalse"])
            elif task["type"] == "branch/v1":
                key = read_template(given["expression"]).evaluate(names)
                cases = {case["key"]: case["tasks"] for case in given["cases"]}
                yield from walk(cases.get(key, given["default"]))
            else:
                yield task

    return walk(found.flow.tasks)
