"""`GET /models` and its siblings: filters, sorts, pages, endpoints, counts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeVar
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from openrouter_connector.values import JsonObject

from .. import private_models
from ..catalogue import Model, by_id, find
from ..checks import counted
from ..errors import Refusal, invalid

CACHE = "public, max-age=300, stale-while-revalidate=3600, stale-if-error=3600"
PROVIDERS = {
    "sandbox": ("Sandbox", None, None),
    "sandbox-eu": ("Sandbox Europe", "DE", ["DE"]),
    "sandbox-us": ("Sandbox America", "US", ["US"]),
}
TOOL_CHOICES = ("auto", "none", "required", "function")
REGIONS = {"eu": "sandbox-eu", "us": "sandbox-us"}
CATEGORIES = {
    *("programming", "roleplay", "marketing", "marketing/seo", "technology", "science"),
    *("translation", "legal", "finance", "health", "trivia", "academia"),
}
T = TypeVar("T")
Holds = Callable[[Model, str], bool]
Sort = Callable[[Model], tuple[bool, float]]


async def models(request: Request) -> Response:
    """List the models that pass every filter, sorted, one page of them."""
    query = request.query_params
    found = _sorted(_filtered(private_models.visible(), query), query.get("sort"))
    if query.get("use_rss"):
        return Response(_rss(page(found, query)[0]), media_type="application/rss+xml")
    return _listed(request, found)


async def count(request: Request) -> Response:
    """Count the models of some output modalities."""
    found = _filtered(by_id().values(), request.query_params)
    return cached(request, {"data": {"count": len(list(found))}})


async def model(request: Request) -> Response:
    """Give one model by its id, slug, alias or variant."""
    return cached(request, {"data": _named(request).row})


async def endpoints(request: Request) -> Response:
    """Give the endpoints of one model: one for each provider that serves it."""
    return cached(request, {"data": described(_named(request))})


def described(chosen: Model) -> JsonObject:
    """Describe a model and its endpoints."""
    row = chosen.row
    return {
        "id": chosen.id,
        "name": row["name"],
        "created": row["created"],
        "description": row.get("description", ""),
        "architecture": row["architecture"],
        "endpoints": [_endpoint(chosen, slug) for slug in chosen.facts["providers"]],
    }


async def providers(request: Request) -> Response:
    """List who serves the models."""
    rows = [
        {
            "name": name,
            "slug": slug,
            "privacy_policy_url": None,
            "terms_of_service_url": None,
            "status_page_url": None,
            "headquarters": country,
            "datacenters": datacenters,
        }
        for slug, (name, country, datacenters) in PROVIDERS.items()
    ]
    return cached(request, {"data": rows})


async def embeddings(request: Request) -> Response:
    """List the models that turn texts into vectors."""
    found = [model for model in by_id().values() if "embeddings" in model.gives]
    return _listed(request, found)


async def zdr(request: Request) -> Response:
    """List the endpoints that retain nothing."""
    safe = [model for model in by_id().values() if model.facts.get("zdr")]
    rows = [_endpoint(model, slug) for model in safe for slug in model.facts["providers"]]
    return cached(request, {"data": rows})


def _listed(request: Request, found: list[Model]) -> Response:
    shown, rest = page(found, request.query_params)
    following = f"{request.url.path}?{rest}" if rest else None
    rows = [model.row for model in shown]
    return cached(request, {"data": rows, "total_count": len(found), "links": {"next": following}})


def _named(request: Request) -> Model:
    name = f"{request.path_params['author']}/{request.path_params['slug']}"
    if (listed := by_id().get(name)) is not None:
        return listed
    try:
        return find(name)
    except Refusal:
        raise Refusal(404, "Resource not found") from None


def cached(request: Request, body: JsonObject) -> Response:
    """Answer with an ETag, or with 304 to a client that has it already."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    tag = f'W/"{hashlib.sha256(text).hexdigest()[:32]}"'
    headers = {"Cache-Control": CACHE, "ETag": tag}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(text, media_type="application/json", headers=headers)


# Filters -----------------------------------------------------------------------------------------


