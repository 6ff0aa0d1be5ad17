"""The budget of a run: of its own, that of the day and that of the session, the tightest."""

from __future__ import annotations

import time

from ...errors import BudgetError
from ...money import format_usd
from ...runtime.budget import Budget
from .engine import Engine
from .run_records import SANDBOX, RunRecord, start_of_day


async def budget_of(engine: Engine, run: RunRecord) -> Budget:
    """Return the budget of the run, the day or the session of which the least is left.

    It knows what was spent of it before. All parts of a run share it.
    """
    if run.id in engine.budgets:
        return engine.budgets[run.id]
    budgets, options = list[Budget](), run.options
    if options.budget is not None:
        budgets.append(Budget(options.budget, await engine.records.cost_of(run.id)))
    if options.day_budget is not None:
        today = start_of_day(time.time())
        # A run in the sandbox plays with its budgets as well.
        with_played = run.server == SANDBOX
        spent = await engine.records.cost_since(today, with_played=with_played)
        budgets.append(Budget(options.day_budget, spent))
    whole = (await engine.session_for(run)).budget
    if whole.limit is not None:
        budgets.append(Budget(whole.limit, whole.limit - whole.left))
    tightest = min(budgets, key=lambda budget: budget.left, default=Budget())
    if tightest.limit is not None and tightest.reached:
        amounts = f"of {format_usd(tightest.limit)} is spent ({format_usd(tightest.spent)} spent)"
        raise BudgetError(f"the budget {amounts}; nothing more was sent. Raise it to go on.")
    return engine.budgets.setdefault(run.id, tightest)
