"""What is left to a run: of its own budget, of that of the day, and of that of the session."""

from __future__ import annotations

import time

from ...errors import BudgetError
from ...runtime.budget import Budget
from .engine import Engine
from .run_records import RunRecord, start_of_day


async def budget_of(engine: Engine, run: RunRecord) -> Budget:
    """Return what is left of the budgets of the run, the day and the session.

    All parts of a run share it.
    """
    if run.id in engine.budgets:
        return engine.budgets[run.id]
    limits, options = list[float](), run.options
    if options.budget is not None:
        limits.append(options.budget - await engine.records.cost_of(run.id))
    if options.day_budget is not None:
        today = start_of_day(time.time())
        limits.append(options.day_budget - await engine.records.cost_since(today))
    whole = (await engine.session_for(run)).budget
    if whole.limit is not None:
        limits.append(whole.left)
    if limits and min(limits) <= 0:
        raise BudgetError("the budget is spent; nothing more was sent. Raise it to go on.")
    return engine.budgets.setdefault(run.id, Budget(min(limits) if limits else None))
