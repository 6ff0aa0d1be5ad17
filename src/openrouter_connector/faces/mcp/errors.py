"""Describe errors to an agent: what is wrong, where, and what to do; never a traceback."""

from __future__ import annotations

import logging
import os
from traceback import format_exception

from mcp_types import CallToolResult, TextContent

from ...connections.redact_keys import redact_keys, redact_keys_in
from ...definition.model import Action
from ...errors import (
    ApiError,
    BudgetError,
    ConnectorError,
    CredentialError,
    InputError,
    JobFailedError,
)
from ...money import format_usd
from ...plain_json import to_plain_json, to_plain_text
from ...values import Json, JsonObject
from .context import Context
from .files import with_file_uris

ERROR = "openrouter-connector/error"
"""The key of `_meta` that holds the error as an object."""

_LONGEST = 2000  # characters
_MOST = 50  # problems

log = logging.getLogger("openrouter_connector.mcp")


def failed(
    error: Exception, action: Action | None = None, here: Context | None = None, hint: str = ""
) -> CallToolResult:
    """Return the result of a failed call. Of an unexpected exception only the class is shown."""
    if not isinstance(error, ConnectorError):
        return _result(_unexpected(error), {"type": "Error", "message": type(error).__name__})
    partial = to_plain_json(error.partial) if isinstance(error, ApiError) else None
    partial = redact_keys(partial) if partial else None
    told: JsonObject = _clipped(redact_keys_in(to_plain_json(error.to_json())))
    if here:
        told = with_file_uris(told, here.session.files)
    lines = [
        _clipped(to_plain_json(redact_keys(one)))
        for one in (_what(error), *_way_out(error, action))
    ]
    lines += [to_plain_text(hint)] if hint else []
    lines += [f"Created file: {file.get('url')}" for file in told.get("files", [])]
    if partial:
        told["partial"] = partial
        lines += ["Received before the error:", partial]
    return _result("\n".join(lines), told)


def misshapen(result: CallToolResult) -> CallToolResult:
    """Return a result as an error, since hosts discard one that does not match its schema."""
    told = "The API returned a response that does not match its documentation:"
    return CallToolResult(
        content=[TextContent(text=told), *result.content],
        is_error=True,
        _meta={ERROR: {"type": "IncompleteError", "message": told}},
    )


def _result(text: str, told: JsonObject) -> CallToolResult:
    return CallToolResult(content=[TextContent(text=text)], is_error=True, _meta={ERROR: told})


def _clipped(told: Json) -> Json:
    """Cut long texts: an error may repeat an argument of a megabyte."""
    if isinstance(told, dict):
        return {name: _clipped(one) for name, one in told.items()}
    if isinstance(told, list):
        return [_clipped(one) for one in told[:_MOST]]
    cut = isinstance(told, str) and len(told) > _LONGEST
    return f"{told[:_LONGEST]}…" if cut else told


def _what(error: ConnectorError) -> str:
    if not isinstance(error, InputError):
        return error.message
    return "\n".join(["The arguments are invalid:", *(f"- {one}" for one in error.problems)])


def _way_out(error: ConnectorError, action: Action | None) -> list[str]:
    told = _circumstances(error) if isinstance(error, ApiError) else ""
    if isinstance(error, CredentialError):
        told = "Only the user can fix this: the API key of this server does not work."
    paid = f"{format_usd(error.cost)} was charged." if error.cost else ""
    return [part for part in (told, paid, _next(error, action)) if part]


def _circumstances(error: ApiError) -> str:
    known = [
        f"HTTP {error.status}" if error.status else "",
        error.provider or "",
        f"{error.attempts} attempts" if error.attempts > 1 else "",
        error.generation_id or "",
    ]
    told = ", ".join(filter(None, known))
    return f"({told})" if told else ""


def _next(error: ConnectorError, action: Action | None) -> str:
    if error.job:
        return _taken_up(error, action)
    # A file that cannot be stored has no path among the arguments, and was paid for.
    free = isinstance(error, InputError | BudgetError) or bool(getattr(error, "path", ""))
    if free and not error.cost:
        return "Nothing was charged."
    if isinstance(error, ApiError) and error.retryable:
        after = f" in {error.retry_after:g} seconds" if error.retry_after else " later"
        return f"The same call may succeed{after}."
    return ""


def _taken_up(error: ConnectorError, action: Action | None) -> str:
    """Say how to resume a job, which was paid for when it was submitted."""
    resume = action.poll.resume if action and action.poll else None
    if resume and not isinstance(error, JobFailedError):
        return f"To resume it, call again with {resume} = {error.job!r}; any other call pays again."
    return "A new call submits a new job and pays again."


def _unexpected(error: Exception) -> str:
    if os.environ.get("OPENROUTER_CONNECTOR_DEBUG"):
        log.error("an unexpected error\n%s", redact_keys("".join(format_exception(error))))
    return (
        f"An unexpected error inside the connector: {type(error).__name__}. Other calls still "
        "work; OPENROUTER_CONNECTOR_DEBUG=1 in the server's environment shows more on its stderr."
    )
