"""Runs that are killed at random moments return what an undisturbed run returns.

A sample of what `make endure` does two hundred times.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from benchmarks.endure import CountingServer, endured, endured_by_two

from openrouter_connector.flows.runs.database import database_url, open_database
from support.postgres import postgres, programs

pytestmark = [
    pytest.mark.timeout(300),  # seconds; each test starts up to ten processes
    pytest.mark.usefixtures("compiled_before"),
]

Undisturbed = tuple[dict[str, Any], Counter[str]]

needs_postgres = pytest.mark.skipif(
    programs() is None, reason="PostgreSQL is not installed: runs are tested with SQLite alone"
)


@pytest.fixture(scope="module")
def server() -> CountingServer:
    return CountingServer(latency=0.05).start()


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture(scope="module")
def undisturbed(server: CountingServer, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """The outputs of a run that nobody killed, and what the server served for it."""
    folder = tmp_path_factory.mktemp("undisturbed")
    found = endured(server, folder, str(folder / "runs.sqlite3"), "seed", 0, 0)
    served = server.served.copy()
    server.served.clear()
    return found["outputs"], served


def check(server: CountingServer, undisturbed: Undisturbed, found: dict[str, Any]) -> None:
    outputs, served = undisturbed
    assert found["outputs"] == outputs
    assert not served - server.served, "a request was never sent"
    again = (server.served - served).total()
    server.served.clear()
    assert again <= found["doubts"], "a request was sent twice that had not been in doubt"


def test_ten_kills_change_no_answer(
    server: CountingServer, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    found = endured(server, tmp_path, str(tmp_path / "runs.sqlite3"), "seed", 10, 0.4)
    check(server, undisturbed, found)


@needs_postgres
def test_kills_change_no_answer_on_postgres(
    server: CountingServer, undisturbed: Undisturbed, tmp_path: Path, database: str
) -> None:
    check(server, undisturbed, endured(server, tmp_path, database, "seed", 3, 0.4))


@needs_postgres
def test_a_worker_takes_over_the_run_of_one_that_was_killed(
    server: CountingServer, undisturbed: Undisturbed, tmp_path: Path, database: str
) -> None:
    check(server, undisturbed, endured_by_two(server, tmp_path, database, "seed", 1))


@needs_postgres
def test_files_of_a_postgres_database_of_an_earlier_version_are_found(database: str) -> None:
    file, url = f"speech-{'0' * 32}.mp3", database_url(database)
    event = sa.text("INSERT INTO flow_events (run, at, event) VALUES ('old', 0, :event)")
    earlier = open_database(url)
    with earlier.begin() as connection:
        connection.execute(event, {"event": f'{{"output": "{file}"}}'})
        connection.execute(sa.text("UPDATE flow_tables_version SET version = 1"))
    earlier.dispose()
    now = open_database(url)
    with now.begin() as connection:
        found = connection.execute(sa.text("SELECT file FROM flow_files WHERE run = 'old'"))
        assert list(found.scalars()) == [file]
    now.dispose()
