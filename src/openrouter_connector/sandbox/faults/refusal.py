"""Faults that refuse a request before anything is generated."""

from __future__ import annotations

import time
from collections.abc import Callable

from ..errors import RefusedRequest, availability
from ..errors import edge_timeout as edge_timeout_error

Refuse = Callable[[str], RefusedRequest]
"""Returns the error for a model id."""

UPSTREAM = {"provider_name": "Sandbox"}


def upstream(status: int, raw: str, error_type: str) -> Refuse:
    """Return a fault in which the provider, and not OpenRouter, returns the error."""

    def refuse(model: str) -> RefusedRequest:
        metadata = UPSTREAM | {"raw": f"{model} {raw}", "error_type": error_type}
        return RefusedRequest(status, "Provider returned error", metadata=metadata)

    return refuse


def rate_limited_once(model: str) -> RefusedRequest:
    """Return a 429 that says when to retry: real ones often do not."""
    return RefusedRequest(
        429,
        "Rate limit exceeded",
        metadata=UPSTREAM | {"error_type": "rate_limit_exceeded"},
        availability=availability("capacity_exhausted", model, retryable=True) | {"retry_after": 1},
        headers={"Retry-After": "1"},
    )


def daily_limit(model: str) -> RefusedRequest:
    """Return the 429 of the free tier, which no retry helps before the next day."""
    # `limit_source` is what a client must look at (Avarok-Cybersecurity/atlas#543). The
    # API repeats its rate limit headers in `metadata.headers`.
    midnight = (int(time.time()) // 86400 + 1) * 86400
    headers = {
        "X-RateLimit-Limit": "50",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": str(midnight * 1000),
    }
    return RefusedRequest(
        429,
        "Rate limit exceeded: free-models-per-day. "
        "Add 10 credits to unlock 1000 free model requests per day",
        metadata={"headers": headers, "limit_source": "openrouter_free_tier_daily"},
        headers=headers,
    )


def no_credits(model: str) -> RefusedRequest:
    """Return a 402."""
    return RefusedRequest(
        402,
        "Insufficient credits. Add more using https://openrouter.ai/credits",
        metadata={"provider_name": None, "error_type": "payment_required"},
    )


def forbidden(model: str) -> RefusedRequest:
    """Return the 403 of a moderation."""
    return RefusedRequest(
        403,
        f"{model} requires moderation on Sandbox. Your input was flagged. No credits were charged.",
        metadata={
            "reasons": ["simulated"],
            "flagged_input": "the flagged part of the input",
            "provider_name": "Sandbox",
            "model_slug": model,
        },
    )


def no_endpoints(model: str) -> RefusedRequest:
    """Return a 404: the model exists, but no provider serves it."""
    return RefusedRequest(
        404,
        f"No endpoints found for {model}.",
        availability=availability("no_endpoints", model),
    )


def unavailable(model: str) -> RefusedRequest:
    """Return a 503."""
    return RefusedRequest(
        503,
        "Service temporarily unavailable",
        metadata=UPSTREAM | {"error_type": "provider_overloaded"},
        availability=availability("temporarily_unavailable", model, retryable=True),
    )


def edge_timeout(model: str) -> RefusedRequest:
    """Return a 524."""
    return edge_timeout_error()


def server_error(model: str) -> RefusedRequest:
    """Return a 500, whose cause the API hides."""
    return RefusedRequest(500, "Internal Server Error")


def bad_request(model: str) -> RefusedRequest:
    """Return a 400 of the provider: its reason is JSON inside a string."""
    raw = '{"error":{"message":"this model refuses every request","type":"invalid_request_error"}}'
    metadata = UPSTREAM | {"raw": raw, "error_type": "invalid_request"}
    return RefusedRequest(400, "Provider returned error", metadata=metadata)
