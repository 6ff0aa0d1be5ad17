"""Runs of flows as pages for people: a list, one run with its steps, and costs."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Sequence
from time import localtime, strftime, time
from typing import TYPE_CHECKING

from ...connections.redact_keys import redact_keys
from ...money import format_usd
from ...values import JsonObject
from .flow_output import command, doubt_line, outputs_text, way_out
from .result_output import PathOf, cost, duration
from .terminal import columns, is_terminal, page, print_text

if TYPE_CHECKING:
    from ...flows.runs import RunSummary

_UNFINISHED = ("failed", "in doubt", "cancelled", "interrupted")
_RUNNING = ("queued", "running")
_WIDTH = 80  # columns of the list of runs, unless a terminal is wider


def print_runs(runs: Sequence[RunSummary]) -> None:
    """Print a table of runs that fits the terminal, or 80 columns."""
    rows = []
    for run in runs:
        took = _span((run.ended or time()) - run.created) if run.status != "queued" else ""
        spent = format_usd(run.cost) if run.cost else ""
        rows.append((run.id, run.status, _moment(run.created), took, spent, _plain(run.label)))
    width = columns() if is_terminal(sys.stdout) else _WIDTH
    _print_table(("Run", "Status", "Started", "Took", "Cost", "Flow"), rows, width)


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
        print_text(f"\n{way_out(run['id'], args, in_doubt=bool(run['doubts']))}")
    elif run["status"] in _RUNNING:
        print_text(f"\nTo watch it: {command('runs watch', run['id'], args)}")


def print_costs(rows: Sequence[JsonObject], by: Sequence[str]) -> None:
    """Print what runs cost, in groups, with the sum."""
    cells = [
        (*(_plain(str(row[name])) for name in by), str(row["steps"]), format_usd(row["cost"]))
        for row in rows
    ]
    _print_table((*(name.capitalize() for name in by), "Steps", "Cost"), cells)
    print_text(f"{format_usd(sum(row['cost'] for row in rows))} in all")


def _print_steps(steps: Sequence[JsonObject], *, is_running: bool) -> None:
    rows = []
    for step in steps:
        amount = (step.get("metadata") or {}).get("cost")
        state = step["state"] if is_running or step["state"] != "running" else "unfinished"
        ended = step.get("ended")
        rows.append(
            (
                step["place"],
                step.get("action") or step.get("chosen") or "",
                f"{state}{_progress(step)}",
                duration(ended - step["started"]) if ended else "",
                format_usd(amount) if amount is not None else "",
            )
        )
    _print_table(("Step", "Action", "State", "Took", "Cost"), rows)
    for step in steps:
        if error := step.get("error"):
            print_text(redact_keys(f"{step['place']}: {error.get('message', '')}"))


def _progress(step: JsonObject) -> str:
    progress = step.get("progress")
    if not progress:
        return ""
    total = f" of {progress['total']}" if progress.get("total") else ""
    return f", {progress['done']}{total} {progress['unit'] or ''}".rstrip()


def _print_table(
    names: Sequence[str], rows: Sequence[Sequence[str]], width: int | None = None
) -> None:
    """Print a table; with a width its last column is shortened to fit."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for name in names:
        table.add_column(name, no_wrap=True, overflow="ellipsis")
    if width:
        # By rich itself all columns would be shortened alike, the ids of runs too.
        widths = [max(map(len, column)) + 2 for column in zip(names, *rows, strict=True)]
        table.columns[-1].max_width = max(len(names[-1]), width - sum(widths[:-1]) - 2)
    for row in rows:
        table.add_row(*row)
    with page() as console:
        console.print(table)


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
