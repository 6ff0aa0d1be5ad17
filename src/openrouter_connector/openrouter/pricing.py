"""The `pricing` of a catalogue row: the price of one token, request or image.

Prices are decimal texts in USD. A negative one belongs to a router, whose price varies.
"""

from __future__ import annotations

from decimal import Decimal

from ..money import parse_amount
from ..runtime.preflight.interval import NOTHING, UNKNOWN, Interval
from ..values import Json


class Pricing:
    """The prices of a row, with its overrides for long prompts and for hours of the day."""

    def __init__(self, pricing: Json) -> None:
        self._base = pricing if isinstance(pricing, dict) else {}
        value = self._base.get("overrides")
        listed = value if isinstance(value, list) else []
        self._overrides = [item for item in listed if isinstance(item, dict)]
        discount = parse_amount(self._base.get("discount"))
        self._paid_share = 1 - min(discount, Decimal(1)) if discount else Decimal(1)

    def price(self, name: str, prompt: Interval = NOTHING) -> Interval:
        """Return the price of one unit, for a prompt of that many tokens.

        The hour of billing is not known in advance, nor whether the price includes the discount.
        """
        price = _price(self._base.get(name), required=name in _REQUIRED)
        for override in self._overrides:
            least = parse_amount(override.get("min_prompt_tokens")) or Decimal(0)
            if name not in override or (prompt.high is not None and prompt.high < least):
                continue
            own = _price(override[name], required=True)
            applies_surely = prompt.low >= least and not _HOURS & override.keys()
            price = own if applies_surely else price | own
        return Interval(price.low * self._paid_share, price.high)


_REQUIRED = {"prompt", "completion"}  # a row leaves other prices out where nothing is charged
_HOURS = {"utc_start", "utc_end"}


def _price(value: Json, *, required: bool) -> Interval:
    if value is None:
        return UNKNOWN if required else NOTHING
    price = parse_amount(value)
    return UNKNOWN if price is None else Interval.of(price)
