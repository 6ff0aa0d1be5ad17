"""The check finds what keeps containers from running, and what stands beside the parameters."""

from __future__ import annotations

from typing import Any

import pytest

from openrouter_connector.errors import InputError
from openrouter_connector.flows.formats.containers import OPERATIONS
from openrouter_connector.flows.formats.picture import flow_picture
from support.flows import ask, flow, messages, task, warnings


def condition(*conditions: Any) -> dict[str, Any]:
    return task("c", "condition/v1", conditions=list(conditions), caseTrue=[ask("a", "x")])


@pytest.mark.parametrize(
    ("kind", "operation"), [(kind, one) for kind in OPERATIONS for one in OPERATIONS[kind]]
)
def test_every_comparison_of_bytechef_is_known(kind: str, operation: str) -> None:
    one = {"type": kind, "value1": "1", "operation": operation, "value2": "1"}
    assert messages(flow(condition([one, one], [one])).check()) == []


@pytest.mark.parametrize(
    ("comparison", "message"),
    [
        ({"type": "foo", "operation": "NOPE"}, ".type: must be one of boolean, dateTime, number"),
        ({"operation": "EQUALS"}, ".type: must be one of"),
        ({"type": ["number"]}, ".type: must be one of"),
        ({"type": "dateTime", "operation": "EQUALS"}, ".operation: must be one of AFTER, BEFORE"),
        ({"type": "string"}, ".operation: must be one of EQUALS, EQUALS_IGNORE_CASE"),
        (5, ": must be a comparison: {type, value1, operation, value2}"),
    ],
)
def test_a_comparison_that_is_none_is_a_problem_with_its_place(
    comparison: Any, message: str
) -> None:
    good = {"type": "number", "operation": "LESS"}
    (found,) = messages(flow(condition([good], [good, comparison])).check())
    assert found.startswith(f"tasks[0].parameters.conditions[1][1]{message}")


@pytest.mark.parametrize(
    ("conditions", "place"),
    [([], "conditions"), ([5], "conditions[0]"), ([[]], "conditions[0]")],
)
def test_a_condition_without_comparisons_is_a_problem(conditions: Any, place: str) -> None:
    (found,) = messages(flow(condition(*conditions)).check())
    assert found.startswith(f"tasks[0].parameters.{place}: must be a list of")


STOP = task("stop", "loopBreak/v1")
END = task("end", "terminate/v1")


def forever(name: str, *inside: Any) -> dict[str, Any]:
    return task(name, "loop/v1", loopForever=True, iteratee=list(inside))


@pytest.mark.parametrize(
    ("loop", "ends"),
    [
        (forever("l", ask("a", "x")), False),
        (forever("l", ask("a", "x"), STOP), True),
        (forever("l", task("e", "each/v1", items=[1], iteratee=[STOP])), True),
        (forever("l", task("in", "loop/v1", items=[1], iteratee=[STOP])), False),
        (forever("l", task("in", "loop/v1", items=[1], iteratee=[END])), True),
    ],
)
def test_a_loop_without_an_end_is_a_problem(loop: dict[str, Any], ends: bool) -> None:
    found = messages(flow(loop).check())
    assert found == (
        []
        if ends
        else [
            "tasks[0].parameters.loopForever: never ends: put a `loopBreak/v1` inside, "
            "in a condition"
        ]
    )


@pytest.mark.parametrize("word", ["each/v1", "map/v1", "loop/v1"])
@pytest.mark.parametrize(
    ("items", "kind"),
    [("${s}", "text"), ("=s", "text"), ("${v}", "a number"), ("=1", "a number"), ("${l}", "")],
)
def test_a_loop_over_what_is_no_list_is_a_problem(word: str, items: str, kind: str) -> None:
    loop = task("e", word, items=items, iteratee=[ask("a", "x")])
    found = flow(
        task("v", "var/v1/set", value=5),
        loop,
        inputs=[{"name": "s", "type": "string"}, {"name": "l"}],
    )
    expected = [f"tasks[1].parameters.items: must be a list, and {items!r} is {kind}"]
    assert messages(found.check()) == (expected if kind else [])


