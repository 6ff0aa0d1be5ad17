"""The estimated cost of a call: a low and a high side in USD, and what was counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

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
        first, *others = estimates
        if not others:
            return first
        basis = (f"{len(estimates)} {unit}, of which the first", *first.basis)
        return replace(sum(others, first), basis=basis)

    def __add__(self, other: Estimate) -> Estimate:
        """Return the cost of both; the basis is that of the first."""
        high = None if self.high is None or other.high is None else self.high + other.high
        return replace(self, low=self.low + other.low, high=high)

    def __mul__(self, factor: float) -> Estimate:
        """Return a multiple of the cost, on the same basis."""
        return replace(
            self, low=self.low * factor, high=None if self.high is None else self.high * factor
        )

    def range(self) -> str:
        """Return `$1`, `$1 to $2` or `$1 or more`."""
        low = format_usd(self.low)
        if self.high is None:
            return f"{low} or more"
        return f"{low} to {format_usd(self.high)}" if self.high > self.low else low

    def sentence(self) -> str:
        """Return the estimate as one line for people."""
        is_unknown = self.high is None and not self.low
        cost = "the cost is not known in advance" if is_unknown else f"costs {self.range()}"
        return f"{cost}: {'; '.join(self.basis)}" if self.basis else cost
