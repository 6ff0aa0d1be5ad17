"""Run flows durably on DBOS. Needs the extra `flows`; imported when a flow runs, and not before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .engine import Engine, EngineLimits
from .outcomes import FlowError
from .rows.failures import RowFailure
from .rows.preflight import RowsPreflight, preflight_rows
from .rows.records import RowCounts
from .rows.request import RowsRequest
from .rows.start import StartedRows
from .run_records import RunOptions, RunRecord, RunSummary
from .runs import FlowResult, Run, Runs, StartOptions

if TYPE_CHECKING:
    from ...connector import Session

__all__ = [
    "Engine",
    "EngineLimits",
    "FlowError",
    "FlowResult",
    "RowCounts",
    "RowFailure",
    "RowsPreflight",
    "RowsRequest",
    "Run",
    "RunOptions",
    "RunRecord",
    "RunSummary",
    "Runs",
    "StartOptions",
    "StartedRows",
    "preflight_rows",
    "runs_of",
]


def runs_of(session: Session) -> Runs:
    """Return the runs of the user's database, as a session starts them."""
    return Runs(session)
