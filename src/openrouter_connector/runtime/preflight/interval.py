"""A number that is only known to lie between two others."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Span:
    """From `low` to `high`, neither below zero; without `high` no upper bound is known."""

    low: Decimal
    high: Decimal | None = None

    @classmethod
    def of(cls, number: int | Decimal) -> Span:
        """Give a number that is known exactly."""
        return cls(Decimal(number), Decimal(number))

    def __add__(self, other: Span) -> Span:
        low = self.low + other.low
        if self.high is None or other.high is None:
            return Span(low)
        return Span(low, self.high + other.high)

    def __mul__(self, other: Span) -> Span:
        # Nothing times anything is nothing, however little is known of the other.
        if 0 in (self.high, other.high):
            return Span.of(0)
        low = self.low * other.low
        if self.high is None or other.high is None:
            return Span(low)
        return Span(low, self.high * other.high)

    def __or__(self, other: Span) -> Span:
        """Give the span that holds both."""
        low = min(self.low, other.low)
        if self.high is None or other.high is None:
            return Span(low)
        return Span(low, max(self.high, other.high))


NOTHING = Span.of(0)
UNKNOWN = Span(Decimal(0))