def test_what_stands_beside_the_parameters_is_read_and_does_not_run() -> None:
    tool = {"name": "t1", "type": "openAi/v1/ask", "parameters": {"userPrompt": "${nobody} ${a}"}}
    agent = {**ask("b", "x"), "extensions": {"clusterElements": {"tools": [tool], "memory": None}}}
    other = {
        **task("c", "aiAgent/v1/chat"),
        "clusterElements": {"model": {**tool, "clusterElements": {"rag": tool}}},
        "finalize": [tool],
    }
    found = flow(ask("a", "x"), agent, other)
    checked = found.check()

    places = [
        "tasks[1].extensions.clusterElements.tools[0]",
        "tasks[2].clusterElements.model",
        "tasks[2].clusterElements.model.clusterElements.rag",
        "tasks[2].finalize[0]",
    ]
    assert messages(checked) == []
    assert dict(checked.unsupported) == {
        "tasks[2]": "aiAgent/v1/chat", **dict.fromkeys(places, "openAi/v1/ask")
    }  # fmt: skip
    assert warnings(checked) == [
        f"{place}.parameters.userPrompt: reads 'nobody', which no step, input or trigger is called"
        for place in places
    ]
    assert "t1  tools: openAi/v1/ask, does not run here" in flow_picture(found)


def test_a_trigger_that_reads_nobody_is_a_warning() -> None:
    trigger = {"name": "t", "type": "x/v1/y", "parameters": {"url": "${nobody} ${n} =("}}
    checked = flow(ask("a", "${t.body}"), triggers=[trigger], inputs=[{"name": "n"}]).check()
    assert messages(checked) == []
    assert warnings(checked) == [
        "triggers[0].parameters.url: reads 'nobody', which no step, input or trigger is called"
    ]


def test_names_are_compared_in_their_places() -> None:
    checked = flow(
        ask("a", "x"),
        inputs=[{"name": "i"}, {"name": "i"}, {"name": "true"}, {}],
        triggers=[{"name": "t", "type": "x"}, {"name": "t", "type": "x"}, {"type": "x"}],
        outputs=[{"name": "o", "value": 1}, {"name": "o", "value": 2}],
    ).check()
    assert messages(checked) == [
        "inputs[1].name: 'i' is the name of inputs[0] too; give one of them another",
        "inputs[2].name: 'true' cannot be read by expressions; use letters, digits and _",
        "inputs[3].name: must be a text that is not empty",
        "triggers[1].name: 't' is the name of triggers[0] too; give one of them another",
        "outputs[1].name: 'o' is the name of outputs[0] too; give one of them another",
    ]


def test_a_name_that_no_expression_can_read_is_a_warning() -> None:
    assert warnings(flow(ask("my-step", "x")).check()) == [
        "tasks[0].name: 'my-step' cannot be read by expressions; use letters, digits and _"
    ]


def test_keys_of_cases_are_compared_as_json() -> None:
    cases: list[Any] = [{"key": key, "tasks": []} for key in (1, True, "1", 1.0, True)]
    found = messages(flow(task("b", "branch/v1", expression="x", cases=cases)).check())
    assert found == [
        "tasks[0].parameters.cases[3].key: 1.0 is the key of a case before",
        "tasks[0].parameters.cases[4].key: true is the key of a case before",
    ]


def test_steps_after_the_end_never_run() -> None:
    inner = task("c", "each/v1", items=[1], iteratee=[END, ask("late", "x")])
    assert warnings(flow(inner, ask("z", "x")).check()) == [
        "tasks[0].parameters.iteratee[1]: never runs: tasks[0].parameters.iteratee[0] ends the flow"
    ]


def test_metadata_that_no_call_has_is_a_warning() -> None:
    prompt = "${metadata.a.costs} ${metadata.a.cost} ${metadata.a.finishReason}"
    assert warnings(flow(ask("a", "x"), ask("b", prompt)).check()) == [
        "tasks[1].parameters.userPrompt: reads `metadata.a.costs`, but of no step is 'costs' "
        "known; did you mean 'cost'?"
    ]


def test_a_step_is_found_by_its_name_or_its_place() -> None:
    found = flow(ask("ask_1", "x"))
    assert found.step("ask_1").place == found.step("tasks[0]").place == "tasks[0]"
    with pytest.raises(InputError, match="did you mean 'ask_1'") as raised:
        found.step("ask_2")
    assert raised.value.problems[0].path == "step"
