"""What the API says when it refuses, as one of our errors."""

from __future__ import annotations

import json
from collections.abc import Mapping

from ..errors import (
    ApiError,
    ConnectorError,
    CredentialError,
    ForbiddenError,
    NotFoundError,
    PaymentError,
    RateLimitedError,
    UnavailableError,
)
from ..values import Json, JsonObject
from .base_url import is_openrouter

_CLASSES: dict[int, type[ApiError]] = {
    402: PaymentError,
    403: ForbiddenError,
    404: NotFoundError,
    429: RateLimitedError,
}
RETRYABLE = {408, 429, 500, 502, 503, 504, 524, 529}
_OPENROUTERS = {
    401: "Check the token: it must be an API key of this server (OpenRouter's are at "
    "https://openrouter.ai/settings/keys).",
    402: "Add credits at https://openrouter.ai/settings/credits, or ask for fewer tokens.",
    403: "The key may be of the wrong kind, or a guardrail or moderation stopped the request.",
    404: "The model may be misspelt or gone, or no provider of it meets the privacy and routing "
    "settings; or the base URL is not right.",
    413: "Send less, or smaller files.",
    429: "Wait and try again, or add a fallback model.",
}
_OTHERS = {
    **_OPENROUTERS,
    402: "Look up what this server's account has left, or ask for fewer tokens.",
    403: "Check the token, and what it may do at this server.",
    404: "The model may be misspelt (the server's /models lists those that it has), or the base "
    "URL is not right: it mostly ends in /v1.",
    405: "Check the base URL: it mostly ends in /v1.",
    429: "Wait and try again.",
}
_KEYLESS = "Check the token: none was given, and this server seems to want an API key."
_GONE = "It may be misspelt, gone, or somebody else's, or this server has nothing of the kind."
# What LiteLLM without a database calls its refusal of any key but the one that it has: a 400.
_NOT_MY_KEY = "no_db_connection"


def refusal(
    status: int,
    body: Json,
    *,
    method: str = "POST",
    ways_out: Mapping[int, str] = _OPENROUTERS,
    retry_after: float | None = None,
    generation_id: str | None = None,
) -> ConnectorError:
    """Give the error for a refused call: its class by the status, its text from the body.

    `body` is the parsed body, or None when it was no JSON; `ways_out` are those of the server.
    """
    error = error_of(body)
    metadata = _object(error.get("metadata"))
    message = _sentence(error, metadata) or f"the API answered {status}"
    reading = status == 404 and method != "POST"
    unknown = status == 401 or error.get("type") == _NOT_MY_KEY
    if way_out := _GONE if reading else ways_out.get(401 if unknown else status):
        message = f"{message.rstrip('. ')}. {way_out}"
    if unknown:
        return CredentialError(message, status)
    kind = _CLASSES.get(status, UnavailableError if status >= 500 else ApiError)
    return kind(
        message,
        status=status,
        code=error.get("code"),
        provider=metadata.get("provider_name"),
        generation_id=generation_id,
        retryable=status in RETRYABLE,
        retry_after=retry_after,
        raw=body,
    )


def ways_out_at(base_url: str, token: str | None) -> Mapping[int, str]:
    """Give what helps against the refusals of a server, by their status.

    A server that is given a key of OpenRouter's plays OpenRouter, or stands before it.
    """
    if is_openrouter(base_url) or (token or "").startswith("sk-or-"):
        return _OPENROUTERS
    return _OTHERS if token else {**_OTHERS, 401: _KEYLESS, 403: _KEYLESS}


def error_of(body: Json) -> JsonObject:
    """Give the `error` object of a body; a bare text counts as its message."""
    error = body.get("error") if isinstance(body, dict) else body
    if isinstance(error, str):
        return {"message": error}
    if isinstance(error, dict):
        return error
    # Other servers that speak the same API: {"detail": …} and {"message": …}.
    told = body.get("detail") or body.get("message") if isinstance(body, dict) else None
    return {"message": told} if isinstance(told, str | list) else {}


def describe(error: JsonObject) -> str:
    """Say in one line what an `error` object of the API says."""
    return _sentence(error, _object(error.get("metadata")))


def out_of_quota(body: Json) -> bool:
    """Tell whether a 429 is the daily quota of free models, which no waiting in a call mends."""
    error = error_of(body)
    source = str(_object(error.get("metadata")).get("limit_source", ""))
    return source.endswith("daily") or "per-day" in str(error.get("message", ""))


def _sentence(error: JsonObject, metadata: JsonObject) -> str:
    message = _flat(error.get("message"))
    raw = _flat(metadata.get("raw"))
    if raw and raw != message:
        generic = not message or message == "Provider returned error"
        message = raw if generic else f"{message}: {raw}"
    provider = metadata.get("provider_name")
    excluded = _object(error.get("availability")).get("excluded_by")
    named = isinstance(provider, str) and provider and message
    message = f"{provider}: {message}" if named else message
    return f"{message} (excluded by {_flat(excluded)})" if excluded else message


def _flat(value: Json, depth: int = 8) -> str:
    """Make one line of a message that may be JSON in a string, as lists of issues are.

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


def _object(value: Json) -> JsonObject:
    return value if isinstance(value, dict) else {}
