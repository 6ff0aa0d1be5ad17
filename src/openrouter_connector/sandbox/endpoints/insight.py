"""What was used, by the account and at OpenRouter as a whole: activity, analytics, rankings."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from openrouter_connector.values import JsonObject

from ..catalogue.models import models_by_id
from ..checks.fields import check_fields, is_string, query_integer
from ..errors import RefusedRequest, invalid
from ..inference import json_body
from ..list_response import page
from ..state import State, state_of

METRICS = {"request_count": "number", "total_cost": "currency", "total_tokens": "number"}
DIMENSIONS = ("model", "provider", "api_type")
OPERATORS = ("eq", "neq", "in", "not_in", "gt", "gte", "lt", "lte")
FEEDBACK = {
    *("latency", "incoherence", "incorrect_response", "formatting", "billing", "api_error"),
    "other",
}


async def activity(request: Request) -> Response:
    """`GET /activity`: what the account used, by day, model and provider."""
    rows: dict[tuple[str, str], JsonObject] = {}
    for record in _records(state_of(request)):
        day, model = record["created_at"][:10], record["model"]
        if request.query_params.get("date") not in (None, day):
            continue
        row = rows.setdefault((day, model), _empty_activity(day, model))
        row["usage"] = round(row["usage"] + record["total_cost"], 10)
        row["requests"] += 1
        row["prompt_tokens"] += record.get("tokens_prompt") or 0
        row["completion_tokens"] += record.get("tokens_completion") or 0
    return JSONResponse({"data": [*rows.values()]})


async def analytics_meta(request: Request) -> Response:
    """`GET /analytics/meta`: what can be queried."""
    metrics = [
        {"name": name, "display_label": _label(name), "display_format": kind, "is_rate": False}
        for name, kind in METRICS.items()
    ]
    dimensions = [{"name": name, "display_label": _label(name)} for name in DIMENSIONS]
    granularities = [{"name": name, "display_label": _label(name)} for name in ("hour", "day")]
    operators = [
        {"name": name, "display_label": name, "value_type": "array" if "in" in name else "scalar"}
        for name in OPERATORS
    ]
    data = {
        "metrics": metrics,
        "dimensions": dimensions,
        "granularities": granularities,
        "operators": operators,
    }
    return JSONResponse({"data": data})


async def query_analytics(request: Request) -> Response:
    """`POST /analytics/query`: metrics of the generations, grouped by dimensions."""
    body = await json_body(request)
    texts = ("array of strings", lambda v: isinstance(v, list) and all(map(is_string, v)))
    check_fields(body, {"metrics": texts, "dimensions": texts})
    metrics, dimensions = body.get("metrics") or [], body.get("dimensions") or []
    if not metrics or set(metrics) - set(METRICS):
        raise invalid("metrics", "some of " + "|".join(METRICS))
    if set(dimensions) - set(DIMENSIONS):
        raise invalid("dimensions", "some of " + "|".join(DIMENSIONS))
    groups: dict[tuple[str, ...], dict[str, Any]] = defaultdict(lambda: dict.fromkeys(METRICS, 0))
    for record in _records(state_of(request)):
        known = {"provider": record["provider_name"], **record}
        totals = groups[tuple(str(known[name]) for name in dimensions)]
        totals["request_count"] += 1
        totals["total_cost"] = round(totals["total_cost"] + record["total_cost"], 10)
        totals["total_tokens"] += (record.get("tokens_prompt") or 0) + (
            record.get("tokens_completion") or 0
        )
    rows = [
        dict(zip(dimensions, names, strict=True)) | {name: totals[name] for name in metrics}
        for names, totals in groups.items()
    ]
    metadata = {"query_time_ms": 1.0, "row_count": len(rows), "truncated": False}
    return JSONResponse({"data": {"data": rows, "metadata": metadata, "cachedAt": 0}})


async def benchmarks(request: Request) -> Response:
    """`GET /benchmarks`: invented results of the sandbox's models."""
    source = request.query_params.get("source")
    if source not in (None, "artificial-analysis", "design-arena", "openrouter"):
        raise invalid("source", "artificial-analysis, design-arena or openrouter")
    rows = [
        {
            "source": "artificial-analysis",
            "model_permaslug": model.slug,
            "display_name": model.record["name"],
            "intelligence_index": model.entry["index"]["intelligence"],
            "coding_index": model.entry["index"]["coding"],
            "agentic_index": model.entry["index"]["agentic"],
            "pricing": {key: model.record["pricing"][key] for key in ("prompt", "completion")},
        }
        for model in models_by_id().values()
        if "index" in model.entry and source in (None, "artificial-analysis")
    ]
    most = query_integer(request.query_params, "max_results", len(rows) or 1, 1, 100)
    meta = {
        "as_of": _today(),
        "version": "v1",
        "citation": "The sandbox invented these numbers.",
        "model_count": len(rows),
        "source": source,
        "source_url": None,
        "task_type": request.query_params.get("task_type"),
    }
    return JSONResponse({"data": rows[:most], "meta": meta})


