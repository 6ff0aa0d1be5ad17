"""Perform one step that calls an action: its parameters, its tries, its events and its cost."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial

from ...connector import Session
from ...errors import (
    ApiError,
    BudgetError,
    ConnectorError,
    CredentialError,
    FileError,
    InDoubtError,
    UnavailableError,
)
from ...runtime.budget import Budget
from ...runtime.files.data_url import decode_data_url
from ...runtime.files.store import FileStore
from ...values import Event, FileEntry, Json, JsonObject, Result, an_object
from ..formats.check import form_of
from ..formats.steps import Step
from .durable_send import StepContext, current_step
from .engine import Engine
from .large_values import pack
from .outcomes import Outcome, described
from .run_records import RunRecord
from .step_policy import policy_of

_LONGEST_PAUSE = 30.0  # seconds between two tries


async def perform_step(
    engine: Engine,
    run: RunRecord,
    step: Step,
    place: str,
    parameters: Callable[[], JsonObject],
    owner: str,
    budget: Budget,
    *,
    has_events: bool = True,
) -> JsonObject:
    """Return the outcome of a step and its `cost` as JSON; large values are in the file store.

    A failure is an outcome too; `doubtful` is true if its request may have been served. The step
    may be performed again after a crash: then its requests find their recorded answers. Of the
    many rows of a table nobody watches each one: these have no events.
    """
    action = step.type.split("/")[-1]
    tell = partial(engine.journal.add, run.id) if has_events else _ignore
    tell("started", place, step=step.name, action=action)
    session = await engine.session_for(run)
    spent, doubtful = budget.part(), False
    try:
        if session.budget.reached:
            raise BudgetError("the budget of this server is spent; nothing more was sent")
        result = await _tried(engine, run, step, place, parameters(), owner, spent, session, tell)
        outcome = Outcome(result.to_json()["output"], result.metadata.to_json())
    except Exception as error:
        outcome = Outcome(error=described(error)[1])
        doubtful = isinstance(error, InDoubtError) or getattr(error, "may_be_charged", False)
        if isinstance(error, CredentialError) and run.connection:
            engine.forget(run.connection)
    session.budget.add(spent.spent)
    packed = await pack(outcome.output, session.files)
    found = {**replace(outcome, output=packed).to_json(), "cost": spent.spent}
    return {**found, "doubtful": True} if doubtful else found


def _ignore(type: str, place: str, **more: Json) -> None:
    """Tell nobody."""


async def _tried(
    engine: Engine,
    run: RunRecord,
    step: Step,
    place: str,
    parameters: JsonObject,
    owner: str,
    budget: Budget,
    session: Session,
    tell: Callable[..., None],
) -> Result:
    """Perform the action; repeat only what surely was not served, as often as the task says."""
    form, policy = form_of(step, session.definition), policy_of(step)
    model = str(parameters.get("model") or "")
    context = StepContext(
        run=run.id,
        place=place,
        owner=owner,
        action=form.action.name,
        requests=engine.requests,
        files=session.files,
        calls=engine.calls_of(run),
        redactor=session.redactor,
        profile=session.profile,
        retries_doubtful=run.options.on_doubt == "retry",
        on_turn=lambda: None,
        usual_cost=partial(_usual_cost, engine, form.action.name, model, tell),
    )
    token = current_step.set(context)

    async def report(event: Event) -> None:
        if tell is _ignore:
            return
        if event.type == "delta":
            engine.journal.add_delta(run.id, place, event.text, event.reasoning)
        elif event.type == "progress":
            progress = {"done": event.done, "total": event.total, "unit": event.unit}
            if event.job:
                progress["job"] = event.job
            if event.preview and (kept := await _kept(event.preview, session.files)):
                progress["preview"] = kept
            tell("progress", place, **progress)

    # Of an answer that is streamed, nothing can be repaired any more.
    is_text = an_object(parameters.get("response")).get("responseFormat") in (None, "TEXT")
    streams = run.options.stream and is_text
    try:
        for tried in range(policy.retries + 1):
            # Each try begins its count anew: a refused request is sent again in its own place.
            context.numbers.clear()
            try:
                async with asyncio.timeout(None) as clock:
                    context.on_turn = _starting(clock, policy.timeout)
                    with _in_doubt(context):
                        return await session.perform(
                            form.action.name,
                            parameters,
                            report=report,
                            stream=streams,
                            budget=budget,
                        )
            except TimeoutError:
                message = f"was not done within {policy.timeout:g} s; it may have been charged"
                raise UnavailableError(message) from None
            except ApiError as error:
                if tried == policy.retries or not _may_retry(error):
                    raise
                tell("retry", place, step=step.name, error=error.to_json(), tries=tried + 1)
                await asyncio.sleep(_pause(tried, error))
        raise AssertionError("unreachable")
    finally:
        current_step.reset(token)


async def _kept(preview: FileEntry, files: FileStore) -> Json:
    """Return a partial image as a file of the store: the database of events is no place for it.

    None if it cannot be kept, which is no reason to fail.
    """
    with suppress(FileError):
        content = decode_data_url(preview.url)
        return (await files.put(content, preview.name, preview.mime_type)).to_json()
    return None


async def _usual_cost(
    engine: Engine, action: str, model: str, tell: Callable[..., None]
) -> float | None:
    # Of many rows a hundred may be in doubt, and each look reads the costs of all runs.
    return None if tell is _ignore else await engine.records.usual_cost(action, model)


@contextmanager
def _in_doubt(step: StepContext) -> Iterator[None]:
    """Raise the doubt about a request of the step, whatever the action made of it.

    A repair round reports the first answer, and a list of items has the error in one of its rows.
    """
    try:
        yield
    except ConnectorError as error:
        if step.doubt is not None:
            raise step.doubt from error
        error.may_be_charged = error.may_be_charged or step.is_lost
        raise
    if step.doubt is not None:
        raise step.doubt


def _starting(clock: asyncio.Timeout, seconds: float | None) -> Callable[[], None]:
    """Return what starts the clock of a try, once: not while the step waits for its turn."""

    def start() -> None:
        if seconds is not None and clock.when() is None:
            clock.reschedule(asyncio.get_running_loop().time() + seconds)

    return start


def _may_retry(error: ApiError) -> bool:
    """Return whether a request surely was not served, so that repeating it is paid once."""
    return error.retryable and not error.may_be_charged and not isinstance(error, InDoubtError)


def _pause(tried: int, error: ApiError) -> float:
    if error.retry_after is not None:
        return error.retry_after
    return min(_LONGEST_PAUSE, 2.0**tried) * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