def _filtered(models: Iterable[Model], query: QueryParams) -> list[Model]:
    asked = {"output_modalities": "text"} | {key: query[key] for key in query if query[key] != ""}
    _check(asked)
    kept = list(models)
    for name, value in asked.items():
        if (holds := FILTERS.get(name)) is not None:
            kept = [model for model in kept if holds(model, value)]
    return kept


def _check(asked: dict[str, str]) -> None:
    for name, allowed in WORDS.items():
        if (value := asked.get(name)) is not None and value not in allowed:
            raise invalid(name, "one of " + "|".join(sorted(allowed)))
    for name in NUMBERS & asked.keys():
        if (number := _number(asked[name])) is None or number < 0:
            raise invalid(name, "number of at least 0")


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _all(having: Callable[[Model], list[str]]) -> Holds:
    return lambda model, value: set(value.split(",")) <= set(having(model))


def _any(having: Callable[[Model], list[str]]) -> Holds:
    return lambda model, value: value == "all" or bool(set(value.split(",")) & set(having(model)))


def _price(name: str) -> Callable[[Model], float | None]:
    """Measure a price per million; a router's, which varies and is listed as -1, is none."""

    def measure(model: Model) -> float | None:
        price = Decimal(model.row["pricing"].get(name, "0"))
        return None if price < 0 else float(price * 1_000_000)

    return measure


def _index(name: str) -> Callable[[Model], float | None]:
    return lambda model: (model.facts.get("index") or {}).get(name)


def _age(model: Model) -> float:
    born = datetime.fromtimestamp(model.row["created"], UTC)
    return (datetime.now(UTC) - born).total_seconds() / 86400


def _at_least(measure: Callable[[Model], float | None]) -> Holds:
    return lambda model, value: (found := measure(model)) is not None and found >= float(value)


def _at_most(measure: Callable[[Model], float | None]) -> Holds:
    return lambda model, value: (found := measure(model)) is not None and found <= float(value)


def _context(model: Model) -> float:
    return float(model.row["context_length"] or 0)


def _tool_success(model: Model) -> float | None:
    agentic = _index("agentic")(model)
    return None if agentic is None else 0.8 + agentic / 500


def _same(model: Model, value: str) -> bool:
    return str(model.facts.get("distillable", False)).lower() == value


FILTERS: dict[str, Holds] = {
    "output_modalities": _any(lambda model: model.gives),
    "input_modalities": _all(lambda model: model.takes),
    "supported_parameters": _all(lambda model: model.parameters),
    "category": _any(lambda model: model.facts.get("categories", [])),
    "q": lambda model, value: all(
        word in f"{model.id} {model.slug} {model.row['name']}".lower()
        for word in value.lower().split()
    ),
    "context": _at_least(_context),
    "arch": _any(lambda model: [model.row["architecture"]["tokenizer"]]),
    "model_authors": _any(lambda model: [model.id.partition("/")[0].removeprefix("~")]),
    "providers": _any(
        lambda model: [n for slug in model.facts["providers"] for n in (slug, PROVIDERS[slug][0])]
    ),
    "region": lambda model, value: REGIONS[value] in model.facts["providers"],
    "distillable": _same,
    "zdr": lambda model, value: bool(model.facts.get("zdr")),
    "min_price": _at_least(_price("prompt")),
    "max_price": _at_most(_price("prompt")),
    "min_output_price": _at_least(_price("completion")),
    "max_output_price": _at_most(_price("completion")),
    "min_age_days": _at_least(_age),
    "max_age_days": _at_most(_age),
    "min_tool_success_rate": _at_least(_tool_success),
    "max_tool_success_rate": _at_most(_tool_success),
}
for _kind in ("intelligence", "coding", "agentic"):
    FILTERS[f"min_{_kind}_index"] = _at_least(_index(_kind))
    FILTERS[f"max_{_kind}_index"] = _at_most(_index(_kind))


# Order -------------------------------------------------------------------------------------------


