"""Turn the refusal of an API into one of our errors.

status, body ──▶ class by the meaning of the status, message of the body, hint of the profile
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from types import MappingProxyType

from ...errors import (
    ApiError,
    ConnectorError,
    CredentialError,
    ForbiddenError,
    NotFoundError,
    PaymentError,
    RateLimitedError,
    UnavailableError,
)
from ...values import Json, JsonObject
from ..api_profile import NEUTRAL, ApiProfile, ErrorDetails
from .retry_after import retry_delay

_CLASSES: dict[int, type[ApiError]] = {
    402: PaymentError,
    403: ForbiddenError,
    404: NotFoundError,
    429: RateLimitedError,
}
RETRYABLE = {408, 429, 500, 502, 503, 504, 524, 529}
# Words that APIs write in place of a status, also inside a 200 or a stream.
_CODES = {
    "invalid_api_key": 401, "authentication": 401, "authentication_error": 401,
    "insufficient_quota": 402, "insufficient_credits": 402, "payment_required": 402,
    "billing_error": 402, "billing_hard_limit_reached": 402, "billing_not_active": 402,
    "key_limit_exceeded": 402,
    "permission_denied": 403, "permission_error": 403, "moderation": 403,
    "content_policy_violation": 400, "context_length_exceeded": 400, "invalid_request": 400,
    "invalid_request_error": 400, "max_tokens_exceeded": 400, "token_limit_exceeded": 400,
    "model_not_found": 404, "not_found": 404, "not_found_error": 404, "precondition_failed": 412,
    "request_too_large": 413, "payload_too_large": 413,
    "rate_limit_exceeded": 429, "rate_limit_error": 429, "rate_limited": 429,
    "too_many_requests": 429, "resource_exhausted": 429,
    "api_error": 500, "internal_error": 500, "internal_server_error": 500, "server": 500,
    "server_error": 500, "unmapped": 500, "bad_gateway": 502, "provider_unavailable": 502,
    "provider_error": 502, "service_unavailable": 503, "unavailable": 503,
    "provider_overloaded": 503, "timeout": 504, "timeout_error": 504, "overloaded": 529,
    "overloaded_error": 529, "engine_overloaded": 529,
}  # fmt: skip
# As words these count more than the status: waiting does not help against a missing payment.
_PLAIN = {401, 402}
_KEY_LIMIT = re.compile(r"\bkey limit (was )?(exceeded|reached)|exceeded .{0,20}key limit", re.I)
_NOT_FOUND = "Check the id; it may be deleted, belong to another key, or not exist on this server."


def refusal(
    status: int,
    body: Json,
    *,
    by_id: bool = False,
    profile: ApiProfile = NEUTRAL,
    with_key: bool = True,
    headers: Mapping[str, str] = MappingProxyType({}),
    longest_wait: float = 60,
    generation_id: str | None = None,
) -> ConnectorError:
    """Return the error for a refused call: its class by the status, its text from the body.

    `body` is the parsed body, or None when it was no JSON. `by_id` says that the call was about a
    record with an id, and not about a model. A server that asks to wait for more than
    `longest_wait` seconds makes the error one that is not retried.
    """
    # A proxy in front of the API may answer in the usual shape instead of the API's own.
    error = profile.error_of(body) or error_of(body)
    details = profile.details_of(error)
    message = _sentence(details) or f"the API answered {status}"
    key_limit = _KEY_LIMIT.search(message) is not None
    # Some APIs refuse with 403, and not 402, when the limit of the key itself is reached.
    meant = 402 if key_limit else _meant(status, error, details)
    hint = (
        _NOT_FOUND
        # Hints about models and routing would mislead.
        if status == 404 and by_id
        else profile.hint(meant, with_key=with_key, key_limit=key_limit)
    )
    if hint:
        message = f"{message.rstrip('. ')}. {hint}"
    if meant == 401:
        return CredentialError(message, status)
    retry_after = retry_delay(headers, details)
    waits_too_long = (retry_after or 0) > longest_wait
    if waits_too_long:
        message = f"{message} The server asks to wait {_duration(retry_after or 0)}."
    kind = _CLASSES.get(meant, UnavailableError if meant >= 500 else ApiError)
    return kind(
        message,
        status=status,
        code=error.get("code"),
        provider=details.provider,
        generation_id=generation_id,
        retryable=meant in RETRYABLE and not waits_too_long and not details.is_daily,
        retry_after=retry_after,
        raw=body,
    )


def _duration(seconds: float) -> str:
    for size, unit in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds"


def error_of(body: Json) -> JsonObject:
    """Return the `error` object of a body; a bare text counts as its message."""
    error = body.get("error") if isinstance(body, dict) else body
    if isinstance(error, str):
        return {"message": error}
    if isinstance(error, dict):
        return error
    # FastAPI and others put it beside: {"detail": …} and {"message": …}.
    message = body.get("detail") or body.get("message") if isinstance(body, dict) else None
    return {"message": message} if isinstance(message, str | list) else {}


def describe(error: JsonObject, profile: ApiProfile) -> str:
    """Return what an `error` object says, in one line."""
    return _sentence(profile.details_of(error))


def is_retryable(error: JsonObject, profile: ApiProfile) -> bool:
    """Return whether a retry may help, by an `error` object alone, as in a 200 or a stream."""
    details = profile.details_of(error)
    statuses = map(_status, _names(error, details))
    first = next((status for status in statuses if status), 0)
    return _meant(first, error, details) in RETRYABLE and not details.is_daily


def _meant(status: int, error: JsonObject, details: ErrorDetails) -> int:
    """Return the status that a refusal means, where its body says more than its own."""
    names = _names(error, details)
    words = (_CODES.get(name.lower()) for name in names if isinstance(name, str))
    return next((word for word in words if word in _PLAIN), status)


def _names(error: JsonObject, details: ErrorDetails) -> tuple[Json, ...]:
    """Return the code and the types of an error."""
    return error.get("code"), error.get("type"), details.type


def _status(code: Json) -> int | None:
    """Return the HTTP status that a code means: 429, "429", "rate_limit_exceeded"."""
    if isinstance(code, str):
        return int(code) if re.fullmatch(r"[1-5]\d\d", code, re.A) else _CODES.get(code.lower())
    return code if isinstance(code, int) else None


def _sentence(details: ErrorDetails) -> str:
    texts = filter(None, map(_flat, details.messages))
    message = ": ".join(dict.fromkeys(texts))  # some APIs repeat the message
    if details.provider and message:
        message = f"{details.provider}: {message}"
    reasons = [f"{name} {_flat(value)}" for name, value in details.reasons.items() if value]
    return f"{message} ({'; '.join(reasons)})" if reasons else message


def _flat(value: Json, depth: int = 8) -> str:
    """Return one line for a message that may be JSON in a string, as lists of issues are.

    What is nested deeper than any message is left out.
    """
    # Providers pack their own error into a text: `{"message": "{\"error\": …}"}`.
    if isinstance(value, str) and value[:1] in ("[", "{"):
        value = _unpacked(value)
    if isinstance(value, list | dict) and not depth:
        return "…"
    if isinstance(value, list):
        return "; ".join(_flat(item, depth - 1) for item in value)
    if not isinstance(value, dict):
        return "" if value is None else " ".join(str(value).split())
    inner = value.get("error", value)
    inner = inner if isinstance(inner, dict) else {"message": inner}
    message = inner.get("message") or inner.get("detail") or inner.get("msg")
    text = _flat(message, depth - 1) or _packed(value)
    path = _steps(inner.get("path") or inner.get("loc"))
    return f"{path}: {text}" if path else text


def _steps(path: Json) -> str:
    """Return the path of an issue, `messages.0.role`; empty without one."""
    steps = path if isinstance(path, list) else []
    return ".".join(str(step) for step in steps if isinstance(step, str | int))


def _packed(value: Json) -> str:
    try:
        return json.dumps(value)
    except RecursionError:
        return "…"


def _unpacked(text: str) -> Json:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
