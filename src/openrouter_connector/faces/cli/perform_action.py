"""Perform an action, with a progress bar and a streamed answer on the terminal."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

from ...values import Event, JsonObject, Result
from .interrupted_batch import FinishedRows
from .progress_bar import progress_bar
from .result_output import StreamedAnswer
from .terminal import print_json

if TYPE_CHECKING:
    from ...connector import Session


async def perform_action(
    session: Session,
    action: str,
    parameters: JsonObject,
    answer: StreamedAnswer | None = None,
    rows: FinishedRows | None = None,
    *,
    stream: bool,
    as_lines: bool = False,
) -> Result:
    """Return the result of an action, and show its progress.

    `answer` prints what is streamed; `rows` collects the rows of a batch. With `as_lines` each
    event but the result is printed to stdout, as a line of JSON. The id of a long job is printed
    as soon as it is known, so that the job can be resumed.
    """
    resume = _resume_property(session, action)
    result, job = None, ""
    with progress_bar(f"Running {action}") as bar:
        async with aclosing(session.events(action, parameters, stream=stream)) as events:
            async for event in events:
                if event.type == "delta" and answer:
                    bar.stop()
                    answer.print(event)
                if as_lines and event.type != "result":
                    print_json(_event_json(event), on_one_line=True)
                if rows:
                    rows.add(event)
                if event.total:
                    bar.update(event.done, event.total, event.unit)
                if event.job and event.job != job:
                    job = event.job
                    bar.line(_job_line(event, resume))
                result = event.result
    assert result is not None  # noqa: S101 - a run ends with its result or an error
    return result


def _event_json(event: Event) -> JsonObject:
    """Return what an event says; the names are those of the HTTP face."""
    values = {
        "text": event.text,
        "reasoning": event.reasoning,
        "done": event.done,
        "total": event.total,
        "unit": event.unit,
        "jobId": event.job,
        "row": event.row,
    }
    return {"type": event.type} | {name: value for name, value in values.items() if value}


def _resume_property(session: Session, action: str) -> str | None:
    poll = session.definition.form(action).action.poll
    return poll.resume if poll else None


def _job_line(event: Event, resume: str | None) -> str:
    hint = f" (to resume it later: -p {resume}={event.job})" if resume else ""
    return f"Job {event.job}: {event.text}{hint}"
