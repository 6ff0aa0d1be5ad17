"""Measure, print the table, and with `--write` save it as docs/benchmarks.md."""

from __future__ import annotations

import argparse
import os
import platform
from datetime import date
from time import perf_counter

from rich.console import Console
from rich.table import Table

from .measure import ROOT, Measured, measure
from .rows import ROWS, Row, Shown

PAGE = ROOT / "docs" / "benchmarks.md"
HEAD = ("Workload", "Unit", "Ours", "httpx", "openai", "openrouter", "Ratio", "Target", "Met")


def main() -> None:
    """Measure everything, which takes about three minutes on two cores."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    write = parser.parse_args().write
    began, console = perf_counter(), Console()
    if not console.is_terminal:
        console = Console(width=140)
    with console.status("") as status:
        measured = measure(lambda name: status.update(f"measuring: {name}"))
    lines = [_line(row, measured) for row in ROWS]
    console.print(_table(lines))
    console.print(f"{_machine()}; {perf_counter() - began:.0f} s", style="dim", highlight=False)
    if write:
        PAGE.write_text(_page(lines), encoding="utf-8")


def _line(row: Row, measured: Measured) -> list[str]:
    shown = {client: figures[row.figure] for client, figures in measured[row.workload].items()}
    ours, other = shown[row.ours], shown.get(row.httpx)
    columns = (ours, other, shown.get("openai"), shown.get("openrouter"))
    numbers = ["" if one is None else f"{one:,.{row.digits}f}" for one in columns]
    return [
        row.title,
        row.unit,
        *numbers,
        f"{ours / other:.2f}" if other else "",
        *_met(row, shown),
    ]


def _met(row: Row, shown: Shown) -> tuple[str, str]:
    if row.target is None:
        return "", ""
    return row.target.words, "yes" if row.target.met(shown[row.ours], shown) else "no"


def _table(lines: list[list[str]]) -> Table:
    table = Table()
    for i, name in enumerate(HEAD):
        table.add_column(name, justify="right" if 2 <= i <= 6 else "left")
    for line in lines:
        table.add_row(*line, style="red" if line[-1] == "no" else None)
    return table


def _machine() -> str:
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{os.cpu_count()} cores, {python}, {platform.system()} {platform.machine()}"


def _page(lines: list[list[str]]) -> str:
    rows = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return _PAGE.format(
        head=f"| {' | '.join(HEAD)} |",
        rule="|---|---|---:|---:|---:|---:|---:|---|---|",
        rows=rows,
        machine=_machine(),
        day=date.today(),
    )


_PAGE = """\
# Benchmarks

This connector, plain `httpx`, the `openai` SDK and the `openrouter` SDK call a server on loopback
whose own cost is negligible. Each figure is the median of several fresh processes; the libraries
take turns. `make bench` measures again; no test depends on a time.

{head}
{rule}
{rows}

Measured {day} with {machine}.

How to read it:

- The ratio is ours divided by httpx. Ours does more: it validates the parameters, applies the
  conditions of the form, builds the request from the definition, and returns cost and usage with
  the answer.
- `httpx` is an `AsyncClient` with default settings and `json.loads`. It opens 100 connections and
  queues other calls, so a second one with 512 connections is measured for 512 concurrent calls.
- httpx reads a stream with `aiter_lines` and `json.loads`.
- The transcription is compared with an upload of base64 that is ready in memory. Ours also measures
  the length of the audio, checks it for silence, and encodes it while it is sent.
- Memory is the peak above the memory after a small call of the same kind.
- The first call is a whole process: interpreter, imports, definition, one answer. `run` is the
  synchronous function for a single call; a session is for many.
"""

if __name__ == "__main__":
    main()
