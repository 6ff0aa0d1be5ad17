"""Amounts of money: what is one, and how people read it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from openrouter_connector.money import format_usd, parse_amount

SHOWN = {
    0: "$0.00",
    0.0000098: "$0.0000098",
    0.0123: "$0.012",
    0.5: "$0.50",
    1234.5: "$1,234.50",
    -2.5: "-$2.50",
    1e300: "$1e+300",
}


@pytest.mark.parametrize("shown", SHOWN)
def test_an_amount_shows_the_digits_that_count(shown: float) -> None:
    assert format_usd(shown) == SHOWN[shown]


@pytest.mark.parametrize("told", ["0.01", 0.01, " 0.010 ", "1e-2"])
def test_an_amount_is_a_number_or_a_text_that_is_one(told: object) -> None:
    assert parse_amount(told) == Decimal("0.01")


@pytest.mark.parametrize(
    "told",
    [None, True, False, -1, "-0.5", float("nan"), "NaN", float("inf"), "-inf", "sNaN", 10**400,
     "9" * 400, 10**5000, "", "free", "$1", [1], {"usd": 1}, 10**9],
    ids=lambda told: str(type(told).__name__),
)  # fmt: skip
def test_anything_else_is_no_amount(told: object) -> None:
    assert parse_amount(told) is None
