"""Name the rows that failed or are in doubt, by their place in the table.

A comparison sends each row to several models, so its answers have a row and a model.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..engine import Engine
from ..run_records import RunRecord
from .workflows import plan_of


@dataclass(frozen=True, slots=True)
class RowFailure:
    """Why a row failed."""

    row: int
    """The number of the row, from 0."""
    model: str
    """The model, if several are compared."""
    message: str
    same: int
    """How many other rows failed with the same message."""


async def doubtful_rows(engine: Engine, run: RunRecord) -> dict[int, list[str]]:
    """Return the numbers of the rows that may have been served.

    Of a comparison with the models of each one; else with none.
    """
    plan, found = plan_of(run), dict[int, list[str]]()
    for index in await engine.rows.numbers(run.id, "doubt"):
        row, model = plan.place_of(index)
        found.setdefault(row, []).extend([model] if model else [])
    return found


async def first_failure(engine: Engine, run: RunRecord) -> RowFailure | None:
    """Return the first row that failed; None without one."""
    found = await engine.rows.first_failure(run.id)
    if found is None:
        return None
    outcome, same = found
    row, model = plan_of(run).place_of(outcome.index)
    return RowFailure(row, model, outcome.outcome["error"]["message"], same)
