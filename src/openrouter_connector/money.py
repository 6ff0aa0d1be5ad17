"""Amounts of money as people read them."""

from __future__ import annotations

from decimal import Decimal


def usd(amount: float) -> str:
    """Write an amount with the digits that count: $0.0000098, $0.45, -$1,234.50."""
    size, sign = abs(amount), "-" if amount < 0 else ""
    if size == 0 or 0.1 <= size < 1e12:
        return f"{sign}${size:,.2f}"
    short = f"{size:.2g}"  # a server may tell any number, and not fill the screen with it
    return f"{sign}${short if size >= 1 else f'{Decimal(short):f}'}"
