"""Amounts and numbers: parse them from server responses, and format them for people."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from math import isfinite

_TOO_LARGE = 10**9  # USD; such an amount is a server's mistake


def parse_amount(value: object) -> Decimal | None:
    """Return an amount from a number or a numeric string; None for anything else.

    Negative numbers, infinity, NaN and booleans are not amounts.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        amount = Decimal(str(value))
    except (InvalidOperation, ValueError):  # ValueError: an int of thousands of digits
        return None
    return amount if amount.is_finite() and 0 <= amount < _TOO_LARGE else None


def parse_number(value: object) -> float | None:
    """Return a finite number from a number or a numeric string; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if isfinite(number) else None


def format_usd(amount: float) -> str:
    """Format an amount with its significant digits: $0.0000098, $0.45, -$1,234.50."""
    size, sign = abs(amount), "-" if amount < 0 else ""
    if size == 0 or 0.1 <= size < 1e12:
        return f"{sign}${size:,.2f}"
    short = f"{size:.2g}"  # a server may send any number; it must not fill the screen
    return f"{sign}${short if size >= 1 else f'{Decimal(short):f}'}"
