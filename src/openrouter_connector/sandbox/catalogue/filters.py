"""The filters and sorts of `GET /models`, as tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal

from ..errors import invalid
from .models import PROVIDERS, Model

REGIONS = {"eu": "sandbox-eu", "us": "sandbox-us"}
CATEGORIES = {
    *("programming", "roleplay", "marketing", "marketing/seo", "technology", "science"),
    *("translation", "legal", "finance", "health", "trivia", "academia"),
}
Filter = Callable[[Model, str], bool]
Measure = Callable[[Model], float | None]
SortKey = Callable[[Model], tuple[bool, float]]


def filter_models(models: Iterable[Model], query: Mapping[str, str]) -> list[Model]:
    """Return the models that pass every filter of a query; raise RefusedRequest 400."""
    # Only text models are listed unless the query says otherwise: speech, transcription, image and
    # video models seem to be missing to a client that does not know it.
    conditions = {"output_modalities": "text"} | {
        name: query[name] for name in query if query[name] != ""
    }
    _check(conditions)
    found = list(models)
    # An unknown filter is ignored: the API adds new ones without notice.
    for name, value in conditions.items():
        if (passes := FILTERS.get(name)) is not None:
            found = [model for model in found if passes(model, value)]
    return found


def sort_models(models: list[Model], sort: str | None) -> list[Model]:
    """Return the models in the order that a query names."""
    return models if not sort else sorted(models, key=SORTS[sort])


def _check(conditions: dict[str, str]) -> None:
    for name, allowed in CHOICES.items():
        if (value := conditions.get(name)) is not None and value not in allowed:
            raise invalid(name, "one of " + "|".join(sorted(allowed)))
    for name in NUMBERS & conditions.keys():
        if (number := _to_number(conditions[name])) is None or number < 0:
            raise invalid(name, "number of at least 0")


def _to_number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


# Measures ----------------------------------------------------------------------------------------


def _price(name: str) -> Measure:
    """Return a measure of the price per million units."""

    def measure(model: Model) -> float | None:
        price = Decimal(model.record["pricing"].get(name, "0"))
        # Routers are listed at -1, which means "variable": such a price must not sort as cheapest.
        return None if price < 0 else float(price * 1_000_000)

    return measure


def _total_price(model: Model) -> float | None:
    prompt, completion = _price("prompt")(model), _price("completion")(model)
    return None if prompt is None or completion is None else prompt + completion


def _index(name: str) -> Measure:
    return lambda model: (model.entry.get("index") or {}).get(name)


def _age_in_days(model: Model) -> float:
    created = datetime.fromtimestamp(model.record["created"], UTC)
    return (datetime.now(UTC) - created).total_seconds() / 86400


def _context(model: Model) -> float:
    return float(model.record["context_length"] or 0)


def _tool_success(model: Model) -> float | None:
    agentic = _index("agentic")(model)
    return None if agentic is None else 0.8 + agentic / 500


def _entry(name: str) -> Measure:
    return lambda model: model.entry.get(name)


# Filters -----------------------------------------------------------------------------------------


def _has_all(values: Callable[[Model], list[str]]) -> Filter:
    # Several parameters must all be supported, while one of several modalities is enough.
    return lambda model, value: set(value.split(",")) <= set(values(model))


def _has_any(values: Callable[[Model], list[str]]) -> Filter:
    return lambda model, value: value == "all" or bool(set(value.split(",")) & set(values(model)))


def _at_least(measure: Measure) -> Filter:
    return lambda model, value: (number := measure(model)) is not None and number >= float(value)


def _at_most(measure: Measure) -> Filter:
    return lambda model, value: (number := measure(model)) is not None and number <= float(value)


def _is_distillable(model: Model, value: str) -> bool:
    return str(model.entry.get("distillable", False)).lower() == value


FILTERS: dict[str, Filter] = {
    "output_modalities": _has_any(lambda model: model.output_modalities),
    "input_modalities": _has_all(lambda model: model.input_modalities),
    "supported_parameters": _has_all(lambda model: model.parameters),
    "category": _has_any(lambda model: model.entry.get("categories", [])),
    "q": lambda model, value: all(
        word in f"{model.id} {model.slug} {model.record['name']}".lower()
        for word in value.lower().split()
    ),
    "context": _at_least(_context),
    "arch": _has_any(lambda model: [model.record["architecture"]["tokenizer"]]),
    "model_authors": _has_any(lambda model: [model.id.partition("/")[0].removeprefix("~")]),
    "providers": _has_any(
        lambda model: [
            name for slug in model.entry["providers"] for name in (slug, PROVIDERS[slug][0])
        ]
    ),
    "region": lambda model, value: REGIONS[value] in model.entry["providers"],
    "distillable": _is_distillable,
    "zdr": lambda model, value: bool(model.entry.get("zdr")),
    "min_price": _at_least(_price("prompt")),
    "max_price": _at_most(_price("prompt")),
    "min_output_price": _at_least(_price("completion")),
    "max_output_price": _at_most(_price("completion")),
    "min_age_days": _at_least(_age_in_days),
    "max_age_days": _at_most(_age_in_days),
    "min_tool_success_rate": _at_least(_tool_success),
    "max_tool_success_rate": _at_most(_tool_success),
}
for _kind in ("intelligence", "coding", "agentic"):
    FILTERS[f"min_{_kind}_index"] = _at_least(_index(_kind))
    FILTERS[f"max_{_kind}_index"] = _at_most(_index(_kind))


# Sorts -------------------------------------------------------------------------------------------


def _by(measure: Measure, *, descending: bool = False) -> SortKey:
    """Return a sort key; models without the measure come last, equal ones keep their order."""

    def key(model: Model) -> tuple[bool, float]:
        number = measure(model)
        return number is None, -(number or 0) if descending else (number or 0)

    return key


SORTS: dict[str, SortKey] = {
    "most-popular": _by(_entry("popularity"), descending=True),
    "top-weekly": _by(_entry("popularity"), descending=True),
    "newest": _by(lambda model: model.record["created"], descending=True),
    "pricing-low-to-high": _by(_total_price),
    "pricing-high-to-low": _by(_total_price, descending=True),
    "context-high-to-low": _by(_context, descending=True),
    "throughput-high-to-low": _by(_entry("throughput"), descending=True),
    "latency-low-to-high": _by(_entry("latency")),
    "intelligence-high-to-low": _by(_index("intelligence"), descending=True),
    "coding-high-to-low": _by(_index("coding"), descending=True),
    "agentic-high-to-low": _by(_index("agentic"), descending=True),
    "design-arena-elo-high-to-low": _by(_index("design"), descending=True),
}
CHOICES = {
    "sort": set(SORTS),
    "category": CATEGORIES,
    "region": set(REGIONS),
    "distillable": {"true", "false"},
    "zdr": {"true"},
}
NUMBERS = {name for name in FILTERS if name.startswith(("min_", "max_"))} | {"context"}
