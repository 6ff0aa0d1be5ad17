"""Delete old runs, with the files that no other run uses. What they cost is kept."""

from __future__ import annotations

import asyncio
import re
import time
from functools import partial

import sqlalchemy as sa
from dbos import DBOS

from ...runtime.files.store import FileStore
from . import database
from .engine import Engine
from .recovery import workflows_of
from .run_records import RunRecord

_FILE_ID = re.compile(r"[\w.-]+-[0-9a-f]{32}(?:\.[\w.-]*\w)?")
_TEXTS = {
    database.events: ("run", ["event"]),
    database.requests: ("run", ["answer"]),
    database.runs: ("id", ["document", "inputs", "options", "outcome"]),
}
"""The columns that may name a file, and the one that names the run."""
_GIVEN = ("document", "inputs", "options")


async def delete_run(engine: Engine, run: RunRecord, files: FileStore) -> None:
    """Delete a run that has ended, and the files that only it names."""
    named = await engine.writer.write(lambda connection: _files_of(connection, run.id))
    parts = await asyncio.to_thread(partial(workflows_of, run.id, with_inputs=True))
    for part in parts:  # the values that parts were given, and returned
        named.update(_FILE_ID.findall(f"{part.input} {part.output}"))
    await DBOS.delete_workflows_async([one.workflow_id for one in parts])
    await engine.records.delete(run.id)
    unused = await engine.writer.write(lambda connection: _unused(connection, named))
    for file_id in unused:
        await files.delete(file_id)


async def forget_answers(engine: Engine, run: RunRecord, files: FileStore) -> None:
    """Delete the answers of a run that succeeded: its steps hold what was read from them."""
    answers = database.requests

    def forget(connection: sa.Connection) -> set[str]:
        of_run = answers.c.run == run.id
        found = connection.execute(sa.select(answers.c.answer).where(of_run)).scalars()
        named = {file_id for text in found if text for file_id in _FILE_ID.findall(text)}
        connection.execute(answers.update().where(of_run).values(answer=None))
        return _unused(connection, named)

    for file_id in await engine.writer.write(forget):
        await files.delete(file_id)


async def delete_old_runs(engine: Engine, days: float, files: FileStore) -> int:
    """Delete the runs that ended more than `days` ago, and return how many these were."""
    before = time.time() - days * 86_400
    chosen = sa.select(database.runs.c.id).where(database.runs.c.ended < before)
    old = await engine.writer.write(lambda connection: list(connection.execute(chosen).scalars()))
    for id in old:
        await delete_run(engine, await engine.records.get(id), files)
    return len(old)


def _files_of(connection: sa.Connection, run: str) -> set[str]:
    """Return the ids of the files that a run made: those it was given belong to who gave them."""
    found, given = set[str](), set[str]()
    for table, (key, columns) in _TEXTS.items():
        chosen = sa.select(*(table.c[column] for column in columns)).where(table.c[key] == run)
        for row in connection.execute(chosen):
            for column, text in zip(columns, row, strict=True):
                ids = _FILE_ID.findall(text or "")
                (given if column in _GIVEN else found).update(ids)
    return found - given


def _unused(connection: sa.Connection, files: set[str]) -> set[str]:
    """Return those of these files that no run names any more."""
    return {file_id for file_id in files if not _is_named(connection, file_id)}


def _is_named(connection: sa.Connection, file_id: str) -> bool:
    for table, (_, columns) in _TEXTS.items():
        holds = [table.c[column].contains(file_id, autoescape=True) for column in columns]
        if connection.execute(sa.select(sa.literal(1)).where(sa.or_(*holds)).limit(1)).first():
            return True
    return False
