"""Runs of rows: performed by workers, killed and taken up again, doubtful, cancelled."""

from __future__ import annotations

import asyncio
import re
import textwrap
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from benchmarks.endure import CountingServer
from benchmarks.endure_rows import endured, results_of

from openrouter_connector.errors import InputError
from openrouter_connector.flows.rows import source_of
from openrouter_connector.flows.runs import RowsRequest, Runs
from support.postgres import postgres, programs
from support.runs import Running, said

Json = Any
ROWS = 60
ASK = {"model": "sandbox/echo", "userPrompt": "${row.index}: ${row.text}"}


def asked(count: int, **more: Any) -> RowsRequest:
    rows = source_of([{"text": f"row {number}"} for number in range(count)])
    return RowsRequest("ask", more.pop("parameters", ASK), rows, **more)


def texts(lines: list[Json]) -> list[str]:
    return [said(line["output"]) for line in lines]


def test_workers_take_the_chunks_of_a_queued_run(running: Running) -> None:
    async def queue(runs: Runs) -> str:
        return (await runs.start_rows(asked(200), queued=True)).run.id

    id = running.with_runs(queue)

    async def work() -> list[Json]:
        sandbox, files = running.sandbox, running.folder / "files"
        connect = running.connector.connect
        async with connect(sandbox.token, base_url=sandbox.base_url, files=files) as session:
            runs = Runs(session, running.database)
            try:
                await runs.work()
                return [line async for line in (await runs.get(id)).rows()]
            finally:
                await runs.aclose()

    assert texts(asyncio.run(work())) == [f"{number}: row {number}" for number in range(200)]


def test_a_cancelled_run_keeps_its_rows_and_the_same_request_goes_on(hasty: Running) -> None:
    request = asked(40, parameters={**ASK, "model": "sandbox/slow"}, concurrency=8)

    async def cancelled(runs: Runs) -> list[Json]:
        run = await runs.get((await runs.start_rows(request)).run.id)
        while not (await run.row_counts()).ended:  # noqa: ASYNC110 - rows of the database
            await asyncio.sleep(0.02)
        await runs.cancel(run.id)
        return [line async for line in run.rows()]

    async def again(runs: Runs) -> tuple[int, list[Json]]:
        started = await runs.start_rows(request)
        return started.before.done, [line async for line in (await runs.get(started.run.id)).rows()]

    first = hasty.with_runs(cancelled)
    before, lines = hasty.with_runs(again)
    assert 0 < len(first) < 40 and before == len(first)
    assert [line for line in lines if line["row"] in {one["row"] for one in first}] == first
    assert [line["row"] for line in lines] == list(range(40))


def test_a_key_among_the_parameters_is_refused(running: Running) -> None:
    parameters = {"apiKey": "a-password", "steps": "${row.text}"}

    async def start(runs: Runs) -> None:
        await runs.start_rows(RowsRequest("prompt", parameters, source_of([{"text": "x"}])))

    with pytest.raises(InputError, match="apiKey: would be stored with the run"):
        running.with_runs(start)
    assert b"a-password" not in Path(running.database).read_bytes()


def test_the_example_of_the_page_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (Path(__file__).parents[3] / "docs" / "rows.md").read_text()
    [code] = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENROUTER_CONNECTOR_FILES", str(tmp_path / "files"))
    Path("rows.csv").write_text("text\nHello\n")
    names: dict[str, Any] = {}
    exec(f"async def example():\n{textwrap.indent(code, '    ')}", names)
    asyncio.run(names["example"]())
    assert capsys.readouterr().out.endswith("You said: Say: Hello None\n")


# in one call of the API ---------------------------------------------------------------------------


def posted(running: Running, path: str) -> int:
    return sum(one.method == "POST" and one.path.endswith(path) for one in running.sandbox.requests)


