"""What the catalogue asks for one unit of something: a token, a request, a picture.

Prices come as decimal texts in USD. A negative one is a router's, whose price varies.
"""

from __future__ import annotations

from decimal import Decimal

from ...money import parse_amount
from ...values import Json
from .interval import NOTHING, UNKNOWN, Span


class Tariff:
    """The `pricing` of a row, with what it overrides for long prompts and for hours of the day."""

    def __init__(self, pricing: Json) -> None:
        self._base = pricing if isinstance(pricing, dict) else {}
        told = self._base.get("overrides")
        listed = told if isinstance(told, list) else []
        self._overrides = [one for one in listed if isinstance(one, dict)]
        discount = parse_amount(self._base.get("discount"))
        self._kept = 1 - min(discount, Decimal(1)) if discount else Decimal(1)

    def price(self, name: str, prompt: Span = NOTHING) -> Span:
        """Give the price of one unit, for a prompt of that many tokens.

        The hour is not known before, nor whether the discount is in the price already.
        """
        found = _price(self._base.get(name), needed=name in _NEEDED)
        for override in self._overrides:
            least = parse_amount(override.get("min_prompt_tokens")) or Decimal(0)
            if name not in override or (prompt.high is not None and prompt.high < least):
                continue
            own = _price(override[name], needed=True)
            surely = prompt.low >= least and not _HOURS & override.keys()
            found = own if surely else found | own
        return Span(found.low * self._kept, found.high)


_NEEDED = {"prompt", "completion"}  # of what else a row does not tell, there is none
_HOURS = {"utc_start", "utc_end"}


def _price(told: Json, *, needed: bool) -> Span:
    if told is None:
        return UNKNOWN if needed else NOTHING
    found = parse_amount(told)
    return UNKNOWN if found is None else Span.of(found)
