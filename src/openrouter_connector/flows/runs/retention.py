"""Delete old runs, with the files that no other run uses. What they cost is kept."""

from __future__ import annotations

import asyncio
import json
import time
from functools import partial

import sqlalchemy as sa
from dbos import DBOS

from ...runtime.files.store import FileStore
from . import database
from .database import database_errors
from .engine import Engine
from .file_index import file_ids, files_of, forget_files
from .large_values import file_of
from .recovery import workflows_of
from .run_copies import is_copy
from .run_records import RunRecord


async def delete_run(engine: Engine, run: RunRecord, files: FileStore) -> None:
    """Delete a run that has ended, and the files that only it names.

    The files that it was given belong to who gave them; copies that were made for it are its own.
    """
    named = await engine.writer.write(lambda connection: files_of(connection, run.id))
    parts = await asyncio.to_thread(partial(workflows_of, run.id, with_inputs=True))
    for part in parts:  # the values that parts were given, and returned
        named.update(file_ids(f"{part.input} {part.output}"))
    texts = json.dumps([run.document, run.inputs, run.options.to_json()])
    given = {file_id for file_id in file_ids(texts) if not is_copy(file_id)}
    for pinned in run.options.pinned.values():
        given.difference_update(file_ids(file_of(pinned.get("output"))))
    await DBOS.delete_workflows_async([one.workflow_id for one in parts])
    await engine.records.delete(run.id)
    unused = await engine.writer.write(partial(forget_files, run=run.id, files=named))
    for file_id in unused - given:
        await files.delete(file_id)


async def forget_answers(engine: Engine, run: RunRecord, files: FileStore) -> None:
    """Delete the answers of a run that succeeded: its steps hold what was read from them."""
    answers = database.requests
    of_run = answers.c.run == run.id
    # Those that are in files; an answer in the database may be long, and is not read.
    in_files = answers.c.answer.contains('"body": null', autoescape=True)

    def read() -> set[str]:
        with database_errors(), engine.database.connect() as connection:
            found = connection.execute(sa.select(answers.c.answer).where(of_run, in_files))
            return {file_id for text in found.scalars() for file_id in file_ids(text)}

    def forget(connection: sa.Connection) -> set[str]:
        connection.execute(answers.update().where(of_run).values(answer=None))
        return forget_files(connection, run.id, named)

    await engine.writer.flush()
    named = await asyncio.to_thread(read)
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
