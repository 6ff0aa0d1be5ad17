"""A failure that came as a success: HTTP 200, and no whole answer."""

from __future__ import annotations

from ...errors import IncompleteError
from ...values import Json, JsonObject
from ..refusals import describe, error_of, is_retryable

BROKEN_OFF = "the stream broke off before the answer was done"
CUT = "the answer was cut off at the most tokens allowed; allow more with maxTokens"


def plain(reply: Json) -> JsonObject:
    """Give a JSON reply that holds no `error`; IncompleteError for any other."""
    if not isinstance(reply, dict):
        raise IncompleteError("the answer is not a JSON object", status=200, raw=reply)
    if reply.get("error") and not isinstance(reply["error"], str):
        error = error_of(reply)
        raise incomplete(describe(error) or "the provider failed", reply, None, error)
    return reply


def incomplete(
    told: str, reply: JsonObject, text: str | None = None, error: JsonObject | None = None
) -> IncompleteError:
    """Make the error for a reply that is not whole, with the text that did come."""
    provider, code = reply.get("provider"), (error or {}).get("code")
    code = code if isinstance(code, int | str) else None
    return IncompleteError(
        told,
        status=200,
        code=code,
        provider=provider if isinstance(provider, str) else None,
        retryable=is_retryable(error or {}),
        partial=text or None,
        raw=reply,
    )
