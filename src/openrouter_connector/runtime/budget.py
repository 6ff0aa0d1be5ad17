"""What a session may cost."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import BudgetError
from ..money import format_usd


@dataclass(slots=True)
class Budget:
    """A limit in USD, and what was spent of it."""

    limit: float | None = None
    spent: float = 0.0
    within: Budget | None = None
    """What else this counts for."""

    def part(self) -> Budget:
        """Give a budget that counts what one of several calls spends, and has no limit but this."""
        return Budget(within=self)

    @property
    def reached(self) -> bool:
        """Whether nothing is left."""
        if self.within:
            return self.within.reached
        return self.limit is not None and self.spent >= self.limit

    def check(self) -> None:
        """Raise BudgetError when nothing is left."""
        if self.within:
            self.within.check()
        elif self.reached:
            raise BudgetError(
                f"the budget of {format_usd(self.limit or 0.0)} is reached "
                f"({format_usd(self.spent)} spent); "
                "nothing was sent. Raise the budget to go on."
            )

    def add(self, cost: float | None) -> None:
        """Count what a call cost; the amount is checked by then, and may correct an earlier one."""
        self.spent += cost or 0.0
        if self.within:
            self.within.add(cost)
