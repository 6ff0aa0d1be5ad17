"""What a run tells while it goes on, and what is known of it later."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest

from openrouter_connector import InputError
from openrouter_connector.flows.runs import FlowError, Runs
from support.flows import flow, task
from support.runs import Running, echo, var


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


def test_an_image_that_is_not_finished_is_shown_from_the_file_store(running: Running) -> None:
    """An image can be large, and events are kept in the database."""
    asked_for = {"model": "sandbox/painter", "imageMessages": [{"content": "A fox"}]}
    painted = task("a", "openRouter/v1/createImage", **asked_for)
    events = running.events(painted, stream=True)
    previews = [event["preview"] for event in events if event.get("preview")]
    assert previews
    for preview in previews:
        assert preview["mimeType"] == "image/png"
        file = Path(url2pathname(urlsplit(preview["url"]).path))
        assert file.read_bytes().startswith(b"\x89PNG")


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


PLAYED: dict[str, Any] = {"sandbox": True, "token": None, "base_url": None}


def test_what_the_sandbox_plays_is_not_spent(running: Running) -> None:
    async def work(runs: Runs) -> Any:
        result = await (await runs.start(flow(echo("a", "one")))).result()
        return result.cost, [one.cost for one in await runs.list()], await runs.costs(["action"])

    cost, listed, spent = running.with_runs(work, **PLAYED)
    assert cost > 0
    assert listed == [cost]
    assert spent == []


def test_a_step_with_a_server_of_its_own_is_spent_also_in_the_sandbox(running: Running) -> None:
    own = {"baseUrl": running.sandbox.base_url, "apiKey": running.sandbox.token}
    step = task("p", "openRouter/v1/prompt", **own, model="sandbox/echo", prompt="Hi")

    async def work(runs: Runs) -> Any:
        await (await runs.start(flow(step, echo("a", "one")))).result()
        return await runs.costs(["action"])

    assert [(row["action"], row["steps"]) for row in running.with_runs(work, **PLAYED)] == [
        ("prompt", 1)
    ]


def test_costs_of_an_earlier_program_are_of_the_server_of_their_run(running: Running) -> None:
    async def work(runs: Runs) -> Any:
        await (await runs.start(flow(echo("a", "one")))).result()

    async def spent(runs: Runs) -> Any:
        return await runs.costs(["action"])

    running.with_runs(work, **PLAYED)
    running.with_runs(work)
    with sqlite3.connect(running.database) as database:
        database.execute("update flow_costs set played = null")
    [row] = running.with_runs(spent)
    assert row["steps"] == 1


def test_the_day_budget_of_a_paid_run_leaves_out_what_the_sandbox_played(running: Running) -> None:
    async def work(runs: Runs) -> Any:
        return await (await runs.start(flow(echo("a", "one")), day_budget=1e-9)).result()

    assert running.with_runs(work, **PLAYED).cost > 0
    assert running.with_runs(work).cost > 0
    for options in (PLAYED, {}):
        with pytest.raises(FlowError, match="budget"):
            running.with_runs(work, **options)


def test_a_run_is_found_by_the_beginning_of_its_id(running: Running) -> None:
    async def work(runs: Runs) -> Any:
        run = await runs.start(flow(var("v", 1)))
        await run.result()
        with pytest.raises(InputError, match="there is no run 'nope'"):
            await runs.get("nope")
        return run.id, (await runs.get(run.id[:6])).id

    whole, found = running.with_runs(work)
    assert whole == found
