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
from ...values import Json, JsonObject, an_object
from ..api_profile import NEUTRAL, ApiProfile
from .retry_after import wait_asked_for

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
_NOT_FOUND = "It may be misspelt, gone, or somebody else's, or this server has nothing of the kind."
# LiteLLM without a database refuses every key but its own with this type, and a 400.
_NOT_MY_KEY = "no_db_connection"


def refusal(
    status: int,
    body: Json,
    *,
    method: str = "POST",
    profile: ApiProfile = NEUTRAL,
    with_key: bool = True,
    headers: Mapping[str, str] = MappingProxyType({}),
    longest_wait: float = 60,
    generation_id: str | None = None,
) -> ConnectorError:
    """Return the error for a refused call: its class by the status, its text from the body.

    `body` is the parsed body, or None when it was no JSON. A server that asks to wait for more than
    `longest_wait` seconds makes the error one that is not retried.
    """
    error = profile.error_of(body) or error_of(body)
    metadata = an_object(error.get("metadata"))
    message = _sentence(error, metadata) or f"the API answered {status}"
    key_limit = _KEY_LIMIT.search(message) is not None
    meant = 402 if key_limit else _meant(status, error)
    hint = (
        _NOT_FOUND
        if status == 404 and method != "POST"
        else profile.hint(meant, with_key=with_key, key_limit=key_limit)
    )
    if hint:
        message = f"{message.rstrip('. ')}. {hint}"
    if meant == 401:
        return CredentialError(message, status)
    retry_after = wait_asked_for(headers, body)
    if retry_after and retry_after > longest_wait:
        message = f"{message} The server asks to wait {_duration(retry_after)}."
    kind = _CLASSES.get(meant, UnavailableError if meant >= 500 else ApiError)
    return kind(
        message,
        status=status,
        code=error.get("code"),
        provider=metadata.get("provider_name"),
        generation_id=generation_id,
        retryable=meant in RETRYABLE
        and (retry_after or 0) <= longest_wait
        and not _out_of_quota(error),
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
    told = body.get("detail") or body.get("message") if isinstance(body, dict) else None
    return {"message": told} if isinstance(told, str | list) else {}


def describe(error: JsonObject) -> str:
    """Return what an `error` object says, in one line."""
    return _sentence(error, an_object(error.get("metadata")))


def is_retryable(error: JsonObject) -> bool:
    """Return whether a retry may help, by an `error` object alone, as in a 200 or a stream."""
    first = next((status for name in _names(error) if (status := _status(name))), 0)
    return _meant(first, error) in RETRYABLE and not _out_of_quota(error)


def _meant(status: int, error: JsonObject) -> int:
    """Return the status that a refusal means, where its body says more than its own."""
    if error.get("type") == _NOT_MY_KEY:
        return 401
    words = (_CODES.get(name.lower()) for name in _names(error) if isinstance(name, str))
    return next((one for one in words if one in _PLAIN), status)


def _names(error: JsonObject) -> tuple[Json, ...]:
    """Return the code, type and inner type of an error."""
    inner = an_object(error.get("metadata")).get("error_type")
    return error.get("code"), error.get("type"), error.get("error_type"), inner


def _status(code: Json) -> int | None:
    """Return the status that a code stands for: 429, "429", "rate_limit_exceeded"."""
    if isinstance(code, str):
        return int(code) if re.fullmatch(r"[1-5]\d\d", code, re.A) else _CODES.get(code.lower())
    return code if isinstance(code, int) else None


def _out_of_quota(error: JsonObject) -> bool:
    """Return whether an error is a daily quota, for which no call waits long enough."""
    source = str(an_object(error.get("metadata")).get("limit_source", ""))
    return source.endswith("daily") or "per-day" in str(error.get("message", ""))


def _sentence(error: JsonObject, metadata: JsonObject) -> str:
    message = _flat(error.get("message"))
    raw = _flat(metadata.get("raw"))
    if raw and raw != message:
        generic = not message or message == "Provider returned error"
        message = raw if generic else f"{message}: {raw}"
    provider = metadata.get("provider_name")
    excluded = an_object(error.get("availability")).get("excluded_by")
    named = isinstance(provider, str) and provider and message
    message = f"{provider}: {message}" if named else message
    why = {
        "excluded by": excluded,
        "reasons:": metadata.get("reasons"),
        "flagged:": metadata.get("flagged_input"),
    }
    told = "; ".join(f"{name} {_flat(value)}" for name, value in why.items() if value)
    return f"{message} ({told})" if told else message


def _flat(value: Json, depth: int = 8) -> str:
    """Return one line for a message that may be JSON in a string, as lists of issues are.

    What is nested deeper than any message is left out.
    """
    if isinstance(value, str) and value[:1] in ("[", "{"):
        value = _unpacked(value)
    if isinstance(value, list | dict) and not depth:
        return "…"
    if isinstance(value, list):
        return "; ".join(_flat(one, depth - 1) for one in value)
    if not isinstance(value, dict):
        return "" if value is None else " ".join(str(value).split())
    inner = value.get("error", value)
    inner = inner if isinstance(inner, dict) else {"message": inner}
    said = inner.get("message") or inner.get("detail") or inner.get("msg")
    text = _flat(said, depth - 1) or _packed(value)
    path = inner.get("path") or inner.get("loc")
    steps = (
        [str(one) for one in path if isinstance(one, str | int)] if isinstance(path, list) else []
    )
    return f"{'.'.join(steps)}: {text}" if steps else text


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
