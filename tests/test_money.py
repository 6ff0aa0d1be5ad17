"""Amounts of money as people read them."""

from __future__ import annotations

import pytest

from openrouter_connector.money import usd

SHOWN = {
    0: "$0.00",
    0.0000098: "$0.0000098",
    0.0123: "$0.012",
    0.5: "$0.50",
    1234.5: "$1,234.50",
    -2.5: "-$2.50",
    1e300: "$1e+300",
}


@pytest.mark.parametrize("amount", SHOWN)
def test_an_amount_shows_the_digits_that_count(amount: float) -> None:
    assert usd(amount) == SHOWN[amount]