def test_rows_go_in_one_call_of_the_api_and_failed_ones_in_another(running: Running) -> None:
    request = asked(20, parameters={**ASK, "model": "sandbox/batch-partly"}, via="api")

    async def start(runs: Runs) -> list[Json]:
        run = await runs.get((await runs.start_rows(request)).run.id)
        return [line async for line in run.rows()]

    first, second = running.with_runs(start), running.with_runs(start)
    good = [[line for line in lines if "output" in line] for lines in (first, second)]
    assert [line["row"] for line in first] == [line["row"] for line in second] == list(range(20))
    assert (len(good[0]), len(good[1])) == (10, 15)
    assert [line for line in good[1] if line in good[0]] == good[0]
    assert all(said(line["output"]) == f"{line['row']}: row {line['row']}" for line in good[1])
    assert (posted(running, "/batches"), posted(running, "/chat/completions")) == (2, 0)


def test_a_call_of_the_api_that_is_waited_for_is_not_sent_again(running: Running) -> None:
    request = asked(5, via="api")

    async def stopped(runs: Runs) -> None:
        run = await runs.get((await runs.start_rows(request)).run.id)
        async for event in run.events():
            if event.get("job"):
                await runs.cancel(run.id)

    async def again(runs: Runs) -> list[Json]:
        run = await runs.get((await runs.start_rows(request)).run.id)
        return [line async for line in run.rows()]

    running.with_runs(stopped)
    assert texts(running.with_runs(again)) == [f"{number}: row {number}" for number in range(5)]
    assert posted(running, "/batches") == 1


@pytest.mark.parametrize(
    ("action", "more", "message"),
    [
        pytest.param("ask", {"model": "${row.text}"}, "one model for all rows", id="models"),
        pytest.param("createSpeech", {}, "the API has no batches for createSpeech", id="action"),
        pytest.param("ask", {"model": "sandbox/painter"}, "outputs image, not text", id="kind"),
    ],
)
def test_what_no_call_of_the_api_takes_is_refused(
    running: Running, action: str, more: Json, message: str
) -> None:
    async def start(runs: Runs) -> None:
        rows = source_of([{"text": "x"}])
        await runs.start_rows(RowsRequest(action, {**ASK, **more}, rows, via="api"))

    with pytest.raises(InputError, match=message):
        running.with_runs(start)


# killed -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server() -> CountingServer:
    return CountingServer(latency=0.1).start()


@pytest.fixture(scope="module")
def undisturbed(
    server: CountingServer, tmp_path_factory: pytest.TempPathFactory
) -> tuple[list[Json], Counter[str]]:
    """The results of a command that nobody killed, and what the server served for it."""
    folder = tmp_path_factory.mktemp("undisturbed")
    endured(server, folder, str(folder / "runs.sqlite3"), ROWS, 0)
    served = server.served.copy()
    server.served.clear()
    return results_of(folder), served


def check(
    server: CountingServer,
    undisturbed: tuple[list[Json], Counter[str]],
    folder: Path,
    database: str,
) -> None:
    expected, alone = undisturbed
    found = endured(server, folder, database, ROWS, 3)
    again, lost = (server.served - alone).total(), (alone - server.served).total()
    server.served.clear()
    assert results_of(folder) == expected
    assert not lost, "a request was never sent"
    assert again <= found["doubts"], "a request was sent twice that had not been in doubt"


@pytest.mark.timeout(300)
def test_kills_change_no_row(
    server: CountingServer, undisturbed: tuple[list[Json], Counter[str]], tmp_path: Path
) -> None:
    check(server, undisturbed, tmp_path, str(tmp_path / "runs.sqlite3"))


@pytest.mark.timeout(300)
@pytest.mark.skipif(programs() is None, reason="PostgreSQL is not installed")
def test_kills_change_no_row_on_postgres(
    server: CountingServer, undisturbed: tuple[list[Json], Counter[str]], tmp_path: Path
) -> None:
    with postgres() as database:
        check(server, undisturbed, tmp_path, database)
