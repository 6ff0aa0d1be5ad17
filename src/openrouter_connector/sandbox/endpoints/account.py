"""Who is calling, what it has cost, and the records of past generations."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..errors import Refusal
from ..state import Key, Ledger, caller

PREFIX = "sk-or-"
OPEN = ("/models", "/model/", "/providers", "/images/models", "/videos/models")
KEYLESS = ("/auth", "/auth/keys")
READABLE_AFTER = 0.3
BOUGHT = 100.0

SCENARIOS: dict[str, Key] = {
    "management": Key("management key", BOUGHT, management=True),
    "expired": Key("expired key", BOUGHT, expires_at="2024-12-31T23:59:59+00:00"),
    "spent": Key("spent key", limit=10.0, spent=10.0),
    "freetier": Key("free tier key", free_tier=True),
    "unlimited": Key("unlimited key"),
}
"""Keys by a word in their text, for rehearsing the test of a key."""

REFUSED = {
    "disabled": (401, "User not found."),
    "blocked": (403, "This key is blocked by a guardrail of its workspace"),
}
"""Keys that open nothing, by a word in their text."""


def admit(path: str, method: str, authorization: str | None, ledger: Ledger) -> None:
    """Let a request in by its key; raises Refusal 401, 402 or 403.

    Any key with the real prefix opens the sandbox, as far as the words in it do not say otherwise.
    """
    if path in KEYLESS or (method == "GET" and path.startswith(OPEN)):
        return
    if authorization is None:
        raise Refusal(401, "No auth credentials found")
    token = _token(authorization)
    if token == authorization or not token.startswith(PREFIX):
        raise Refusal(401, "User not found.")
    if word := next((word for word in REFUSED if word in token), None):
        raise Refusal(*REFUSED[word])
    key = _key(token, ledger)
    if path == "/credits" and not key.management:
        raise Refusal(403, "Only management keys can perform this operation")
    if method == "POST" and not path.startswith("/auth/"):
        _admit_call(key)
    caller.set(token)


def _admit_call(key: Key) -> None:
    """Let a key call a model."""
    if key.management:
        raise Refusal(403, "Management keys cannot perform inference")
    if key.expires_at and datetime.fromisoformat(key.expires_at) <= datetime.now(UTC):
        raise Refusal(401, "API key expired")
    if None not in (key.limit, key.spent) and (key.spent or 0) >= (key.limit or 0):
        raise Refusal(402, "The limit of this key is used up. Raise it in the settings of the key.")


async def key(request: Request) -> Response:
    """`GET /key`: the key that asks, with what was spent."""
    ledger = _ledger(request)
    key = _key(_token(request.headers["authorization"]), ledger)
    spent = round(ledger.spent if key.spent is None else key.spent, 10)
    left = None if key.limit is None else max(0.0, round(key.limit - spent, 10))
    usage = {f"usage{span}": spent for span in SPANS}
    byok = {f"byok_usage{span}": 0 for span in SPANS}
    budget = {
        "scope": "key_limit",
        "limit_usd": key.limit,
        "spend_usd": spent,
        "remaining_usd": left,
        "include_byok": False,
        **dict.fromkeys(("budget_id", "guardrail_id", "reset_interval", "resets_at")),
    }
    free = 50 if key.free_tier else 1000
    data = {
        "label": key.label,
        "limit": key.limit,
        "limit_remaining": left,
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
        "free_model_daily_requests": {"limit": free, "used": 0, "remaining": free},
        "expires_at": key.expires_at,
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


def _token(authorization: str) -> str:
    return authorization.removeprefix("Bearer ").strip()


def _key(token: str, ledger: Ledger) -> Key:
    """Find a key: one that a consent made, one by a word in it, or just any."""
    if issued := ledger.keys.get(token):
        return issued
    named = (key for word, key in SCENARIOS.items() if word in token)
    return next(named, Key("sandbox key", BOUGHT))
