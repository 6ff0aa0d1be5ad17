"""What each word of a flow does when it runs."""

from __future__ import annotations

from typing import Any

import pytest

from openrouter_connector.flows.runs.comparisons import all_hold
from support.flows import task
from support.runs import Running, echo, said, var


def condition(name: str, expression: str, yes: list[Any], no: list[Any]) -> dict[str, Any]:
    return task(
        name, "condition/v1", rawExpression=True, expression=expression, caseTrue=yes, caseFalse=no
    )


def test_a_step_reads_the_outputs_of_those_before_it(running: Running) -> None:
    found = running.value(
        echo("one", "first"), echo("two", "second, after ${one}"), output="${two}"
    )
    assert said(found).startswith("second, after ")
    assert said(found).endswith("You said: first")


def test_without_declared_outputs_each_step_at_the_top_is_one(running: Running) -> None:
    found = running.result(var("a", 1), var("b", "=a + 1"))
    assert found.outputs == {"a": 1, "b": 2}


def test_steps_that_do_not_need_each_other_run_side_by_side(running: Running) -> None:
    events = running.events(echo("a", "one"), echo("b", "two"), echo("c", "${a} ${b}"))
    order = [(event["type"], event["place"]) for event in events if event["place"]]
    assert {order[0], order[1]} == {("started", "a"), ("started", "b")}
    assert order.index(("started", "c")) > order.index(("result", "a"))
    assert order.index(("started", "c")) > order.index(("result", "b"))


@pytest.mark.parametrize(("holds", "chosen"), [("${x} > 1", "big"), ("${x} > 5", "small")])
def test_a_condition_runs_one_of_its_lists(running: Running, holds: str, chosen: str) -> None:
    steps = (
        var("x", 3),
        condition("c", holds, [var("size", "big")], [var("size", "small")]),
    )
    assert running.value(*steps, output="${size}") == chosen


def test_a_structured_condition_holds_if_one_list_of_comparisons_holds(running: Running) -> None:
    number = {"type": "number", "value1": "${x}", "operation": "GREATER", "value2": 5}
    text = {"type": "string", "value1": "${name}", "operation": "STARTS_WITH", "value2": "A"}
    step = task(
        "c", "condition/v1", conditions=[[number], [text]],
        caseTrue=[var("found", True)], caseFalse=[var("found", False)],
    )  # fmt: skip
    steps = (var("x", 3), var("name", "Ann"), step)
    assert running.value(*steps, output="${found}") is True


@pytest.mark.parametrize(
    ("kind", "one", "operation", "other", "holds"),
    [
        ("boolean", True, "EQUALS", "true", True),
        ("boolean", "false", "NOT_EQUALS", True, True),
        ("dateTime", "2026-11-02T10:00:00", "AFTER", "2026-11-02T09:00:00", True),
        ("dateTime", "2026-11-02", "BEFORE", "2026-11-01", False),
        ("number", "2.0", "EQUALS", 2, True),
        ("number", 2, "NOT_EQUALS", 3, True),
        ("number", 2, "LESS", 2, False),
        ("number", 2, "LESS_EQUALS", 2, True),
        ("number", 2, "GREATER_EQUALS", 3, False),
        ("string", "abc", "CONTAINS", "b", True),
        ("string", "abc", "NOT_CONTAINS", "b", False),
        ("string", "abc", "ENDS_WITH", "bc", True),
        ("string", "ABC", "EQUALS_IGNORE_CASE", "abc", True),
        ("string", None, "EMPTY", None, True),
        ("string", "order 66", "REGEX", r"order \d+", True),
        ("string", "an order 66", "REGEX", r"order \d+", False),
    ],
)
def test_comparisons_hold(kind: str, one: Any, operation: str, other: Any, holds: bool) -> None:
    comparison = {"type": kind, "value1": one, "operation": operation, "value2": other}
    assert all_hold([comparison], "c") is holds


def test_a_comparison_that_cannot_be_made_names_its_place(running: Running) -> None:
    number = {"type": "number", "value1": "${x}", "operation": "GREATER", "value2": 5}
    step = task("c", "condition/v1", conditions=[[number]], caseTrue=[], caseFalse=[])
    failed = running.failure(var("x", "many"), step)
    assert failed.place == "c"
    assert "c.parameters.conditions[0][0].value1: is no number" in failed.error["message"]


def test_map_returns_the_last_output_for_each_item_in_their_order(running: Running) -> None:
    step = task("m", "map/v1", items="=range(1, 7)", iteratee=[echo("q", "item ${m.item}")])
    found = running.value(step, output="${m}")
    assert [said(one) for one in found] == [f"item {number}" for number in range(1, 8)]


def test_map_runs_several_steps_for_each_item(running: Running) -> None:
    step = task(
        "m", "map/v1", items=["a", "b"],
        iteratee=[echo("q", "item ${m.item} ${m.index}"), var("v", "${q} of ${start}")],
    )  # fmt: skip
    found = running.value(var("start", "list"), step, output="${m}")
    assert [said(one) for one in found] == ["item a 0 of list", "item b 1 of list"]


