"""Amounts and numbers: read from what a server says, and written for people."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from math import isfinite

MOST = 10**9
"""An amount as large as this is a mistake of a server."""


def amount(told: object) -> Decimal | None:
    """Read an amount: a number, or a text that is one; None for all else.

    Negative and endless numbers, NaN and booleans are no amounts.
    """
    if isinstance(told, bool) or not isinstance(told, str | int | float):
        return None
    try:
        found = Decimal(str(told))
    except (InvalidOperation, ValueError):  # the latter for an int of thousands of digits
        return None
    return found if found.is_finite() and 0 <= found < MOST else None


def number(told: object) -> float | None:
    """Read a finite number, also one in a text; None for all else, booleans too."""
    if isinstance(told, bool) or not isinstance(told, str | int | float):
        return None
    try:
        found = float(told)
    except (ValueError, OverflowError):
        return None
    return found if isfinite(found) else None


def usd(amount: float) -> str:
    """Write an amount with the digits that count: $0.0000098, $0.45, -$1,234.50."""
    size, sign = abs(amount), "-" if amount < 0 else ""
    if size == 0 or 0.1 <= size < 1e12:
        return f"{sign}${size:,.2f}"
    short = f"{size:.2g}"  # a server may tell any number, and not fill the screen with it
    return f"{sign}${short if size >= 1 else f'{Decimal(short):f}'}"
