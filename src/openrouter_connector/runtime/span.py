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
        known = self.high is not None and other.high is not None
        high = (self.high or 0) + (other.high or 0) if known else None
        return Span(self.low + other.low, Decimal(high) if high is not None else None)

    def __mul__(self, other: Span) -> Span:
        # Nothing times anything is nothing, however little is known of the other.
        if 0 in (self.high, other.high):
            return Span.of(0)
        known = self.high is not None and other.high is not None
        high = (self.high or 0) * (other.high or 0) if known else None
        return Span(self.low * other.low, Decimal(high) if high is not None else None)

    def __or__(self, other: Span) -> Span:
        """Give the span that holds both."""
        highs = (self.high, other.high)
        high = None if None in highs else max(filter(None, highs), default=Decimal(0))
        return Span(min(self.low, other.low), high)
