"""`GET /key` and `GET /credits`: the calling key, and what has been spent."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..access import CREDITS_BOUGHT, find_key, token_of
from ..state import state_of

PERIODS = ("", "_daily", "_weekly", "_monthly")


async def key(request: Request) -> Response:
    """`GET /key`: the calling key with its limit and its usage."""
    state = state_of(request)
    key = find_key(token_of(request.headers["authorization"]), state)
    spent = round(state.spent if key.spent is None else key.spent, 10)
    remaining = None if key.limit is None else max(0.0, round(key.limit - spent, 10))
    usage = {f"usage{period}": spent for period in PERIODS}
    byok = {f"byok_usage{period}": 0 for period in PERIODS}
    budget = {
        "scope": "key_limit",
        "limit_usd": key.limit,
        "spend_usd": spent,
        "remaining_usd": remaining,
        "include_byok": False,
        **dict.fromkeys(("budget_id", "guardrail_id", "reset_interval", "resets_at")),
    }
    free_requests = 50 if key.free_tier else 1000
    data = {
        "label": key.label,
        "limit": key.limit,
        "limit_remaining": remaining,
        "limit_reset": None,
        **usage,
        **byok,
        "include_byok_in_limit": False,
        "is_free_tier": key.free_tier,
        "is_management_key": key.management,
        "is_provisioning_key": key.management,
        "creator_user_id": "user_sandbox",
        "organization_id": None,
        "workspace_id": None,
        "allowed_data_regions": ["global"],
        "budgets": [] if key.limit is None else [budget],
        "effective_budget": None if key.limit is None else budget,
        "free_model_daily_requests": {
            "limit": free_requests,
            "used": 0,
            "remaining": free_requests,
        },
        "expires_at": key.expires_at,
        # Always -1 in the real API: a client must not throttle by it.
        "rate_limit": {"requests": -1, "interval": "10s", "note": "This field is deprecated"},
    }
    return JSONResponse({"data": data})


async def credits_left(request: Request) -> Response:
    """`GET /credits`: the credits bought and used, in USD."""
    spent = round(state_of(request).spent, 10)
    return JSONResponse({"data": {"total_credits": CREDITS_BOUGHT, "total_usage": spent}})