@pytest.mark.parametrize("word", ["each/v1", "map/v1", "loop/v1"])
def test_a_loop_over_nothing_runs_nothing(running: Running, word: str) -> None:
    events = running.events(task("e", word, items=[], iteratee=[echo("q", "x")]))
    assert "q" not in {event.get("step") for event in events}
    assert events[-1]["status"] == "succeeded"


def test_a_loop_over_a_text_fails_and_says_what_it_got(running: Running) -> None:
    loop = task("e", "each/v1", items="${metadata.a.model}", iteratee=[echo("q", "x")])
    failed = running.failure(echo("a", "x"), loop)
    assert failed.place == "e"
    assert "e.parameters.items: must be a list, and is a text" in failed.error["message"]


def test_a_loop_keeps_its_variables_and_ends_at_a_break(running: Running) -> None:
    step = task(
        "l", "loop/v1", loopForever=True,
        iteratee=[
            var("sum", "=sum + l.index"),
            condition("c", "${sum} >= 6", [task("stop", "loopBreak/v1")], []),
        ],
    )  # fmt: skip
    assert running.value(var("sum", 0), step, output="${sum}") == 6


def test_parallel_steps_are_visible_afterwards(running: Running) -> None:
    step = task("p", "parallel/v1", tasks=[echo("a", "one"), echo("b", "two")])
    found = running.value(step, output="=a + '|' + b")
    assert [said(one) for one in found.split("|")] == ["one", "two"]


def test_each_branch_of_a_fork_runs_its_steps_in_order(running: Running) -> None:
    branches = [[echo("a", "one"), var("a2", "${a}!")], [echo("b", "two")]]
    step = task("f", "fork-join/v1", branches=branches)
    found = running.value(step, output="=a2 + '|' + b")
    assert [said(one) for one in found.split("|")] == ["one!", "two"]


@pytest.mark.parametrize(("key", "chosen"), [("tech", 1), ("food", 2), ("art", 0)])
def test_a_branch_runs_the_case_of_its_value(running: Running, key: str, chosen: int) -> None:
    step = task(
        "b", "branch/v1", expression="${kind}", default=[var("v", 0)],
        cases=[{"key": "tech", "tasks": [var("v", 1)]}, {"key": "food", "tasks": [var("v", 2)]}],
    )  # fmt: skip
    assert running.value(var("kind", key), step, output="${v}") == chosen


def failing(name: str, **more: Any) -> dict[str, Any]:
    return echo(name, "x", **more) | {
        "parameters": {"model": "sandbox/server-error", "userPrompt": "x"}
    }


def test_on_error_runs_the_second_list_and_offers_the_error(running: Running) -> None:
    step = task(
        "o", "on-error/v1",
        **{"main-branch": [failing("bad")], "on-error-branch": [var("why", "${o.error.type}")]},
    )  # fmt: skip
    assert running.value(step, output="${why}") == "UnavailableError"


def test_on_error_runs_only_the_first_list_if_nothing_fails(running: Running) -> None:
    branches = {"main-branch": [var("v", 1)], "on-error-branch": [var("v", 2)]}
    assert running.value(task("o", "on-error/v1", **branches), output="${v}") == 1


def test_a_step_that_may_fail_is_null_and_has_its_error_in_the_metadata(running: Running) -> None:
    found = running.value(
        failing("bad", onError="continue"),
        var("v", "=bad == null ? metadata.bad.error.type : 'fine'"),
        output="${v}",
    )
    assert found == "UnavailableError"


def test_terminate_ends_the_flow(running: Running) -> None:
    steps = (var("v", 1), condition("c", "true", [task("t", "terminate/v1")], []), var("v", 2))
    assert running.value(*steps, output="${v}") == 1


def test_terminate_inside_an_item_ends_the_flow(running: Running) -> None:
    inner = [echo("q", "x"), task("t", "terminate/v1")]
    steps = (task("e", "each/v1", items=[1], iteratee=inner), var("v", "after"))
    assert running.value(*steps, output="${v}") is None


def test_a_refused_request_is_retried_as_often_as_the_task_says(running: Running) -> None:
    step = echo("a", "x", maxRetries=2) | {
        "parameters": {"model": "sandbox/rate-limited-once", "userPrompt": "x"}
    }

    def attempts(retries: int) -> Any:
        return running.with_runs(
            lambda runs: _finished(runs, {**step, "maxRetries": retries}), attempts=1
        )

    assert attempts(2)["status"] == "succeeded"


async def _finished(runs: Any, step: Any) -> Any:
    from support.flows import flow

    run = await runs.start(flow(step))
    return [event async for event in run.events()][-1]


def test_a_step_that_takes_too_long_fails(running: Running) -> None:
    step = echo("a", "x", timeout="300ms") | {
        "parameters": {"model": "sandbox/slow", "userPrompt": "x"}
    }
    failed = running.failure(step)
    assert failed.place == "a"
    assert "was not done within 0.3 s" in failed.error["message"]
