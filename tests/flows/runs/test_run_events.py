"""What a run tells while it goes on, and what is known of it later."""

from __future__ import annotations

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
    """It can be large, and what is told is kept in the database."""
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


def test_a_run_is_found_by_the_beginning_of_its_id(running: Running) -> None:
    async def work(runs: Runs) -> Any:
        run = await runs.start(flow(var("v", 1)))
        await run.result()
        with pytest.raises(InputError, match="there is no run 'nope'"):
            await runs.get("nope")
        return run.id, (await runs.get(run.id[:6])).id

    whole, found = running.with_runs(work)
    assert whole == found
