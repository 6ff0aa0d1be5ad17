"""Prepare a run of rows to go on: rows that ended well are kept, failed ones are sent again."""

from __future__ import annotations

from dataclasses import replace

from dbos import DBOS, WorkflowStatus

from ..engine import Engine
from ..run_records import RunRecord
from .records import place_of
from .stored import RowsPlan


async def begin_rows_again(
    engine: Engine, run: RunRecord, parts: list[WorkflowStatus], *, retry_doubtful: bool
) -> None:
    """Forget the rows that are performed again: failed ones, and with `retry_doubtful` others.

    A row in doubt whose answer has come since is performed again too: it finds that answer.
    """
    unfinished = [one.workflow_id for one in parts if one.status in ("PENDING", "ENQUEUED")]
    if chunks := [id for id in unfinished if id != run.id]:
        await DBOS.cancel_workflows_async(chunks)  # the rows are given to new chunks
    await engine.rows.forget(run.id, await engine.rows.numbers(run.id, "failed"), requests=True)
    if retry_doubtful:
        await engine.requests.retire_doubtful(run.id)
    still = {found["place"] for found in await engine.requests.doubtful(run.id)}
    doubtful = await engine.rows.numbers(run.id, "doubt")
    answered = [number for number in doubtful if place_of(number) not in still]
    await engine.rows.forget(run.id, answered, requests=False)
    plan = RowsPlan.of_json(run.options.rows or {})
    again = replace(plan, attempt=plan.attempt + 1)
    await engine.records.set_options(
        replace(run, options=replace(run.options, rows=again.to_json()))
    )
