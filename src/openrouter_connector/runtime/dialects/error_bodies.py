"""Find failures in responses with HTTP 200: an error in the body, or no complete answer."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ...errors import IncompleteError
from ...values import Json, JsonObject
from ..api_profile import ApiProfile
from ..http.api_errors import describe, error_of, is_retryable

BROKEN_OFF = "the stream broke off before the answer was complete"


def plain(response: Json, profile: ApiProfile) -> JsonObject:
    """Return a JSON response that is no error; IncompleteError for any other."""
    if not isinstance(response, dict):
        raise IncompleteError("the response is not a JSON object", status=200, raw=response)
    # A job has a status, and in `error` why it failed; who waits for it reads both.
    kinds = (str, dict) if isinstance(response.get("id"), str) else (str,)
    of_job = isinstance(response.get("status"), str) and isinstance(response.get("error"), kinds)
    if not of_job and (error := top_error(response, profile)):
        raise failed(error, response, profile)
    return response


def top_error(response: JsonObject, profile: ApiProfile) -> JsonObject | None:
    """Return the error of a response, from where its API puts it, or from `error`."""
    return profile.error_of(response) or error_in(response)


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


def failed(
    error: JsonObject, response: JsonObject, profile: ApiProfile, text: str | None = None
) -> IncompleteError:
    """Return the exception for an `error` object in a response with HTTP 200."""
    message = describe(error, profile) or "the provider failed"
    code = error.get("code")
    return incomplete(message, response, text).replace(
        code=code if isinstance(code, int | str) else None,
        retryable=is_retryable(error, profile),
    )


def missing(
    message: str, response: JsonObject, profile: ApiProfile, text: str | None = None
) -> IncompleteError:
    """Return the exception for a response without an answer, with the reason that it gives.

    "Success" in `detail` or `message` is no reason.
    """
    error = top_error(response, profile) or error_of({**response, "error": None})
    failure = failed(error, response, profile, text)
    reason = describe(error, profile)
    return failure.replace(message=message) if _says_nothing(reason) else failure


def not_a_file(body: Json) -> IncompleteError:
    """Return the exception for a message where a file was expected."""
    return IncompleteError("the response is not a file", status=200, raw=body)


def incomplete(message: str, response: JsonObject, text: str | None = None) -> IncompleteError:
    """Return the exception for an incomplete response, with the text so far."""
    provider = response.get("provider")
    return IncompleteError(
        message,
        status=200,
        provider=provider if isinstance(provider, str) else None,
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
    for item in value if isinstance(value, list) else ():
        if isinstance(item, dict):
            yield item
