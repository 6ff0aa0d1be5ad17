"""The cost of a whole flow, and what the catalogue says of its models, before anything is paid."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from openrouter_connector import Connector, Flow, FlowPreflight, check_flow_costs
from openrouter_connector.sandbox import Sandbox
from support.flows import ask, flow, task

ECHO = {"model": "sandbox/echo", "maxTokens": 100}
PAINT = {"model": "sandbox/painter", "imageMessages": [{"content": "A fox"}]}


def echo(name: str, prompt: str = "Hello", **more: Any) -> dict[str, Any]:
    return ask(name, prompt, **(ECHO | more))


def paint(name: str, prompt: str = "A fox") -> dict[str, Any]:
    return task(name, "openRouter/v1/createImage", **(PAINT | {"imageMessages": [{"content": prompt}]}))  # fmt: skip # noqa: E501


def terminate() -> dict[str, Any]:
    return task("t", "terminate/v1")


def condition(yes: list[Any], no: list[Any]) -> dict[str, Any]:
    return task("c", "condition/v1", rawExpression=True, expression="${x} == 1",
                caseTrue=yes, caseFalse=no)  # fmt: skip


@pytest.fixture
def checked(connector: Connector, sandbox: Sandbox) -> Any:
    """Check a flow of these steps, in which `x` and `texts` are inputs."""

    def check(*steps: Any) -> FlowPreflight:
        checked_flow = flow(*steps, inputs=[{"name": "x"}, {"name": "texts", "type": "array"}])

        async def once() -> FlowPreflight:
            async with connector.connect(sandbox.token, base_url=sandbox.base_url) as session:
                return await check_flow_costs(checked_flow, session)

        before = len(sandbox.requests)
        found = asyncio.run(once())
        assert {request.method for request in sandbox.requests[before:]} <= {"GET"}
        return found

    return check


def amounts(checked: FlowPreflight) -> tuple[float, float | None]:
    return checked.estimate.low, checked.estimate.high


def times(count: float, amount: float | None) -> Any:
    return pytest.approx(count * amount) if amount is not None else None


def test_the_costs_of_steps_are_added_up(checked: Any) -> None:
    low, high = amounts(checked(echo("a")))
    assert high is not None and 0 < low < high
    assert amounts(checked(echo("a"), echo("b"))) == (times(2, low), times(2, high))


def test_a_known_list_counts_and_an_unknown_one_has_no_upper_bound(checked: Any) -> None:
    low, high = amounts(checked(echo("a")))
    for items in (["x", "y", "z"], "=range(1, 3)"):
        found = checked(task("l", "each/v1", items=items, iteratee=echo("a")))
        assert amounts(found) == (times(3, low), times(3, high))
    unknown = checked(task("l", "map/v1", items="${texts}", iteratee=[echo("a")]))
    assert amounts(unknown) == (0, None)
    (cost,) = unknown.estimate.to_json()["steps"]
    assert cost["runs"] == {"low": 0, "high": None}
    assert (cost["low"], cost["high"]) == (low, high)


def test_a_condition_costs_at_least_its_cheapest_case_and_at_most_its_dearest(checked: Any) -> None:
    low, high = amounts(checked(echo("a")))
    assert amounts(checked(condition([echo("a")], [echo("b"), echo("d")]))) == (low, times(2, high))
    assert amounts(checked(condition([echo("a")], []))) == (0, high)


def test_a_branch_without_a_default_may_cost_nothing(checked: Any) -> None:
    low, high = amounts(checked(echo("a")))
    cases = [{"key": "1", "tasks": [echo("a")]}, {"key": "2", "tasks": [echo("b"), echo("d")]}]
    branch = {"expression": "${x}", "cases": cases}
    assert amounts(checked(task("b_1", "branch/v1", **branch))) == (0, times(2, high))
    with_default = task("b_1", "branch/v1", **branch, default=[echo("e")])
    assert amounts(checked(with_default)) == (low, times(2, high))


def test_what_runs_at_the_same_time_is_paid_for_together(checked: Any) -> None:
    low, high = amounts(checked(echo("a")))
    both = checked(task("p", "parallel/v1", tasks=[echo("a"), echo("b")]))
    assert amounts(both) == (times(2, low), times(2, high))


def test_a_main_branch_may_fail_and_still_be_paid_for(checked: Any) -> None:
    low, high = amounts(checked(echo("a")))
    branches = {"main-branch": [echo("a"), echo("b")], "on-error-branch": [echo("e")]}
    assert amounts(checked(task("o", "on-error/v1", **branches))) == (low, times(3, high))


def test_after_an_early_end_nothing_is_certain(checked: Any) -> None:
    low, high = amounts(checked(echo("a")))
    found = checked(echo("a"), condition([terminate()], []), echo("b"))
    assert amounts(found) == (low, times(2, high))
    broken = task("l", "loop/v1", items=[1, 2], iteratee=[
        condition([task("x_1", "loopBreak/v1")], []), echo("a")])  # fmt: skip
    assert amounts(checked(broken)) == (0, times(2, high))


def test_a_text_that_is_not_known_leaves_the_cost_open(checked: Any) -> None:
    low, _ = amounts(checked(echo("a", "x")))
    found = checked(echo("a", "${x}"))
    assert found.estimate.low == pytest.approx(low)
    assert found.estimate.high is None
    (warning,) = [one for one in found.warnings if "upper bound" in one.message]
    assert warning.path == "tasks[0]"
    assert "the flow fills userPrompt while it runs" in warning.message


def test_a_cost_that_does_not_depend_on_a_text_is_known(checked: Any) -> None:
    assert amounts(checked(paint("a", "${x}"))) == amounts(checked(paint("a")))


def test_a_model_that_is_not_known_has_no_cost(checked: Any) -> None:
    found = checked(echo("a", model="${x}"), echo("b", maxTokens="${x}"))
    assert amounts(found) == (0, None)
    assert found.can_run


def test_a_file_that_is_not_known_can_only_add_to_the_cost(checked: Any) -> None:
    low, _ = amounts(checked(echo("a")))
    assert amounts(checked(echo("a", attachments=["${x}"]))) == (low, None)
    transcription = task("t", "openRouter/v1/createTranscription",
                         model="sandbox/listener", file="${x}")  # fmt: skip
    found = checked(transcription)
    assert amounts(found) == (0, None)
    assert found.can_run


def test_the_catalogue_is_asked_about_every_step(checked: Any) -> None:
    found = checked(echo("a"), task("l", "each/v1", items=[1], iteratee=echo("b", model="sandbox/ecko")))  # fmt: skip # noqa: E501
    (problem,) = found.problems
    assert problem.path == "tasks[1].parameters.iteratee.parameters.model"
    assert "did you mean 'sandbox/echo'" in problem.message


def test_all_that_is_wrong_is_found_at_once(checked: Any) -> None:
    found = checked(
        echo("a", "${lost}", temperature=9),
        task("s", "slack/v1/sendMessage"),
        task("e", "openRouter/v1/aks"),
    )
    assert not found.can_run
    assert [one.path for one in found.obstacles] == [
        "tasks[0].parameters.userPrompt", "tasks[0].parameters.temperature", "tasks[2].type",
        "tasks[1].type",
    ]  # fmt: skip


def test_a_flow_that_calls_no_model_costs_nothing(checked: Any) -> None:
    found = checked(task("v", "var/v1/set", value=1), task("k", "openRouter/v1/getCredits"))
    assert amounts(found) == (0, 0)
    assert amounts(checked()) == (0, 0)
    assert checked().estimate.sentence() == "costs nothing: it calls no model"


def test_the_estimate_is_a_text_for_people(checked: Any) -> None:
    found = checked(
        task("l", "each/v1", items=[1, 2], iteratee=paint("a")), condition([echo("b")], [])
    )
    whole, first, second = found.estimate.text().splitlines()
    assert whole.startswith("costs $") and " to $" in whole
    assert first.startswith("  a: createImage, sandbox/painter: $")
    assert first.endswith(", runs 2 times")
    assert second.endswith(", runs perhaps")


def test_the_result_is_json(checked: Any) -> None:
    found = checked(echo("a")).to_json()
    assert found.keys() == {
        "canRun", "problems", "warnings", "unsupported", "needs", "outputs", "estimate"
    }  # fmt: skip
    assert found["estimate"].keys() == {"low", "high", "currency", "steps"}


def test_flow_is_part_of_the_package() -> None:
    assert Flow.from_text('{"tasks": []}').check().can_run
