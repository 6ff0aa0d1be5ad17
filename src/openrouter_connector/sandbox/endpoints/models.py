"""`GET /models` and its siblings: lists, single models, endpoints, providers, counts."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from openrouter_connector.values import JsonObject

from ..catalogue.filters import filter_models, sort_models
from ..catalogue.models import PROVIDERS, Model, find_model, models_by_id
from ..catalogue.private_model import visible_models
from ..errors import RefusedRequest
from ..list_response import cacheable, page

TOOL_CHOICES = ("auto", "none", "required", "function")


async def list_models(request: Request) -> Response:
    """`GET /models`: one page of the models that pass every filter, sorted."""
    query = request.query_params
    models = sort_models(filter_models(visible_models(), query), query.get("sort"))
    if query.get("use_rss"):
        # The same address serves a feed, for people who follow new models.
        return Response(_rss(page(models, query)[0]), media_type="application/rss+xml")
    return _page_of_models(request, models)


async def count(request: Request) -> Response:
    """`GET /models/count`: the number of models that pass every filter."""
    models = filter_models(models_by_id().values(), request.query_params)
    return cacheable(request, {"data": {"count": len(models)}})


async def model(request: Request) -> Response:
    """`GET /model/…`: one model by its id, slug, alias or variant."""
    return cacheable(request, {"data": _requested_model(request).record})


async def endpoints(request: Request) -> Response:
    """`GET /models/…/endpoints`: one endpoint for each provider that serves the model."""
    return cacheable(request, {"data": describe_endpoints(_requested_model(request))})


async def providers(request: Request) -> Response:
    """`GET /providers`: who serves the models."""
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
    return cacheable(request, {"data": rows})


async def embeddings(request: Request) -> Response:
    """`GET /embeddings/models`: the models that create embeddings."""
    models = [model for model in models_by_id().values() if "embeddings" in model.output_modalities]
    return _page_of_models(request, models)


async def zdr(request: Request) -> Response:
    """`GET /endpoints/zdr`: the endpoints with zero data retention."""
    models = [model for model in models_by_id().values() if model.entry.get("zdr")]
    rows = [_endpoint(model, slug) for model in models for slug in model.entry["providers"]]
    return cacheable(request, {"data": rows})


def describe_endpoints(model: Model) -> JsonObject:
    """Return a model with its endpoints."""
    record = model.record
    return {
        "id": model.id,
        "name": record["name"],
        "created": record["created"],
        "description": record.get("description", ""),
        "architecture": record["architecture"],
        "endpoints": [_endpoint(model, slug) for slug in model.entry["providers"]],
    }


def _page_of_models(request: Request, models: list[Model]) -> Response:
    shown, next_query = page(models, request.query_params)
    following = f"{request.url.path}?{next_query}" if next_query else None
    rows = [model.record for model in shown]
    return cacheable(
        request, {"data": rows, "total_count": len(models), "links": {"next": following}}
    )


def _requested_model(request: Request) -> Model:
    name = f"{request.path_params['author']}/{request.path_params['slug']}"
    # Before aliases are followed: an alias has a record of its own.
    if (listed := models_by_id().get(name)) is not None:
        return listed
    try:
        return find_model(name)
    except RefusedRequest:
        # A chat with an unknown model gets 400, its record 404.
        raise RefusedRequest(404, "Resource not found") from None


def _rss(models: list[Model]) -> str:
    titles = "".join(f"<item><title>{model.id}</title></item>" for model in models)
    return f"<rss><channel><title>Sandbox models</title>{titles}</channel></rss>"


def _endpoint(model: Model, provider: str) -> JsonObject:
    record, entry = model.record, model.entry
    return {
        "name": f"{PROVIDERS[provider][0]} | {model.slug}",
        "model_id": model.slug,
        "model_name": record["name"],
        "provider_name": PROVIDERS[provider][0],
        "tag": provider,
        "context_length": record["top_provider"]["context_length"] or 0,
        "max_completion_tokens": record["top_provider"]["max_completion_tokens"],
        "max_prompt_tokens": None,
        "quantization": "unknown",
        "pricing": model.pricing_of(provider),
        "supported_parameters": record["supported_parameters"],
        "status": 0,
        "uptime_last_5m": 100.0,
        "uptime_last_30m": 99.9,
        "uptime_last_1d": 99.5,
        "latency_last_30m": _percentiles(entry["latency"], 1.5),
        "throughput_last_30m": _percentiles(entry["throughput"], 0.8),
        "supports_implicit_caching": False,
        "supports_voice_cloning": False,
        "supports_diarization": False,
        "supports_tool_choice": dict.fromkeys(TOOL_CHOICES, "tools" in model.parameters),
        "native_tools": {},
        "service_tier": None,
    }


def _percentiles(median: float, step: float) -> JsonObject:
    names = ("p50", "p75", "p90", "p99")
    return {name: round(median * step**index, 1) for index, name in enumerate(names)}
