"""Read what OpenRouter puts into an `error` object beside its code and message.

    {code, message, metadata: {provider_name, raw, reasons, headers …}, availability: {…}}

`metadata` has no fixed shape: any field of it may be missing, or of another type.
"""

from __future__ import annotations

from ..runtime.api_profile import ErrorDetails
from ..values import Json, JsonObject, an_object


def details_of(error: JsonObject) -> ErrorDetails:
    """Return the details of an error of OpenRouter, or of a server that speaks its API."""
    metadata, availability = (an_object(error.get(key)) for key in ("metadata", "availability"))
    message, raw = error.get("message"), metadata.get("raw")
    # This message says nothing, and the provider's own text is in `raw`.
    is_generic = raw not in (None, "") and message == "Provider returned error"
    provider = metadata.get("provider_name")
    return ErrorDetails(
        (raw,) if is_generic else (message, raw),
        provider=provider if isinstance(provider, str) and provider else None,
        reasons={
            "excluded by": availability.get("excluded_by"),
            "reasons:": metadata.get("reasons"),
            "flagged:": metadata.get("flagged_input"),
        },
        type=_type(error, metadata),
        headers=an_object(metadata.get("headers")),
        delays=tuple(part.get("retry_after") for part in (availability, metadata, error)),
        is_daily=_is_daily(error, metadata),
    )


def _type(error: JsonObject, metadata: JsonObject) -> Json:
    # LiteLLM without a database refuses every key but its own with this type, and a 400.
    if error.get("type") == "no_db_connection":
        return "authentication_error"
    # Chat completions have it in `metadata`, messages in the error itself.
    return metadata.get("error_type") or error.get("error_type")


def _is_daily(error: JsonObject, metadata: JsonObject) -> bool:
    """Return whether an error is the quota of free calls a day, which a retry does not help."""
    source = str(metadata.get("limit_source", ""))
    return source.endswith("daily") or "per-day" in str(error.get("message", ""))
