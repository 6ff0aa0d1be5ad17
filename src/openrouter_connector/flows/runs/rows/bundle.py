"""Send rows in one call of the API, which answers later at a lower price: its batches.

    rows without an outcome ─▶ file of requests ─▶ one durable step ─▶ file of results ─▶ records

Which action of the component sends the requests of others, its definition says (`bundle`).
"""

from __future__ import annotations

import json
import tempfile
from asyncio import to_thread
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from dbos import DBOS, StepOptions

from ....definition.load import Definition
from ....definition.model import Action
from ....errors import InputError, Problem
from ....values import FileEntry, Json, JsonObject, an_object
from ...formats.steps import Step
from ..engine import Engine
from ..large_values import open_file, unpack
from ..outcomes import Outcome, StepFailed
from ..perform_step import perform_step
from ..run_budget import budget_of
from ..run_copies import copy_name
from ..run_records import RunRecord, is_played
from .records import RowOutcome
from .stored import CHUNK, RowsPlan, read_chunk
from .template import RowTemplate, StoredRow

_ROW = "row-"
"""What the id of a request begins with; the number of its row follows."""


def bundle_of(definition: Definition, action: str) -> Action:
    """Return the action that sends requests of another one as a batch of the API.

    InputError if none does.
    """
    found = (definition.form(name).action for name in definition.component.actions)
    for one in found:
        if one.bundle and one.poll and one.bundle.split and action in one.bundle.actions:
            return one
    message = f"the API has no batches for {action}; leave out --via api"
    raise InputError([Problem("via", message)])


def bundle_parameters(bundle: Action, action: str, model: Json, file: Json) -> JsonObject:
    """Return the parameters of a batch of the API, whose requests are in a file."""
    words = bundle.bundle
    assert words is not None  # noqa: S101 - `bundle_of` chose it for them
    return {words.action: action, words.model: model, words.file: file}


def request_line(template: RowTemplate, row: StoredRow) -> bytes:
    """Return a row as a request of a batch: one line, without the model that all of them have."""
    filled = {name: value for name, value in template.filled(row).items() if name != "model"}
    return json.dumps({"customId": f"{_ROW}{row.index}", **filled}).encode() + b"\n"


async def perform_bundled(engine: Engine, run: RunRecord, plan: RowsPlan, owner: str) -> None:
    """Send the rows that have no outcome, wait for the results, and record each row.

    StepFailed if the batch fails as a whole.
    """
    [step] = engine.flow_of(run).steps
    action = step.type.split("/")[-1]
    definition = engine.connector.definition
    bundle = bundle_of(definition, action)
    kind = definition.component.type_of(bundle.name)
    for attempt in range(1, plan.attempt + 1):
        place = f"batch[{attempt}].{step.name}"
        task = {"name": step.name, "type": kind, "parameters": {}}
        sending = Step(task, step.place)
        # The wait for a job is cut off when the run is cancelled: the batch goes on by its id.
        options: StepOptions = {"name": place, "preemptible": True}
        once = partial(_performed, engine, run, plan, bundle, sending, place, owner)
        recorded: JsonObject = await DBOS.run_step_async(options, once)
        if recorded.get("error"):
            raise StepFailed(place, recorded["error"])
        if "output" in recorded:
            await _record(engine, run, place, recorded, is_last=attempt == plan.attempt)


async def _performed(
    engine: Engine,
    run: RunRecord,
    plan: RowsPlan,
    bundle: Action,
    step: Step,
    place: str,
    owner: str,
) -> JsonObject:
    """Send one batch; `{}` if all rows have ended."""
    file = await _requests_file(engine, run, plan)
    if file is None:
        return {}
    [row_step] = engine.flow_of(run).steps
    action, model = row_step.type.split("/")[-1], row_step.own_parameters.get("model")
    parameters = bundle_parameters(bundle, action, model, file.to_json())
    budget = (await budget_of(engine, run)).part()
    found = await perform_step(engine, run, step, place, lambda: parameters, owner, budget)
    played = is_played(run, row_step, engine.connector.definition)
    cost = found["cost"]
    engine.records.add_cost(run, place, bundle.name, str(model or ""), cost, is_played=played)
    return found


async def _requests_file(engine: Engine, run: RunRecord, plan: RowsPlan) -> FileEntry | None:
    """Store the requests of the rows that have no outcome; None if there are none."""
    files = (await engine.session_for(run)).files
    [step] = engine.flow_of(run).steps
    template = RowTemplate(step.own_parameters)
    with tempfile.TemporaryDirectory(prefix="rows-") as folder:
        path = Path(folder, "requests.jsonl")
        count = 0
        with await to_thread(path.open, "wb") as file:
            for number in await engine.rows.unfinished(run.id, plan.count, CHUNK):
                rows = await read_chunk(plan, number, files)
                ended = await engine.rows.states_in(run.id, rows[0].index, rows[-1].index + 1)
                left = [row for row in rows if row.index not in ended]
                count += len(left)
                file.writelines(request_line(template, row) for row in left)
        if not count:
            return None
        return await files.put(path, copy_name(run.id, "requests.jsonl"), "application/jsonl")


async def _record(
    engine: Engine, run: RunRecord, place: str, recorded: JsonObject, *, is_last: bool
) -> None:
    """Record each row of a file of results; what is recorded already stays as it is.

    Rows that failed in an earlier batch than the last one are in a later one.
    """
    files = (await engine.session_for(run)).files
    output = await unpack(recorded["output"], files)
    rest = b""
    async for chunk in open_file(output["url"], files):
        *lines, rest = (rest + chunk).split(b"\n")
        _add(engine, run, lines, is_last=is_last)
    _add(engine, run, [rest], is_last=is_last)
    if is_last:
        known = {"output": output, "metadata": Outcome.of_json(recorded).metadata}
        engine.journal.add(run.id, "result", place, step=place.rpartition(".")[2], **known)
    await engine.writer.flush()


def _add(engine: Engine, run: RunRecord, lines: list[bytes], *, is_last: bool) -> None:
    for outcome in _outcomes(lines):
        if is_last or outcome.state == "done":
            engine.rows.add(run.id, outcome)


def _outcomes(lines: list[bytes]) -> Iterator[RowOutcome]:
    for line in lines:
        if not line.strip():
            continue
        found = json.loads(line)
        number = str(found.get("customId") or "").removeprefix(_ROW)
        if not number.isdigit():
            continue  # of a request that nobody sent
        metadata = an_object(found.get("metadata"))
        cost = found.get("cost") or 0.0
        if found.get("error"):
            outcome: JsonObject = {"error": found["error"], "metadata": metadata}
            yield RowOutcome(int(number), "failed", cost, outcome)
        else:
            outcome = {"output": found.get("output"), "metadata": {**metadata, "cost": cost}}
            yield RowOutcome(int(number), "done", cost, outcome)
