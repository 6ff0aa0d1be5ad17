"""What a database of runs holds on to, and what it survives: ends, files, locks, days, clocks."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
from dbos import DBOS

from openrouter_connector import ConflictError, DatabaseError
from openrouter_connector.flows.runs import Engine, FlowError, Runs
from support.flows import flow, task
from support.runs import Running, echo, var

FAILS_ONCE = {"parameters": {"model": "sandbox/unavailable-once", "userPrompt": "x"}}


def changed(running: Running, *statements: str) -> None:
    """Change the database as another program would."""
    with sqlite3.connect(running.database) as database:
        for statement in statements:
            database.execute(statement)
    database.close()


def selected(running: Running, statement: str) -> list[Any]:
    with sqlite3.connect(running.database) as database:
        found = [row[0] for row in database.execute(statement)]
    database.close()
    return found


async def failed(runs: Runs) -> Any:
    """Start a run whose second step fails, and fails no more when it is resumed."""
    run = await runs.start(flow(echo("a", "one"), echo("b", "x") | FAILS_ONCE, echo("c", "${b}")))
    with pytest.raises(FlowError):
        await run.result()
    return run


# --- ends -----------------------------------------------------------------------------------------


def test_a_run_that_succeeded_is_not_resumed_and_rerun_is_named(running: Running) -> None:
    async def work(runs: Runs) -> None:
        run = await runs.start(flow(var("v", 1)))
        await run.result()
        with pytest.raises(ConflictError, match=f"`runs rerun {run.id} --from STEP`"):
            await runs.resume(run.id)

    running.with_runs(work)


def test_interrupted_runs_are_found_behind_newer_ones(running: Running) -> None:
    async def first(runs: Runs) -> list[str]:
        return [(await runs.start(flow(var("v", 1)), queued=True)).id for _ in range(2)]

    async def then(runs: Runs) -> Any:
        for _ in range(3):
            await (await runs.start(flow(var("v", 1)))).result()
        newer = (await runs.start(flow(var("v", 1)), queued=True)).id
        found = [one.id for one in await runs.list(limit=2, status="interrupted")]
        return found, newer, [one.id for one in await runs.list(limit=1, status="queued")]

    dead = running.with_runs(first)
    changed(
        running,
        "update workflow_status set status = 'PENDING', executor_id = 'a-process-that-died'",
        "update flow_runs set status = 'running'",
    )
    found, newer, queued = running.with_runs(then)
    assert sorted(found) == sorted(dead)
    assert queued == [newer]


def test_a_run_that_ended_is_forgotten_by_its_process(running: Running) -> None:
    async def work(runs: Runs) -> Any:
        items = task("m", "map/v1", items=[1, 2], iteratee=[echo("q", "x"), echo("r", "${q}")])
        await (await runs.start(flow(items, echo("a", "one")), budget=1.0)).result()
        await failed(runs)
        engine = Engine.in_use()
        while engine._executing:  # noqa: ASYNC110 - ended, and about to be forgotten
            await asyncio.sleep(0.01)
        return engine.budgets, engine._noted, engine._flows

    assert running.with_runs(work, attempts=1) == ({}, {}, {})


# --- the definition -------------------------------------------------------------------------------


def test_another_definition_of_an_action_is_a_warning(running: Running) -> None:
    run = running.with_runs(failed, attempts=1)
    changed(running, """update flow_runs set definition = '{"ask": "another"}'""")

    async def work(runs: Runs) -> Any:
        resumed = await runs.resume(run.id)
        await resumed.result()
        return [event async for event in resumed.events() if event["type"] == "warning"]

    [warning] = running.with_runs(work)
    assert warning["message"].endswith("where the run was started: ask")


def test_a_run_without_a_change_of_the_definition_has_no_warning(running: Running) -> None:
    assert "warning" not in {event["type"] for event in running.events(echo("a", "one"))}


def test_an_action_that_is_missing_is_refused_before_anything_is_sent(running: Running) -> None:
    run = running.with_runs(failed, attempts=1)
    changed(
        running,
        "update flow_runs set document = replace(document, 'openRouter/v1/ask', "
        "'openRouter/v1/gone')",
    )
    sent = len(running.sandbox.requests)

    async def work(runs: Runs) -> None:
        with pytest.raises(FlowError, match="gone"):
            await (await runs.resume(run.id)).result()

    running.with_runs(work)
    assert len(running.sandbox.requests) == sent


# --- files and locks ------------------------------------------------------------------------------


def test_copies_of_files_go_with_the_last_run_that_uses_them(
    running: Running, tmp_path: Path
) -> None:
    mine = tmp_path / "notes.txt"
    mine.write_text("notes")
    given = flow(var("v", "${f.name}"), var("w", 1), inputs=[{"name": "f", "type": "file_entry"}])

    def copies() -> list[Path]:
        return list((running.folder / "files").glob("run-*"))

    async def work(runs: Runs) -> None:
        first = await runs.start(given, {"f": mine})
        assert (await first.result()).outputs["v"] == "notes.txt"
        second = await runs.rerun(first.id, "w")
        await second.result()
        await runs.delete(first.id)
        assert len(copies()) == 1
        await runs.delete(second.id)
        assert copies() == []

    running.with_runs(work)
    assert mine.exists()


def test_files_of_a_database_of_an_earlier_version_are_found(running: Running) -> None:
    speech = task(
        "s", "openRouter/v1/createSpeech", model="sandbox/speaker", input="Hello", voice="alba"
    )
    outputs = [running.result(speech).outputs["s"] for _ in range(2)]
    assert outputs[0]["url"] == outputs[1]["url"], "the same content is one file"
    changed(running, "update flow_tables_version set version = 1", "delete from flow_files")

    async def work(runs: Runs) -> bool:
        newest, oldest = await runs.list()
        await runs.delete(newest.id)
        kept = Path(outputs[0]["url"].removeprefix("file://"))
        assert kept.exists()  # noqa: ASYNC240
        await runs.delete(oldest.id)
        return kept.exists()  # noqa: ASYNC240

    assert not running.with_runs(work)


def test_locks_and_queues_of_ended_processes_are_removed(running: Running) -> None:
    folder = Path(f"{running.database}.executors")

    async def first(runs: Runs) -> Any:
        await DBOS.register_queue_async("flows-of-a-process-that-died")
        return await failed(runs)

    async def then(runs: Runs) -> None:
        (folder / "0123456789abcdef").touch()
        await (await runs.resume(run.id)).result()

    run = running.with_runs(first, attempts=1)
    assert list(folder.iterdir()) == []
    running.with_runs(then)
    assert selected(running, "select name from queues where name like 'flows-of-%'") == []
    running.result(var("v", 1))
    assert list(folder.iterdir()) == []


# --- days and clocks ------------------------------------------------------------------------------


def test_a_day_budget_counts_the_day_of_the_local_time(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A zone in which it is one o'clock, so that its yesterday is the same day in UTC.
    monkeypatch.setenv("TZ", f"HERE{time.gmtime().tm_hour - 1}")
    time.tzset()
    try:
        running.result(echo("a", "one"))
        yesterday = time.time() - 2 * 3600
        changed(running, f"update flow_costs set at = {yesterday}")
        running.result(echo("a", "one"), options={"day_budget": 1e-9})
        error = running.failure(echo("a", "one"), options={"day_budget": 1e-9})
        assert error.error["type"] == "BudgetError"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_clock_that_was_set_back_gives_no_negative_durations(running: Running) -> None:
    async def run(runs: Runs) -> None:
        await (await runs.start(flow(echo("a", "one"), echo("b", "${a}")))).result()

    async def look(runs: Runs) -> Any:
        [one] = await runs.list()
        return one, await runs.details(one.id)

    running.with_runs(run)
    changed(
        running,
        "update flow_runs set ended = created - 3600",
        "update flow_events set at = at - 60 * id",
    )
    summary, details = running.with_runs(look)
    assert summary.ended >= summary.created
    assert [step["place"] for step in details["steps"]] == ["a", "b"]
    assert all(step["ended"] >= step["started"] for step in details["steps"])


# --- databases that fail --------------------------------------------------------------------------


def test_a_database_that_was_deleted_in_mid_run_is_said(running: Running) -> None:
    async def work(runs: Runs) -> None:
        slow = {"parameters": {"model": "sandbox/slow", "userPrompt": "x"}}
        run = await runs.start(flow(echo("a", "x") | slow, echo("b", "${a}")))
        async for event in run.events():
            if event["type"] == "started":
                break
        Path(running.database).unlink()  # noqa: ASYNC240
        with pytest.raises(DatabaseError, match="deleted or replaced while it was in use"):
            await run.result()

    running.with_runs(work)
    assert not Path(running.database).exists(), "no empty one took its place"
