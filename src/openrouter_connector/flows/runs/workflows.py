"""The workflows that the engine knows by name: a whole run, and a part of it."""

from __future__ import annotations

import logging
import secrets

from dbos import DBOS

from ...money import format_usd
from ...values import Json, JsonObject
from ..formats.flow import Flow
from . import containers  # noqa: F401 - what executes each container
from .definition_digests import changed_actions
from .engine import RUN, Engine
from .execution import Execution
from .large_values import pack, unpack
from .outcomes import described
from .retention import forget_answers
from .rows.workflows import perform_rows
from .run_budget import budget_of
from .run_records import RunRecord, Status, marking
from .scope import Scope, evaluated_value

_log = logging.getLogger(__name__)


@DBOS.workflow(name=RUN, max_recovery_attempts=None)
async def run_flow(run_id: str) -> JsonObject:
    """Execute a run from its beginning; what is recorded is not done again."""
    engine = Engine.in_use()
    with engine.executing(run_id):
        try:
            return await _run_flow(engine, run_id)
        except Exception as error:
            # Its end could not be recorded, as on a full disk: tell those who wait for it.
            _, reason = described(error)
            engine.journal.show_end(run_id, status="interrupted", error=reason)
            raise


async def _run_flow(engine: Engine, run_id: str) -> JsonObject:
    run = await engine.records.get(run_id)
    _log.info("run %s: running (%s)", run_id, run.label)
    engine.journal.forget(run_id)
    await engine.records.set_status(run_id, "running")
    engine.journal.add(run_id, "running")
    scope = Scope(run.inputs)
    status: Status = "succeeded"
    outcome: JsonObject
    try:
        execution = await _execution(engine, run)
        _compare_definition(engine, run, execution.flow)
        if run.options.rows is not None:
            outcome = {"outputs": await perform_rows(engine, run)}
        else:
            outcome = {"outputs": await _perform_steps(execution, scope)}
    except Exception as error:
        place, reason = described(error)
        status = "in doubt" if reason.get("type") == "InDoubtError" else "failed"
        outcome = {"error": reason, "place": place, "doubts": await doubts_of(engine, run)}
    if status == "succeeded":
        await forget_answers(engine, run, (await engine.session_for(run)).files)
    packed = {"status": status, **outcome}
    cost = await engine.records.cost_of(run_id)
    # Of one that was cancelled in its last moment nothing is written.
    await engine.journal.end(run_id, marking(run_id, status, packed), cost=cost, **packed)
    _log.info("run %s: %s, %s (%s)", run_id, status, format_usd(cost), run.label)
    return packed


async def _perform_steps(execution: Execution, scope: Scope) -> Json:
    """Perform the steps of a flow, and return its outputs."""
    engine, run, flow = execution.engine, execution.run, execution.flow
    await _add_pinned(engine, run, scope)
    await execution.steps([step for step in flow.steps if not step.container], "", scope)
    session = await engine.session_for(run)
    return await pack(_outputs(flow, run, scope), session.files)


@DBOS.workflow(name="run_part", max_recovery_attempts=None)
async def run_part(run_id: str, task: JsonObject) -> JsonObject:
    """Execute some steps of a run beside others; return `{scope, signal}`, or `{error, place}`."""
    engine = Engine.in_use()
    with engine.executing(run_id):
        return await _run_part(engine, run_id, task)


async def _run_part(engine: Engine, run_id: str, task: JsonObject) -> JsonObject:
    run = await engine.records.get(run_id)
    execution = await _execution(engine, run)
    files = (await engine.session_for(run)).files
    visible = await unpack(task["scope"], files)
    scope = Scope(run.inputs, visible["values"], visible["metadata"])
    steps = [execution.steps_by_place[place] for place in task["steps"]]
    try:
        signal = await execution.steps(steps, task["prefix"], scope)
    except Exception as error:
        place, reason = described(error)
        return {"error": reason, "place": place or task["prefix"].rstrip(".")}
    finally:
        # Who replays this run finds the part done, and would not note its steps again.
        await engine.writer.flush()
    returned = await pack(scope.only(task["returns"]), files)
    return {"scope": returned, "signal": signal.value if signal else None}


def _compare_definition(engine: Engine, run: RunRecord, flow: Flow) -> None:
    """Warn of actions that are defined otherwise here. InputError for one that is missing."""
    changed = changed_actions(run.definition, flow, engine.connector.definition)
    if changed:
        names = ", ".join(changed)
        message = f"other definitions than where the run was started: {names}"
        engine.journal.add(run.id, "warning", message=message)
        _log.warning("run %s: %s", run.id, message)


async def _add_pinned(engine: Engine, run: RunRecord, scope: Scope) -> None:
    """Make the outputs visible of steps that are not performed."""
    files = (await engine.session_for(run)).files
    for name, pinned in run.options.pinned.items():
        scope.add(name, await unpack(pinned.get("output"), files), pinned.get("metadata"))


async def doubts_of(engine: Engine, run: RunRecord) -> list[JsonObject]:
    """Return the requests that may have been served, each with its likely cost."""
    doubtful = await engine.requests.doubtful(run.id)
    # Once for each model: of many rows a hundred may be in doubt.
    kinds = {(found["action"], found["model"]) for found in doubtful}
    usual = {kind: await engine.records.usual_cost(*kind) for kind in kinds}
    return [{**found, "likelyCost": usual[found["action"], found["model"]]} for found in doubtful]


async def _execution(engine: Engine, run: RunRecord) -> Execution:
    flow = engine.flow_of(run)
    return Execution(
        engine=engine,
        run=run,
        flow=flow,
        steps_by_place=engine.steps_of(run),
        component=engine.connector.definition.component.name,
        owner=f"{engine.executor}/{secrets.token_hex(6)}",
        budget=await budget_of(engine, run),
        run_part=run_part,
        noted=await engine.noted_of(run),
    )


def _outputs(flow: Flow, run: RunRecord, scope: Scope) -> Json:
    """Return the outputs that the flow declares; else the output of each step at the top.

    Of a run of one step, the output of that step.
    """
    if run.options.only is not None:
        return {run.options.only: scope.values.get(run.options.only)}
    if flow.outputs:
        return {
            name: evaluated_value(value, scope, f"outputs.{name}")
            for name, value in flow.outputs.items()
        }
    names = [step.name for step in flow.steps if not step.container and step.name in scope.values]
    return {name: scope.values[name] for name in names}