async def task_classifications(request: Request) -> Response:
    """`GET /classifications/task`: invented shares of tasks."""
    if request.query_params.get("window", "7d") != "7d":
        raise invalid("window", "7d")
    share = {"usage_share": 1.0, "token_share": 1.0}
    category = {"category_usage_share": 1.0, "category_token_share": 1.0}
    models = [
        {"id": "sandbox/echo", "tag_usage_share": 1.0, "tag_token_share": 1.0, "category_rank": 1}
    ]
    task = {"tag": "code:testing", "display_name": "Testing", "macro_category": "code", **share}
    data = {
        "as_of": _today(),
        "window_days": 7,
        "macro_categories": [{"key": "code", "label": "Code", **share}],
        "classifications": [task | category | {"models": models}],
    }
    return JSONResponse({"data": data})


async def app_rankings(request: Request) -> Response:
    """`GET /datasets/app-rankings`: invented apps."""
    names = ("Sandbox Writer", "Sandbox Coder", "Sandbox Reader")
    rows = [
        {
            "rank": rank,
            "app_id": rank,
            "app_name": name,
            "total_tokens": str(10**9 // rank),
            "total_requests": 10**6 // rank,
        }
        for rank, name in enumerate(names, 1)
    ]
    shown, _ = page(rows, request.query_params, default=50, most=100)
    return JSONResponse({"data": shown, "meta": _dataset_meta(request)})


async def rankings_daily(request: Request) -> Response:
    """`GET /datasets/rankings-daily`: invented tokens of two days."""
    meta = _dataset_meta(request)
    rows = [
        {"date": day, "model_permaslug": slug, "total_tokens": str(tokens)}
        for day in (meta["start_date"], meta["end_date"])
        for slug, tokens in (("sandbox/echo", 2**60), ("other", 10**9))
    ]
    return JSONResponse({"data": rows, "meta": meta})


async def session_cost(request: Request) -> Response:
    """`GET /datasets/session-cost`: one invented median."""
    row = {
        "app_name": "Sandbox Coder",
        "app_slug": "sandbox-coder",
        "model_permaslug": "sandbox/echo",
        "turn_range": request.query_params.get("turn_range", "1-turn"),
        "median_session_cost_usd": 0.02,
    }
    meta = {"as_of": _today(), "version": "v1", "window_days": 30, "window_end_date": _today()}
    return JSONResponse({"data": [row], "meta": meta})


async def members(request: Request) -> Response:
    """`GET /organization/members`: the two members of the sandbox's organization."""
    rows: list[JsonObject] = [
        {
            "id": f"user_{name}",
            "email": f"{name}@sandbox.example",
            "first_name": name.title(),
            "last_name": "Sandbox",
            "role": f"org:{role}",
        }
        for name, role in (("ada", "admin"), ("ben", "member"))
    ]
    shown, _ = page(rows, request.query_params, default=50, most=100)
    return JSONResponse({"data": shown, "total_count": len(rows)})


async def feedback(request: Request) -> Response:
    """`POST /generation/feedback`: accept feedback about a generation; 404 for an unknown one."""
    body = await json_body(request)
    if body.get("category") not in FEEDBACK:
        raise invalid("category", "one of " + "|".join(sorted(FEEDBACK)))
    if body.get("generation_id") not in state_of(request).generations:
        raise RefusedRequest(404, f"Generation {body.get('generation_id')} not found")
    return JSONResponse({"data": {"success": True}})


def _records(state: State) -> list[JsonObject]:
    return [record for _, record in state.generations.values()]


def _empty_activity(day: str, model: str) -> JsonObject:
    return {
        "date": day,
        "model": model,
        "model_permaslug": model,
        "endpoint_id": "sandbox",
        "provider_name": "Sandbox",
        "usage": 0.0,
        "byok_usage_inference": 0.0,
        **dict.fromkeys(("requests", "prompt_tokens", "completion_tokens"), 0),
        "reasoning_tokens": 0,
        "cached_tokens": 0,
    }


def _dataset_meta(request: Request) -> JsonObject:
    end = _day(request, "end_date", datetime.now(UTC).date() - timedelta(days=1))
    start = _day(request, "start_date", end - timedelta(days=30))
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return {"as_of": now, "version": "v1", "start_date": f"{start}", "end_date": f"{end}"}


def _day(request: Request, name: str, default: date) -> date:
    try:
        return date.fromisoformat(request.query_params.get(name) or f"{default}")
    except ValueError:
        raise invalid(name, "a day as YYYY-MM-DD") from None


def _today() -> str:
    return f"{datetime.now(UTC).date()}"


def _label(name: str) -> str:
    return name.replace("_", " ").title()
