"""What pictures cost, by the prices that the endpoints of a picture model list.

Each line of a price list is `{billable, unit, cost_usd, variant?}`. Lines for one thing are
alternatives, such as one for each resolution; lines for unlike things come together.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from functools import reduce
from operator import or_
from re import fullmatch

from ...money import parse_amount
from ...values import Json, JsonObject
from .interval import NOTHING, UNKNOWN, Span
from .row_values import count_at
from .tokens import prompt_tokens


def picture_cost(body: JsonObject, endpoints: list[JsonObject]) -> Span | None:
    """Give the cost at the cheapest and the dearest endpoint; None when none lists a price."""
    costs = [found for one in endpoints if (found := _at(one, body)) is not None]
    return reduce(or_, costs) if costs else None


def picture_count(body: JsonObject) -> int:
    """Tell how many pictures are asked for."""
    return count_at(body, "n") or 1


def _at(endpoint: Json, body: JsonObject) -> Span | None:
    """Give the cost at one endpoint; None when it lists no price of a picture."""
    told = endpoint.get("pricing") if isinstance(endpoint, dict) else None
    lines: dict[str, list[JsonObject]] = defaultdict(list)
    for line in told if isinstance(told, list) else []:
        if isinstance(line, dict):
            lines[str(line.get("billable"))].append(line)
    if not lines["output_image"]:
        return None
    cost = NOTHING
    for billable, alternatives in lines.items():
        if alternatives:
            cost += reduce(
                or_, (_cost(billable, one, body) for one in _fitting(alternatives, body))
            )
    return cost


def _fitting(lines: list[JsonObject], body: JsonObject) -> list[JsonObject]:
    """Keep the lines of the variant that is asked for; all of them when none names it."""
    asked = [body.get(name) for name in ("resolution", "size", "quality")]
    return [line for line in lines if line.get("variant") in filter(None, asked)] or lines


def _cost(billable: str, line: JsonObject, body: JsonObject) -> Span:
    price = parse_amount(line.get("cost_usd"))
    units = _units(billable, str(line.get("unit")), body)
    return units * (UNKNOWN if price is None else Span.of(price))


def _units(billable: str, unit: str, body: JsonObject) -> Span:
    """Count what is billed; how many tokens a picture takes, nobody knows before."""
    references = body.get("input_references")
    given = Span.of(len(references) if isinstance(references, list) else 0)
    match billable, unit:
        case "output_image", "image":
            return Span.of(picture_count(body))
        case "output_image", "megapixel":
            return Span.of(picture_count(body)) * _megapixels(body)
        case "input_text", "token":
            return prompt_tokens({"prompt": body.get("prompt")})
        case (("input_image" | "input_reference"), "image"):
            return given
        case (("input_image" | "input_reference"), _):
            return given * UNKNOWN
        case "input_font", _:
            return NOTHING
        case _:
            return UNKNOWN


def _megapixels(body: JsonObject) -> Span:
    if pixels := fullmatch(r"(\d{1,5})x(\d{1,5})", str(body.get("size"))):
        return Span.of(Decimal(int(pixels[1]) * int(pixels[2])) / 1_000_000)
    tier = _TIERS.get(str(body.get("resolution") or body.get("size")))
    return Span.of(tier) if tier else UNKNOWN


_TIERS = {"512": Decimal("0.25"), "1K": Decimal(1), "2K": Decimal(4), "4K": Decimal(16)}
