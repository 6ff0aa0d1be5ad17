"""Find failures in responses with HTTP 200: an error in the body, or no complete answer."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ...errors import IncompleteError
from ...values import Json, JsonObject
from ..http.api_errors import describe, error_of, is_retryable

BROKEN_OFF = "the stream broke off before the answer was complete"


def plain(response: Json) -> JsonObject:
    """Return a JSON response that is no error; IncompleteError for any other."""
    if not isinstance(response, dict):
        raise IncompleteError("the response is not a JSON object", status=200, raw=response)
    # A job has a status, and in `error` why it failed; `settle` reads both.
    of_job = "status" in response and isinstance(response.get("error"), str)
    if not of_job and (error := error_in(response)):
        raise failed(error, response)
    return response


def error_in(holder: JsonObject) -> JsonObject | None:
    """Return the `error` of a response, a chunk or a choice; None where nothing is wrong.

    Some servers always send the field: null, empty, or with code 0 and the message "Success".
    """
    error = holder.get("error")
    if _says_nothing(error):
        return None
    if isinstance(error, dict):
        return None if all(map(_says_nothing, error.values())) else error
    if isinstance(error, bool):
        return {"message": "the provider failed"}
    return {"code": error} if isinstance(error, int | float) else {"message": error}


def _says_nothing(value: Json) -> bool:
    if isinstance(value, str):
        return value.strip().casefold().rstrip(".!") in _NOTHING
    return not value or value == 200


_NOTHING = ("", "0", "200", "ok", "success", "succeeded", "none", "null", "no error", "false")


def failed(error: JsonObject, response: JsonObject, text: str | None = None) -> IncompleteError:
    """Return the exception for an `error` object in a response with HTTP 200."""
    return incomplete(describe(error) or "the provider failed", response, text, error)


def missing(message: str, response: JsonObject, text: str | None = None) -> IncompleteError:
    """Return the exception for a response without an answer, with the reason that it gives.

    "Success" in `detail` or `message` is no reason.
    """
    error = error_in(response) or error_of({**response, "error": None})
    reason = describe(error)
    return incomplete(message if _says_nothing(reason) else reason, response, text, error)


def incomplete(
    message: str, response: JsonObject, text: str | None = None, error: JsonObject | None = None
) -> IncompleteError:
    """Return the exception for an incomplete response, with the text so far."""
    provider, code = response.get("provider"), (error or {}).get("code")
    code = code if isinstance(code, int | str) else None
    return IncompleteError(
        message,
        status=200,
        code=code,
        provider=provider if isinstance(provider, str) else None,
        retryable=is_retryable(error or {}),
        partial=text or None,
        raw=response,
    )


def is_json(arguments: Json) -> bool:
    """Return whether the arguments of a tool call are complete: JSON, an object, or none at all."""
    if not isinstance(arguments, str):
        return True
    try:
        # Not strict: line breaks inside strings are invalid JSON, but no sign of a cut.
        json.loads(arguments.strip() or "{}", strict=False)
    except (ValueError, RecursionError):
        return False
    return True


def brief(value: Json) -> str:
    """Return a value as a short text; empty for a list or an object."""
    return "" if value is None or isinstance(value, list | dict) else str(value)[:200]


def objects(value: Json) -> Iterator[JsonObject]:
    """Yield the objects of a list; nothing for anything else."""
    for one in value if isinstance(value, list) else ():
        if isinstance(one, dict):
            yield one
