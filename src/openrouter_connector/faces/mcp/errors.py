"""Describe errors to an agent: what is wrong, where, and what to do; never a traceback."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from traceback import format_exception
from typing import Any, NamedTuple

from mcp_types import CallToolResult, TextContent

from ...connections.redact_keys import redact_keys, redact_keys_in
from ...definition.model import Action
from ...errors import (
    ApiError,
    BudgetError,
    ConnectorError,
    CredentialError,
    FileError,
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
    error: Exception, action: Action | None = None, context: Context | None = None, hint: str = ""
) -> CallToolResult:
    """Return the result of a failed call. Of an unexpected exception only the class is shown."""
    if not isinstance(error, ConnectorError):
        return _result(_unexpected(error), {"type": "Error", "message": type(error).__name__})
    partial = to_plain_json(error.partial) if isinstance(error, ApiError) else None
    partial = redact_keys(partial) if partial else None
    fields: JsonObject = _clipped(redact_keys_in(to_plain_json(error.to_json())))
    if context:
        fields = with_file_uris(fields, context.session.files)
    texts = (kind_of(error).message(error), *_further_lines(error, action))
    lines = [_clipped(to_plain_json(redact_keys(text))) for text in texts]
    lines += [to_plain_text(hint)] if hint else []
    lines += [f"Created file: {file.get('url')}" for file in fields.get("files", [])]
    if partial:
        fields["partial"] = partial
        lines += ["Received before the error:", partial]
    return _result("\n".join(lines), fields)


def misshapen(result: CallToolResult) -> CallToolResult:
    """Return a result as an error, since hosts discard one that does not match its schema."""
    message = "The API returned a response that does not match its documentation:"
    return CallToolResult(
        content=[TextContent(text=message), *result.content],
        is_error=True,
        _meta={ERROR: {"type": "IncompleteError", "message": message}},
    )


def _result(text: str, fields: JsonObject) -> CallToolResult:
    return CallToolResult(content=[TextContent(text=text)], is_error=True, _meta={ERROR: fields})


def _clipped(value: Json) -> Json:
    """Cut long texts and lists: an error may repeat an argument of a megabyte."""
    if isinstance(value, dict):
        return {name: _clipped(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_clipped(item) for item in value[:_MOST]]
    cut = isinstance(value, str) and len(value) > _LONGEST
    return f"{value[:_LONGEST]}…" if cut else value


def _further_lines(error: ConnectorError, action: Action | None) -> list[str]:
    """Return the lines after the message: details, what was charged, and what to do."""
    kind = kind_of(error)
    charged = f"{format_usd(error.cost)} was charged." if error.cost else ""
    advice = _resume(error, action) if error.job else kind.advice(error)
    return [line for line in (kind.details(error), charged, advice) if line]


def _message(error: ConnectorError) -> str:
    return error.message


def _problems(error: InputError) -> str:
    return "\n".join(
        ["The arguments are invalid:", *(f"- {problem}" for problem in error.problems)]
    )


def _details(error: ApiError) -> str:
    known = [
        f"HTTP {error.status}" if error.status else "",
        error.provider or "",
        f"{error.attempts} attempts" if error.attempts > 1 else "",
        error.generation_id or "",
    ]
    listed = ", ".join(filter(None, known))
    return f"({listed})" if listed else ""


def _for_the_user(error: CredentialError) -> str:
    return "Only the user can fix this: the API key of this server does not work."


def _uncharged(error: ConnectorError) -> str:
    return "" if error.cost else "Nothing was charged."


def _uncharged_file(error: FileError) -> str:
    # A file that cannot be stored has no path among the arguments, and was paid for.
    return _uncharged(error) if error.path else ""


def _retry(error: ApiError) -> str:
    after = f" in {error.retry_after:g} seconds" if error.retry_after else " later"
    return f"The same call may succeed{after}." if error.retryable else ""


def _resume(error: ConnectorError, action: Action | None) -> str:
    """Say how to resume a job, which was paid for when it was submitted."""
    resume = action.poll.resume if action and action.poll else None
    if resume and kind_of(error).resumable:
        return f"To resume it, call again with {resume} = {error.job!r}; any other call pays again."
    return "A new call submits a new job and pays again."


def _nothing(error: ConnectorError) -> str:
    return ""


class Kind(NamedTuple):
    """What an agent reads about a class of errors."""

    message: Callable[[Any], str] = _message
    details: Callable[[Any], str] = _nothing
    advice: Callable[[Any], str] = _nothing
    resumable: bool = True
    """Whether a job can be resumed after such an error."""


KINDS: Mapping[type[BaseException], Kind] = {
    InputError: Kind(message=_problems, advice=_uncharged),
    FileError: Kind(advice=_uncharged_file),
    CredentialError: Kind(details=_for_the_user),
    BudgetError: Kind(advice=_uncharged),
    JobFailedError: Kind(details=_details, advice=_retry, resumable=False),
    ApiError: Kind(details=_details, advice=_retry),
    ConnectorError: Kind(),
}


def kind_of(error: ConnectorError) -> Kind:
    """Return what an agent reads about an error, by the nearest class in the table."""
    return next(KINDS[base] for base in type(error).__mro__ if base in KINDS)


def _unexpected(error: Exception) -> str:
    if os.environ.get("OPENROUTER_CONNECTOR_DEBUG"):
        log.error("an unexpected error\n%s", redact_keys("".join(format_exception(error))))
    return (
        f"An unexpected error inside the connector: {type(error).__name__}. Other calls still "
        "work; OPENROUTER_CONNECTOR_DEBUG=1 in the server's environment shows more on its stderr."
    )
