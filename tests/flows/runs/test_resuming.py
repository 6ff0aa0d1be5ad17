"""Runs that are cancelled or fail, and go on; parts of runs."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from openrouter_connector import InputError
from openrouter_connector.flows.runs import EngineLimits, FlowError, Runs
from support.flows import ask, flow, task
from support.runs import Running, asked, echo, said, slow, started, var


def test_a_cancelled_run_stops_and_goes_on_without_paying_again(running: Running) -> None:
    async def work(runs: Runs) -> Any:
        run = await runs.start(flow(echo("a", "one"), slow("b"), echo("c", "${a}")))
        await started(runs, run, "b")
        cancelled = await runs.cancel(run.id)
        await runs.cancel(run.id)  # again is fine
        with pytest.raises(FlowError, match="was cancelled"):
            await cancelled.result()
        before = asked(running)
        resumed = await runs.resume(run.id)
        return await resumed.result(), asked(running) - before

    result, sent = running.with_runs(work)
    assert said(result.outputs["c"]).endswith("one")
    assert sent <= 2  # `b`, which was under way, is not sent a second time


def test_a_run_that_waits_for_items_is_cancelled_and_not_failed(running: Running) -> None:
    step = task("m", "map/v1", items=[1, 2], iteratee=[slow("s"), echo("e", "${s}")])

    async def work(runs: Runs) -> Any:
        run = await runs.start(flow(step))
        await started(runs, run, "m[0].s")
        await runs.cancel(run.id)
        await (await runs.resume(run.id)).result()
        return [event async for event in (await runs.get(run.id)).events()]

    events = running.with_runs(work)
    assert [one["status"] for one in events if one["type"] == "ended"] == ["cancelled", "succeeded"]


def test_a_batch_is_submitted_once_by_a_run_that_was_cancelled_while_it_waited(
    running: Running,
) -> None:
    requests = [{"userPrompt": "one"}, {"userPrompt": "two"}]
    batch = task("b", "openRouter/v1/runBatch", model="sandbox/job-slow", requests=requests)

    async def work(runs: Runs) -> Any:
        run = await runs.start(flow(batch))
        async for event in run.events():
            if event.get("job"):
                break
        await runs.cancel(run.id)
        return await (await runs.resume(run.id)).result()

    result = running.with_runs(work)
    assert result.outputs["b"]["extension"] == "jsonl"
    assert len([one for one in running.sandbox.requests if one.method == "POST"]) == 1


def test_a_failed_run_goes_on_from_the_failed_step(running: Running) -> None:
    bad = echo("b", "x") | {"parameters": {"model": "sandbox/unavailable-once", "userPrompt": "x"}}

    async def work(runs: Runs) -> Any:
        run = await runs.start(flow(echo("a", "one"), bad, echo("c", "${b} ${a}")))
        with pytest.raises(FlowError) as failed:
            await run.result()
        before = asked(running)
        result = await (await runs.resume(run.id)).result()
        return failed.value, result, asked(running) - before

    failed, result, sent = running.with_runs(work, attempts=1)
    assert failed.place == "b"
    assert failed.error["type"] == "UnavailableError"
    assert said(result.outputs["c"]).endswith("one")
    assert sent == 2


def test_a_finished_step_is_not_in_doubt_if_a_crash_came_before_its_answer_was_recorded(
    running: Running,
) -> None:
    bad = ask("b", "${a}", model="sandbox/unavailable-once")

    async def work(runs: Runs) -> Any:
        run = await runs.start(flow(echo("a", "one"), bad))
        with pytest.raises(FlowError):
            await run.result()
        await runs.list()  # all that was told before is written now
        with sqlite3.connect(running.database) as database:  # as a crash leaves it
            database.execute(
                "UPDATE flow_requests SET state = 'sent', answer = NULL WHERE place = 'a'"
            )
            database.execute("DELETE FROM flow_events WHERE event LIKE '%\"result\"%'")
        before = asked(running)
        await (await runs.resume(run.id)).result()
        return await runs.details(run.id), asked(running) - before

    details, sent = running.with_runs(work, attempts=1)
    assert details["doubts"] == []
    assert sent == 1


def test_a_finished_item_without_its_answer_is_reported_and_then_sent_on_request(
    running: Running,
) -> None:
    models = ["sandbox/echo", "sandbox/unavailable-once"]
    rows = task("rows", "each/v1", items=models, iteratee=[ask("row", "x", model="${rows.item}")])

    async def work(runs: Runs) -> Any:
        run = await runs.start(flow(rows))
        with pytest.raises(FlowError):
            await run.result()
        with sqlite3.connect(running.database) as database:
            database.execute("UPDATE flow_requests SET answer = NULL WHERE place = 'rows[0].row'")
        with pytest.raises(FlowError) as doubtful:
            await (await runs.resume(run.id)).result()
        doubts = (await runs.details(run.id))["doubts"]
        resumed = await runs.resume(run.id, retry_doubtful=True)
        return doubtful.value.status, doubts, await resumed.result()

    status, doubts, result = running.with_runs(work, attempts=1)
    assert (status, [one["place"] for one in doubts]) == ("in doubt", ["rows[0].row"])
    assert result.outputs == {}


def test_a_doubt_has_the_usual_cost_of_the_model_that_was_asked_for(running: Running) -> None:
    async def work(runs: Runs) -> Any:
        run = await runs.start(flow(echo("a", "one")))
        cost = (await run.result()).cost
        with sqlite3.connect(running.database) as database:  # as a lost answer leaves it
            database.execute("UPDATE flow_requests SET state = 'lost'")
        return (await runs.details(run.id))["doubts"], cost

    doubts, cost = running.with_runs(work)
    assert [one["likelyCost"] for one in doubts] == [pytest.approx(cost)]
    assert cost > 0


def test_a_run_is_started_again_from_a_step_with_earlier_results(running: Running) -> None:
    async def work(runs: Runs) -> Any:
        run = await runs.start(flow(echo("a", "one"), echo("b", "two ${a}")))
        first = await run.result()
        before = asked(running)
        again = await runs.rerun(run.id, "b")
        return first, await again.result(), asked(running) - before

    first, second, sent = running.with_runs(work)
    assert first.outputs == second.outputs
    assert sent == 1


def test_containers_before_the_step_are_not_run_again(running: Running) -> None:
    steps = (
        task("m", "map/v1", items=["x", "y"], iteratee=[echo("q", "item ${m.item}")]),
        task("c", "condition/v1", rawExpression=True, expression="true", caseFalse=[],
             caseTrue=[echo("inner", "inner"), var("v", "variable")]),
        echo("last", "${m[1]} ${inner} ${v}"),
    )  # fmt: skip

    async def work(runs: Runs) -> Any:
        first = await (await runs.start(flow(*steps))).result()
        before = asked(running)
        again = await runs.rerun(first.run, "last")
        return first, await again.result(), asked(running) - before

    first, second, sent = running.with_runs(work)
    assert second.outputs["last"] == first.outputs["last"]
    assert second.outputs["m"] == first.outputs["m"]
    assert sent == 1


def test_a_step_that_was_resumed_here_has_its_result_in_the_history(running: Running) -> None:
    bad = echo("b", "two") | {
        "parameters": {"model": "sandbox/unavailable-once", "userPrompt": "x"}
    }

    async def work(runs: Runs) -> Any:
        run = await runs.start(flow(bad, echo("c", "three ${b}")))
        with pytest.raises(FlowError):
            await run.result()
        first = await (await runs.resume(run.id)).result()
        steps = {step["place"]: step for step in (await runs.details(run.id))["steps"]}
        again = await (await runs.rerun(run.id, "c")).result()
        return steps, first, again

    steps, first, again = running.with_runs(work, attempts=1)
    assert {place: step["state"] for place, step in steps.items()} == {"b": "done", "c": "done"}
    [failed] = steps["b"]["earlier"]
    assert failed["state"] == "failed"
    assert failed["error"]["type"] == "UnavailableError"
    assert failed["started"] <= failed["ended"] <= steps["b"]["started"]
    assert "earlier" not in steps["c"]
    assert again.outputs["c"] == first.outputs["c"]


def test_a_run_does_not_begin_after_a_step_without_a_result(running: Running) -> None:
    bad = echo("b", "x") | {"parameters": {"model": "sandbox/server-error", "userPrompt": "x"}}

    async def work(runs: Runs) -> None:
        run = await runs.start(flow(bad, echo("c", "${b}")))
        with pytest.raises(FlowError):
            await run.result()
        with pytest.raises(InputError, match="'b', which comes before, has no result"):
            await runs.rerun(run.id, "c")

    running.with_runs(work)


def test_the_error_of_a_step_that_may_fail_is_kept_for_a_later_run(running: Running) -> None:
    bad = echo("b", "x", onError="continue") | {"parameters": {"model": "sandbox/server-error", "userPrompt": "x"}}  # fmt: skip # noqa: E501
    steps = (bad, var("v", "${metadata.b.error.type}"), echo("c", "${v}"))

    async def work(runs: Runs) -> Any:
        run = await runs.start(flow(*steps))
        await run.result()
        return await (await runs.rerun(run.id, "v")).result()

    assert said(running.with_runs(work).outputs["c"]) == "UnavailableError"


def test_the_time_of_a_step_does_not_count_the_wait_for_its_turn(hasty: Running) -> None:
    slow_row = slow("q") | {"timeout": 2.9}
    step = task("m", "each/v1", items=[1, 2], iteratee=[slow_row])

    async def work(runs: Runs) -> Any:
        return await (await runs.start(flow(step))).result()

    assert hasty.with_runs(work, EngineLimits(calls=1)).cost > 0


def test_one_step_runs_alone_with_pinned_input(running: Running) -> None:
    steps = (echo("a", "one"), echo("b", "two ${a}"), echo("c", "three"))
    before = asked(running)
    found = running.result(*steps, options={"pinned": {"a": "pinned"}, "only": "b"})
    assert said(found.outputs["b"]) == "two pinned"
    assert "c" not in found.outputs
    assert asked(running) - before == 1


def test_a_budget_stops_the_run_and_keeps_what_it_did(running: Running) -> None:
    steps = [echo(f"s{index}", f"step {index} ${{s{index - 1}}}" if index else "x") for index in range(9)]  # fmt: skip # noqa: E501

    async def work(runs: Runs) -> Any:
        one = await (await runs.start(flow(steps[0]))).result()
        run = await runs.start(flow(*steps), budget=one.cost * 2)
        with pytest.raises(FlowError) as stopped:
            await run.result()
        return stopped.value, await runs.details(run.id)

    stopped, details = running.with_runs(work)
    assert stopped.error["type"] == "BudgetError"
    assert details["steps"][0]["state"] == "done"
    assert details["steps"][-1]["state"] == "failed"


def test_a_run_goes_on_with_a_larger_budget(running: Running) -> None:
    steps = [echo("a", "x"), echo("b", "${a}"), echo("c", "${b}")]

    async def work(runs: Runs) -> Any:
        one = await (await runs.start(flow(steps[0]))).result()
        run = await runs.start(flow(*steps), budget=one.cost / 2)
        with pytest.raises(FlowError):
            await run.result()
        return await (await runs.resume(run.id, budget=1.0)).result()

    assert set(running.with_runs(work).outputs) == {"a", "b", "c"}
