"""What can be done with a run, and what is kept of it."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from openrouter_connector import ConnectionStore, DatabaseError, InputError
from openrouter_connector.flows.formats.flow import Flow
from openrouter_connector.flows.runs import EngineLimits, FlowError, FlowResult, Runs
from support.flows import ask, flow, task
from support.runs import Running, echo, said, var


def asked(running: Running) -> int:
    return sum(request.method == "POST" for request in running.sandbox.requests)


# --- before a run ---------------------------------------------------------------------------------


def test_what_cannot_run_is_refused_before_anything_is_paid(running: Running) -> None:
    steps = (echo("a", "x", timeout="soon", maxRetries=-1), task("s", "slack/v1/sendMessage"))
    before = asked(running)
    with pytest.raises(InputError) as refused:
        running.result(*steps)
    assert [str(problem) for problem in refused.value.problems] == [
        "tasks[0].maxRetries: must be a whole number from 0 to 20",
        "tasks[0].timeout: must be a number of seconds, or a text such as 30s or 5m",
        "tasks[1].type: 'slack/v1/sendMessage' does not run here",
    ]
    assert asked(running) == before


def with_inputs(*tasks: Any, output: str) -> Flow:
    inputs = [
        {"name": "city", "type": "string", "required": True},
        {"name": "count", "type": "integer", "default": 3},
        {"name": "note", "type": "file_entry"},
    ]
    return flow(*tasks, inputs=inputs, outputs=[{"name": "value", "value": output}])


def test_inputs_are_checked_against_what_the_flow_declares(running: Running) -> None:
    with pytest.raises(InputError) as refused:
        running.result_of(with_inputs(output="x"), {"ctiy": "Rome", "count": "2"})
    assert [str(problem) for problem in refused.value.problems] == [
        "inputs.city: is required (string)",
        "inputs.count: must be of the type integer",
        "inputs.ctiy: the flow has no such input; did you mean 'city'?",
    ]


def test_inputs_have_defaults(running: Running) -> None:
    found = running.result_of(with_inputs(output="=city + count"), {"city": "Rome"})
    assert found.outputs["value"] == "Rome3"


def test_a_file_of_this_machine_is_stored_for_a_later_run(running: Running) -> None:
    note = running.folder / "note.txt"
    note.write_text("buy milk")
    given = {"city": "Rome", "note": note}
    found = running.result_of(with_inputs(output="${note}"), given)
    stored = found.outputs["value"]
    assert stored["name"] == "note.txt"
    assert str(running.folder / "files") in stored["url"]


# --- a run and its events -------------------------------------------------------------------------


def test_a_watcher_goes_on_from_an_event(running: Running) -> None:
    async def work(runs: Runs) -> Any:
        run = await runs.start(flow(echo("a", "one"), echo("b", "two ${a}")))
        everything = [event async for event in run.events()]
        rest = [event async for event in run.events(after=everything[2]["id"])]
        return everything, rest

    everything, rest = running.with_runs(work)
    assert rest == everything[3:]
    assert everything[-1]["type"] == "ended"
    assert everything[-1]["cost"] > 0


def test_answers_are_streamed_to_a_watcher(running: Running) -> None:
    events = running.events(echo("a", "one two three"), stream=True)
    deltas = [event["text"] for event in events if event["type"] == "delta"]
    assert len(deltas) > 1
    assert "".join(deltas).endswith("You said: one two three")


def test_the_history_has_each_step_with_its_state(running: Running) -> None:
    async def work(runs: Runs) -> Any:
        run = await runs.start(flow(echo("a", "one"), var("v", "=int(a)")))
        with pytest.raises(FlowError):
            await run.result()
        return await runs.details(run.id)

    found = running.with_runs(work)
    assert found["status"] == "failed"
    assert found["place"] == "v"
    states = {step["place"]: step["state"] for step in found["steps"]}
    assert states == {"a": "done", "v": "failed"}


def test_costs_are_summed_by_model_and_action(running: Running) -> None:
    async def work(runs: Runs) -> Any:
        result = await (await runs.start(flow(echo("a", "one"), echo("b", "two")))).result()
        return result, await runs.costs(["action"]), await runs.list()

    result, costs, listed = running.with_runs(work)
    [row] = costs
    assert (row["action"], row["steps"]) == ("ask", 2)
    assert row["cost"] == pytest.approx(result.cost)
    assert [(one.status, one.cost) for one in listed] == [("succeeded", row["cost"])]


def test_a_run_is_found_by_the_beginning_of_its_id(running: Running) -> None:
    async def work(runs: Runs) -> Any:
        run = await runs.start(flow(var("v", 1)))
        await run.result()
        with pytest.raises(InputError, match="there is no run 'nope'"):
            await runs.get("nope")
        return run.id, (await runs.get(run.id[:6])).id

    whole, found = running.with_runs(work)
    assert whole == found


# --- stopping and going on ------------------------------------------------------------------------


def slow(name: str, prompt: str = "x") -> dict[str, Any]:
    return echo(name, prompt) | {"parameters": {"model": "sandbox/slow", "userPrompt": prompt}}


async def _started(runs: Runs, run: Any, place: str) -> None:
    async for event in run.events():
        if event["type"] == "started" and event["place"] == place:
            return


def test_a_cancelled_run_stops_and_goes_on_without_paying_again(running: Running) -> None:
    async def work(runs: Runs) -> Any:
        run = await runs.start(flow(echo("a", "one"), slow("b"), echo("c", "${a}")))
        await _started(runs, run, "b")
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
        await _started(runs, run, "m[0].s")
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


# --- what is kept ---------------------------------------------------------------------------------


def test_large_values_are_in_the_file_store_and_not_in_the_database(running: Running) -> None:
    long = "x" * 2_000_000
    found = running.value(var("v", long), echo("a", "${v}"), output="${a}")
    assert len(found) > 1_900_000
    database = sqlite3.connect(running.database)
    [largest] = database.execute("select max(length(output)) from operation_outputs").fetchone()
    [event] = database.execute("select max(length(event)) from flow_events").fetchone()
    assert max(largest, event) < 100_000


def test_the_key_is_nowhere_in_the_database(running: Running) -> None:
    running.result(echo("a", "one"), task("m", "map/v1", items=[1], iteratee=[echo("q", "x")]))
    for file in Path(running.folder).glob("runs.sqlite3*"):
        if file.is_file():
            assert running.sandbox.token.encode() not in file.read_bytes()


def test_only_its_owner_can_read_the_database(running: Running) -> None:
    running.result(var("v", 1))
    assert Path(running.database).stat().st_mode & 0o077 == 0


def test_a_deleted_run_leaves_only_its_costs(running: Running) -> None:
    async def work(runs: Runs) -> Any:
        run = await runs.start(flow(echo("a", "one")))
        await run.result()
        await runs.delete(run.id)
        return await runs.list(), await runs.costs(["action"])

    listed, costs = running.with_runs(work)
    assert listed == []
    assert costs[0]["cost"] > 0


def test_old_runs_go_with_the_files_that_no_other_run_uses(running: Running) -> None:
    speech = task("s", "openRouter/v1/createSpeech", model="sandbox/speaker", input="Hello", voice="alba")  # fmt: skip # noqa: E501

    async def work(runs: Runs) -> Any:
        first = await (await runs.start(flow(speech))).result()
        shared = first.outputs["s"]
        second = await runs.start(
            flow(var("v", "${f.name}"), inputs=[{"name": "f"}]), {"f": shared}
        )
        await second.result()
        assert await runs.delete_old(1) == 0
        await runs.delete(second.id)
        kept = Path(shared["url"].removeprefix("file://"))
        assert kept.exists(), "it belongs to the run that made it"  # noqa: ASYNC240
        assert await runs.delete_old(0) == 1
        return kept

    kept = running.with_runs(work)
    assert not kept.exists()
    assert list((running.folder / "files").glob("answer*")) == []


def test_a_speech_that_was_paid_is_not_paid_again(running: Running) -> None:
    speech = task(
        "s", "openRouter/v1/createSpeech", model="sandbox/speaker", input="Hello", voice="alba"
    )

    async def work(runs: Runs) -> Any:
        run = await runs.start(flow(speech))
        return await run.result()

    result = running.with_runs(work)
    assert result.outputs["s"]["extension"] == "mp3"


# --- the database ---------------------------------------------------------------------------------


def test_a_database_of_a_newer_version_is_refused(running: Running) -> None:
    running.result(var("v", 1))
    with sqlite3.connect(running.database) as database:
        database.execute("update flow_tables_version set version = 99")
    with pytest.raises(DatabaseError, match="of version 99, and this program knows 3"):
        running.result(var("v", 1))


def test_a_file_that_is_no_database_is_refused_and_left_alone(running: Running) -> None:
    Path(running.database).write_text("my diary, and no database at all " * 100)
    with pytest.raises(DatabaseError, match="cannot be used"):
        running.result(var("v", 1))
    assert Path(running.database).read_text().startswith("my diary")


@pytest.mark.parametrize("url", ["mysql://host/db", "postgresql://127.0.0.1:1/none", "/proc/x.db"])
def test_a_database_that_cannot_be_used_is_named(running: Running, url: str) -> None:
    running.database = url
    with pytest.raises((InputError, DatabaseError)):
        running.result(var("v", 1))


def test_the_url_of_a_database_is_not_in_its_error(running: Running) -> None:
    running.database = "postgresql://me:hunter2secret@127.0.0.1:1/none"
    with pytest.raises(DatabaseError) as refused:
        running.result(var("v", 1))
    assert "hunter2secret" not in str(refused.value)


def test_a_run_whose_end_cannot_be_recorded_ends_with_an_error(running: Running) -> None:
    async def work(runs: Runs) -> None:
        run = await runs.start(flow(slow("a")))
        await _started(runs, run, "a")
        with sqlite3.connect(running.database) as database:
            database.execute("drop table flow_runs")
        with pytest.raises(DatabaseError, match="flow_runs"):
            await run.result()

    running.with_runs(work)


def test_a_key_that_a_run_creates_is_in_no_database_and_no_output(
    running: Running, tmp_path: Path
) -> None:
    connections = ConnectionStore(tmp_path / "connections")
    step = task("key", "openRouter/v1/createKey", connectionName="nightly")
    step["parameters"]["name"] = "Nightly"

    async def work(runs: Runs) -> FlowResult:
        return await (await runs.start(flow(step))).result()

    result = running.with_runs(work, token="sk-or-v1-management", connections=connections)
    secret = connections.get("nightly").token or ""
    assert secret.startswith("sk-or-v1-")
    assert secret not in repr(result)
    kept = [file for file in running.folder.rglob("*") if file.is_file()]
    kept = [file for file in kept if tmp_path / "connections" not in file.parents]
    assert kept and not any(secret.encode() in file.read_bytes() for file in kept)
