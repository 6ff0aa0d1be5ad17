"""The estimated cost of a call: a low and a high side in USD, and what was counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...money import format_usd
from ...values import JsonObject


@dataclass(frozen=True, slots=True)
class Estimate:
    """The cost of a call: at least `low`, at most `high`; None: no upper bound is known."""

    low: float
    high: float | None
    currency: str = "USD"
    basis: tuple[str, ...] = ()
    """What was counted, at which price, and what could not be counted."""

    def to_json(self) -> JsonObject:
        """Return `{low, high, currency, basis}`."""
        return {
            "low": self.low,
            "high": self.high,
            "currency": self.currency,
            "basis": list(self.basis),
        }

    @classmethod
    def of_all(cls, estimates: Sequence[Estimate], unit: str) -> Estimate:
        """Return the sum of the estimates of several calls; the basis is that of the first."""
        highs = [estimate.high for estimate in estimates]
        high = None if None in highs else sum(filter(None, highs))
        first = estimates[0].basis
        basis = (f"{len(estimates)} {unit}, of which the first", *first) if highs[1:] else first
        return cls(sum(estimate.low for estimate in estimates), high, basis=basis)

    def sentence(self) -> str:
        """Return the estimate as one line for people."""
        low = format_usd(self.low)
        if self.high is None:
            cost = f"costs {low} or more" if self.low else "the cost is not known in advance"
        else:
            cost = f"costs {low}" + (f" to {format_usd(self.high)}" if self.high > self.low else "")
        return f"{cost}: {'; '.join(self.basis)}" if self.basis else cost
