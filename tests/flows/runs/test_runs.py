"""What can be done with a run, and what is kept of it."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from openrouter_connector import ConnectionStore, DatabaseError, InputError
from openrouter_connector.flows.formats.flow import Flow
from openrouter_connector.flows.runs import FlowResult, Runs
from support.flows import flow, task
from support.runs import Running, asked, echo, slow, started, var

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
        await started(runs, run, "a")
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
