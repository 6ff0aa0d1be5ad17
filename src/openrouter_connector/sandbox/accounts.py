"""Who is calling, what it has cost, and the records of past generations."""

from __future__ import annotations

import time

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .ledger import Ledger
from .refusals import Refusal

PREFIX = "sk-or-"
OPEN = ("/models", "/model/", "/providers", "/images/models", "/videos/models")
READABLE_AFTER = 0.3
BOUGHT = 100.0


def admit(path: str, method: str, authorization: str | None) -> None:
    """Let a request in by its key; raises Refusal 401 or 403.

    Any key with the real prefix opens the sandbox. One with `management` in it is a management
    key: it reads the credits, and cannot call a model.
    """
    if method == "GET" and path.startswith(OPEN):
        return
    if authorization is None:
        raise Refusal(401, "No auth credentials found")
    token = authorization.removeprefix("Bearer ").strip()
    if token == authorization or not token.startswith(PREFIX):
        raise Refusal(401, "User not found.")
    if "management" in token and method == "POST":
        raise Refusal(403, "Management keys cannot perform inference")
    if "management" not in token and path == "/credits":
        raise Refusal(403, "Only management keys can perform this operation")


async def key(request: Request) -> Response:
    """`GET /key`: the sandbox key, with what was spent since the sandbox started."""
    spent = round(_ledger(request).spent, 10)
    management = "management" in request.headers["authorization"]
    usage = {f"usage{span}": spent for span in SPANS}
    byok = {f"byok_usage{span}": 0 for span in SPANS}
    budget = {
        "scope": "key_limit",
        "limit_usd": BOUGHT,
        "spend_usd": spent,
        "remaining_usd": BOUGHT - spent,
        "include_byok": False,
        **dict.fromkeys(("budget_id", "guardrail_id", "reset_interval", "resets_at")),
    }
    data = {
        "label": "sandbox key",
        "limit": BOUGHT,
        "limit_remaining": max(0.0, BOUGHT - spent),
        "limit_reset": None,
        **usage,
        **byok,
        "include_byok_in_limit": False,
        "is_free_tier": False,
        "is_management_key": management,
        "is_provisioning_key": management,
        "creator_user_id": "user_sandbox",
        "organization_id": None,
        "workspace_id": None,
        "allowed_data_regions": ["global"],
        "budgets": [budget],
        "effective_budget": budget,
        "free_model_daily_requests": {"limit": 1000, "used": 0, "remaining": 1000},
        "expires_at": None,
        "rate_limit": {"requests": -1, "interval": "10s", "note": "This field is deprecated"},
    }
    return JSONResponse({"data": data})


SPANS = ("", "_daily", "_weekly", "_monthly")


async def credits_left(request: Request) -> Response:
    """`GET /credits`: what was bought and what was used, in US dollars."""
    spent = round(_ledger(request).spent, 10)
    return JSONResponse({"data": {"total_credits": BOUGHT, "total_usage": spent}})


async def generation(request: Request) -> Response:
    """`GET /generation?id=`: a record; 404 for the first moments, as records come late."""
    done, record = _ledger(request).generations.get(_asked(request), (None, {}))
    if done is None or time.monotonic() - done < READABLE_AFTER:
        raise Refusal(404, f"Generation {_asked(request)} not found")
    return JSONResponse({"data": record})


async def content(request: Request) -> Response:
    """`GET /generation/content?id=`: what was asked and what was answered."""
    if (found := _ledger(request).contents.get(_asked(request))) is None:
        raise Refusal(404, f"Generation {_asked(request)} not found")
    return JSONResponse({"data": found})


def _asked(request: Request) -> str:
    return str(request.query_params.get("id", ""))


def _ledger(request: Request) -> Ledger:
    ledger: Ledger = request.app.state.ledger
    return ledger
