"""The cost of generated images, by the price lists of an image model's endpoints.

Each line of a list is `{billable, unit, cost_usd, variant?}`. Lines of one billable are
alternatives, such as one for each resolution; the costs of different billables add up.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from functools import reduce
from operator import or_
from re import fullmatch

from ..money import parse_amount
from ..runtime.preflight.interval import NOTHING, UNKNOWN, Interval
from ..runtime.preflight.row_values import count_at
from ..runtime.preflight.tokens import prompt_tokens
from ..runtime.prompt_parts import PromptFormat
from ..values import Json, JsonObject


def image_cost(
    body: JsonObject, endpoints: list[JsonObject], prompt: PromptFormat
) -> Interval | None:
    """Return the cost at the cheapest and the most expensive endpoint; None without any price."""
    costs = [
        cost for endpoint in endpoints if (cost := _cost_at(endpoint, body, prompt)) is not None
    ]
    return reduce(or_, costs) if costs else None


def image_count(body: JsonObject) -> int:
    """Return how many images are requested."""
    return count_at(body, "n") or 1


def _cost_at(endpoint: Json, body: JsonObject, prompt: PromptFormat) -> Interval | None:
    """Return the cost at one endpoint; None when it lists no price of an image."""
    value = endpoint.get("pricing") if isinstance(endpoint, dict) else None
    lines: dict[str, list[JsonObject]] = defaultdict(list)
    for line in value if isinstance(value, list) else []:
        if isinstance(line, dict):
            lines[str(line.get("billable"))].append(line)
    # Such an endpoint bills by something that cannot be counted in advance.
    if not lines["output_image"]:
        return None
    cost = NOTHING
    for billable, alternatives in lines.items():
        if alternatives:
            matching = _matching(alternatives, body)
            cost += reduce(or_, (_cost(billable, line, body, prompt) for line in matching))
    return cost


def _matching(lines: list[JsonObject], body: JsonObject) -> list[JsonObject]:
    """Return the lines of the requested variant; all of them when none names it."""
    requested = [body.get(name) for name in ("resolution", "size", "quality")]
    return [line for line in lines if line.get("variant") in filter(None, requested)] or lines


def _cost(billable: str, line: JsonObject, body: JsonObject, prompt: PromptFormat) -> Interval:
    price = parse_amount(line.get("cost_usd"))
    units = _units(billable, str(line.get("unit")), body, prompt)
    return units * (UNKNOWN if price is None else Interval.of(price))


def _units(billable: str, unit: str, body: JsonObject, prompt: PromptFormat) -> Interval:
    """Count the billed units; the tokens of a generated image are not known in advance."""
    references = body.get("input_references")
    inputs = Interval.of(len(references) if isinstance(references, list) else 0)
    match billable, unit:
        case "output_image", "image":
            return Interval.of(image_count(body))
        case "output_image", "megapixel":
            return Interval.of(image_count(body)) * _megapixels(body)
        case "input_text", "token":
            return prompt_tokens({"prompt": body.get("prompt")}, prompt)
        case (("input_image" | "input_reference"), "image"):
            return inputs
        case (("input_image" | "input_reference"), _):
            return inputs * UNKNOWN
        case "input_font", _:
            return NOTHING
        case _:
            return UNKNOWN


def _megapixels(body: JsonObject) -> Interval:
    if pixels := fullmatch(r"(\d{1,5})x(\d{1,5})", str(body.get("size"))):
        return Interval.of(Decimal(int(pixels[1]) * int(pixels[2])) / 1_000_000)
    tier = _TIERS.get(str(body.get("resolution") or body.get("size")))
    return Interval.of(tier) if tier else UNKNOWN


_TIERS = {"512": Decimal("0.25"), "1K": Decimal(1), "2K": Decimal(4), "4K": Decimal(16)}
