"""A failure that came as a success: HTTP 200, and no whole answer."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ...errors import IncompleteError
from ...values import Json, JsonObject
from ..http.api_errors import describe, error_of, is_retryable

BROKEN_OFF = "the stream broke off before the answer was done"


def plain(response: Json) -> JsonObject:
    """Return a JSON reply that is no error; IncompleteError for any other."""
    if not isinstance(response, dict):
        raise IncompleteError("the answer is not a JSON object", status=200, raw=response)
    # A job with a status tells in `error` why it failed: a text, or nothing yet.
    of_job = "status" in response and isinstance(response.get("error"), str)
    if not of_job and (error := error_in(response)):
        raise failed(error, response)
    return response


def error_in(holder: JsonObject) -> JsonObject | None:
    """Return the `error` of a reply, a chunk or a choice; None where nothing is wrong.

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
    """Make the exception for an `error` object that came with HTTP 200."""
    return incomplete(describe(error) or "the provider failed", response, text, error)


def missing(told: str, response: JsonObject, text: str | None = None) -> IncompleteError:
    """Make the exception for a reply without an answer, by what else it says of the reason.

    `detail` and `message` beside an answer are none: "Success" is one of them.
    """
    error = error_in(response) or error_of({**response, "error": None})
    said = describe(error)
    return incomplete(told if _says_nothing(said) else said, response, text, error)


def incomplete(
    told: str, response: JsonObject, text: str | None = None, error: JsonObject | None = None
) -> IncompleteError:
    """Make the exception for a reply that is not whole, with the text that did come."""
    provider, code = response.get("provider"), (error or {}).get("code")
    code = code if isinstance(code, int | str) else None
    return IncompleteError(
        told,
        status=200,
        code=code,
        provider=provider if isinstance(provider, str) else None,
        retryable=is_retryable(error or {}),
        partial=text or None,
        raw=response,
    )


def is_json(arguments: Json) -> bool:
    """Return whether the arguments of a tool call are whole: absent, empty, an object, or JSON."""
    if not isinstance(arguments, str):
        return True
    try:
        # Line breaks inside strings are no JSON either, but no sign of a cut.
        json.loads(arguments.strip() or "{}", strict=False)
    except (ValueError, RecursionError):
        return False
    return True


def brief(value: Json) -> str:
    """Write a value that stands in the place of a word; nothing for a list or an object."""
    return "" if value is None or isinstance(value, list | dict) else str(value)[:200]


def objects(value: Json) -> Iterator[JsonObject]:
    """Yield the objects of a list; nothing for anything else."""
    for one in value if isinstance(value, list) else ():
        if isinstance(one, dict):
            yield one
