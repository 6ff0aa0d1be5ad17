"""Runs of flows as pages for people: a list, one run with its steps, and costs."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from time import localtime, strftime, time
from typing import TYPE_CHECKING

from ...connections.redact_keys import redact_keys
from ...money import format_usd
from ...values import JsonObject
from .flow_output import command, doubt_line, outputs_text, way_out
from .result_output import PathOf, cost, duration
from .tables import print_table
from .terminal import print_text

if TYPE_CHECKING:
    from ...flows.runs import RunSummary

_UNFINISHED = ("failed", "in doubt", "cancelled", "interrupted")
_RUNNING = ("queued", "running")
_SHORTEST = 0.05  # seconds; a shorter time reads as 0.0 s


def print_runs(runs: Sequence[RunSummary]) -> None:
    """Print a table of runs."""
    rows = []
    for run in runs:
        took = _span((run.ended or time()) - run.created) if run.status != "queued" else ""
        spent = format_usd(run.cost) if run.cost else ""
        rows.append((run.id, run.status, _moment(run.created), took, spent, _label(run)))
    print_table(("Run", "Status", "Started", "Took", "Cost", "Flow"), rows)


def _label(run: RunSummary) -> str:
    """Return the label of a run, with where it ran if that was no real server."""
    label = _plain(run.label)
    return f"{label} ({run.server})" if run.server in ("rehearsal", "sandbox") else label


def print_run(run: JsonObject, path_of: PathOf, args: Namespace) -> None:
    """Print all that is known of a run, as `Runs.details` returns it."""
    where = f"connection {run['connection']}" if run["connection"] else run["server"]
    took = f", took {_span(run['ended'] - run['created'])}" if run["ended"] else ""
    print_text(redact_keys(f"{run['id']}  {run['label']}  {run['status']}"))
    print_text(f"started {_moment(run['created'])}{took}, {cost(run['cost'])}, {where}")
    if run["steps"]:
        _print_steps(run["steps"], is_running=run["status"] in _RUNNING)
    for doubt in run["doubts"]:
        print_text(doubt_line(doubt))
    if error := run.get("error"):
        place = f" in {run['place']}" if run.get("place") else ""
        print_text(redact_keys(f"error{place}: {error.get('message', '')}"))
    if run.get("outputs"):
        print_text(f"\noutputs:\n{redact_keys(outputs_text(run['outputs'], path_of))}")
    if run["status"] in _UNFINISHED:
        is_spent = (run.get("error") or {}).get("type") == "BudgetError"
        doubtful = bool(run["doubts"])
        print_text(f"\n{way_out(run['id'], args, in_doubt=doubtful, is_spent=is_spent)}")
    elif run["status"] in _RUNNING:
        print_text(f"\nTo watch it: {command('runs watch', run['id'], args)}")


def print_costs(rows: Sequence[JsonObject], by: Sequence[str]) -> None:
    """Print what runs cost, in groups, with the sum."""
    cells = [
        (*(_plain(str(row[name])) for name in by), str(row["steps"]), format_usd(row["cost"]))
        for row in rows
    ]
    print_table((*(name.capitalize() for name in by), "Steps", "Cost"), cells)
    print_text(f"{format_usd(sum(row['cost'] for row in rows))} in all")


def _print_steps(steps: Sequence[JsonObject], *, is_running: bool) -> None:
    rows = []
    for step in steps:
        amount = (step.get("metadata") or {}).get("cost")
        state = step["state"] if is_running or step["state"] != "running" else "unfinished"
        rows.append(
            (
                step["place"],
                step.get("action") or step.get("chosen") or "",
                f"{state}{_progress(step)}",
                _took(step),
                format_usd(amount) if amount is not None else "",
            )
        )
    print_table(("Step", "Action", "State", "Took", "Cost"), rows)
    for step in steps:
        if error := step.get("error"):
            print_text(redact_keys(f"{step['place']}: {error.get('message', '')}"))


def _took(step: JsonObject) -> str:
    """Return how long a step took; empty if nobody knows.

    The process of a step in doubt ended, and the next one only found it: it took longer than that.
    """
    if not step.get("ended"):
        return ""
    took = step["ended"] - step["started"]
    if (step.get("error") or {}).get("type") == "InDoubtError":
        for before in step.get("earlier", [])[-1:]:
            took += before["ended"] - before["started"]
        if took < _SHORTEST:
            return ""
    return duration(took)


def _progress(step: JsonObject) -> str:
    progress = step.get("progress")
    if not progress:
        return ""
    total = f" of {progress['total']}" if progress.get("total") else ""
    return f", {progress['done']}{total} {progress['unit'] or ''}".rstrip()


def _plain(text: str) -> str:
    return redact_keys(" ".join(text.split()))


def _moment(at: float) -> str:
    this_year = localtime(at).tm_year == localtime().tm_year
    return strftime("%m-%d %H:%M" if this_year else "%Y-%m-%d", localtime(at))


def _span(seconds: float) -> str:
    """Return a duration: `4.2 s`, `3 min`, `2 h 5 min`."""
    if seconds < 60:
        return duration(seconds)
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