def _known(measure: Callable[[Model], float | None], *, falling: bool = False) -> Sort:
    """Sort by a measure; models without it come last, equals keep their order."""

    def key(model: Model) -> tuple[bool, float]:
        found = measure(model)
        return found is None, -(found or 0) if falling else (found or 0)

    return key


def _fact(name: str) -> Callable[[Model], float | None]:
    return lambda model: model.facts.get(name)


def _paid(model: Model) -> float | None:
    prompt, completion = _price("prompt")(model), _price("completion")(model)
    return None if prompt is None or completion is None else prompt + completion


SORTS: dict[str, Sort] = {
    "most-popular": _known(_fact("popularity"), falling=True),
    "top-weekly": _known(_fact("popularity"), falling=True),
    "newest": _known(lambda model: model.row["created"], falling=True),
    "pricing-low-to-high": _known(_paid),
    "pricing-high-to-low": _known(_paid, falling=True),
    "context-high-to-low": _known(_context, falling=True),
    "throughput-high-to-low": _known(_fact("throughput"), falling=True),
    "latency-low-to-high": _known(_fact("latency")),
    "intelligence-high-to-low": _known(_index("intelligence"), falling=True),
    "coding-high-to-low": _known(_index("coding"), falling=True),
    "agentic-high-to-low": _known(_index("agentic"), falling=True),
    "design-arena-elo-high-to-low": _known(_index("design"), falling=True),
}
WORDS = {
    "sort": set(SORTS),
    "category": CATEGORIES,
    "region": set(REGIONS),
    "distillable": {"true", "false"},
    "zdr": {"true"},
}
NUMBERS = {name for name in FILTERS if name.startswith(("min_", "max_"))} | {"context"}


def _sorted(models: list[Model], sort: str | None) -> list[Model]:
    return models if not sort else sorted(models, key=SORTS[sort])


def page(
    rows: list[T], query: QueryParams, *, default: int = 500, most: int = 1000
) -> tuple[list[T], str | None]:
    """Cut a page out, and give the query of the next one, None after the last.

    Without `offset` and `limit` the page is the whole list.
    """
    if "offset" not in query and "limit" not in query:
        return rows, None
    offset = counted(query, "offset", 0, 0, 10**9)
    limit = counted(query, "limit", default, 1, most)
    if offset + limit >= len(rows):
        return rows[offset:], None
    rest = dict(query) | {"offset": str(offset + limit), "limit": str(limit)}
    return rows[offset : offset + limit], urlencode(rest)


def _rss(models: list[Model]) -> str:
    titles = "".join(f"<item><title>{model.id}</title></item>" for model in models)
    return f"<rss><channel><title>Sandbox models</title>{titles}</channel></rss>"


def _endpoint(model: Model, provider: str) -> JsonObject:
    row, facts = model.row, model.facts
    latency, throughput = facts["latency"], facts["throughput"]
    return {
        "name": f"{PROVIDERS[provider][0]} | {model.slug}",
        "model_id": model.slug,
        "model_name": row["name"],
        "provider_name": PROVIDERS[provider][0],
        "tag": provider,
        "context_length": row["top_provider"]["context_length"] or 0,
        "max_completion_tokens": row["top_provider"]["max_completion_tokens"],
        "max_prompt_tokens": None,
        "quantization": "unknown",
        "pricing": model.priced_by(provider),
        "supported_parameters": row["supported_parameters"],
        "status": 0,
        "uptime_last_5m": 100.0,
        "uptime_last_30m": 99.9,
        "uptime_last_1d": 99.5,
        "latency_last_30m": _percentiles(latency, 1.5),
        "throughput_last_30m": _percentiles(throughput, 0.8),
        "supports_implicit_caching": False,
        "supports_voice_cloning": False,
        "supports_diarization": False,
        "supports_tool_choice": dict.fromkeys(TOOL_CHOICES, "tools" in model.parameters),
        "native_tools": {},
        "service_tier": None,
    }


def _percentiles(middle: float, step: float) -> JsonObject:
    names = ("p50", "p75", "p90", "p99")
    return {name: round(middle * step**place, 1) for place, name in enumerate(names)}
