"""A number of which only a lower and an upper bound are known."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Interval:
    """From `low` to `high`, neither below zero; without `high` there is no known upper bound."""

    low: Decimal
    high: Decimal | None = None

    @classmethod
    def of(cls, number: int | Decimal) -> Interval:
        """Return a number that is known exactly."""
        return cls(Decimal(number), Decimal(number))

    def __add__(self, other: Interval) -> Interval:
        low = self.low + other.low
        if self.high is None or other.high is None:
            return Interval(low)
        return Interval(low, self.high + other.high)

    def __mul__(self, other: Interval) -> Interval:
        # Zero times an unknown number is zero: a free token costs nothing, however many there are.
        if 0 in (self.high, other.high):
            return Interval.of(0)
        low = self.low * other.low
        if self.high is None or other.high is None:
            return Interval(low)
        return Interval(low, self.high * other.high)

    def __or__(self, other: Interval) -> Interval:
        """Return the smallest interval that holds both."""
        low = min(self.low, other.low)
        if self.high is None or other.high is None:
            return Interval(low)
        return Interval(low, max(self.high, other.high))


NOTHING = Interval.of(0)
UNKNOWN = Interval(Decimal(0))
