"""A row of the API as an option of a dropdown: `{label, value, description, details}`.

    details.prices = {"prompt": {"usd": 0.15, "per": "million tokens"}, "image": …}

Each price is for its own unit; unlike prices are never added up. A price that is negative, as those
of routers are, or missing is `{"usd": null, "variable": true}`. A row without any place for prices,
as other servers send them, has none.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import NamedTuple

from ...definition.model import Option, Price, Source
from ...definition.paths import at
from ...money import parse_amount
from ...values import Json, JsonObject
from .cache import CachedList

SOON = 60  # days before a model is switched off in which an option says so


class Entry(NamedTuple):
    """An option, and the lower-case text in which it is searched."""

    option: JsonObject
    text: str


def entries(source: Source, cached: CachedList) -> list[Entry]:
    """Return the options of a list, made once a day while the list stays the same."""
    today = datetime.now(UTC).date()
    day, made = cached.derived.get(source.name, (None, []))
    if day != today:
        options = (_option(source, row, today) for row in cached.rows)
        made = [Entry(option, search_text(option)) for option in options if option]
        cached.derived[source.name] = (today, made)
    entries: list[Entry] = made
    return entries


def own(value: Json, depth: int = 50) -> Json:
    """Copy JSON, so that a caller who changes it does not change the cache.

    What is nested deeper than any real row is left out.
    """
    if not depth:
        return None
    if isinstance(value, dict):
        return {key: own(item, depth - 1) for key, item in value.items()}
    return [own(item, depth - 1) for item in value] if isinstance(value, list) else value


def _option(source: Source, row: JsonObject, today: date) -> JsonObject | None:
    value = at(row, source.value)
    value = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(value, str) or not value:
        return None
    details = {name: at(row, path) for name, path in source.details.items()}
    if source.prices:
        details["prices"] = _prices(source, row)
    label = at(row, source.label)
    return {
        "label": label if isinstance(label, str) and label.strip() else value,
        "value": value,
        "description": _sentence(source, row, details, today),
        "details": details,
    }


def _prices(source: Source, row: JsonObject) -> JsonObject:
    """Return each price by its name: `{usd, per}`, or `{usd: null, per, variable: true}`.

    A row without a place for prices comes from another server, and nothing is known of its prices.
    """
    found: JsonObject = {}
    for name, price in source.prices.items():
        value = at(row, price.path)
        usd = parse_amount(value)
        if usd is not None:
            found[name] = {"usd": float(usd * price.multiplier), "per": price.unit}
        elif value is not None or (price.required and price.path.partition(".")[0] in row):
            found[name] = {"usd": None, "per": price.unit, "variable": True}
    return found


def _sentence(source: Source, row: JsonObject, details: JsonObject, today: date) -> str:
    """Return the line by which a person chooses: `$0.15 in, $0.60 out per million tokens · …`."""
    context = parse_amount(at(row, source.context_length)) if source.context_length else None
    parts = [
        _price_sentence(source, details),
        f"{_short(int(context))} context" if context else "",
        _expiry(at(row, source.expiration_date) if source.expiration_date else None, today),
    ]
    return " · ".join(filter(None, parts))


def _price_sentence(source: Source, details: JsonObject) -> str:
    prices: JsonObject = details.get("prices") or {}
    known = [
        (price, prices[name]["usd"]) for name, price in source.prices.items() if name in prices
    ]
    main = [(price, usd) for price, usd in known if price.required]
    if not main:
        return ""
    if any(usd is None for _, usd in main):
        return "variable price"
    shown = [(price, usd) for price, usd in known if price.shown and usd]
    if any(usd for _, usd in main):
        return _amounts([*main, *shown])
    if shown:
        return _amounts(shown)
    if source.free_if and not source.free_if.holds(details):
        return "price not listed"
    return "free, but for extras" if any(usd != 0 for _, usd in known) else "free"


def _amounts(prices: list[tuple[Price, float]]) -> str:
    """Return prices as text, grouped by unit: `$0.15 in, $0.60 out per million tokens`."""
    units: dict[str, list[str]] = {}
    for price, usd in prices:
        unit = "" if price.label.startswith(("a ", "an ")) else f" per {price.unit}"
        units.setdefault(unit, []).append(f"${_money(usd)} {price.label}")
    return ", ".join(f"{', '.join(amounts)}{unit}" for unit, amounts in units.items())


def _money(usd: float) -> str:
    """Return a price with at least two digits: 0.15, 0.075, 12.00."""
    text = f"{Decimal(str(usd)):f}"
    whole, _, digits = text.partition(".")
    return f"{whole}.{digits:0<2}"


def _short(tokens: int) -> str:
    if tokens < 1000:
        return str(tokens)
    return f"{tokens / 1_000_000:.3g}M" if tokens >= 1_000_000 else f"{tokens / 1000:.0f}k"


def _expiry(value: Json, today: date) -> str:
    try:
        day = date.fromisoformat(value[:10] if isinstance(value, str) else "")
    except ValueError:
        return ""
    left = (day - today).days
    if left < 0:
        return f"gone since {day}"
    return f"goes on {day}" if left <= SOON else f"until {day}"


def static(option: Option) -> JsonObject:
    """Return an option of the definition as one of a dropdown."""
    known = {"label": option.label, "value": option.value, "description": option.description}
    return {name: value for name, value in known.items() if value is not None}


def search_text(option: JsonObject) -> str:
    """Return the text in which an option is searched."""
    return f"{option['label']}\n{option['value']}".lower()
