"""What went wrong, for an agent: what it is, where, and the way out; never a traceback."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from traceback import format_exception
from typing import Any, NamedTuple

from mcp_types import CallToolResult, TextContent

from ...connections.keys import hidden, hidden_in
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
from ...money import usd
from ...plain_json import plain, plain_text
from ...values import Json, JsonObject
from .context import Context
from .files import given_out

ERROR = "openrouter-connector/error"
"""The key of `_meta` under which the error stands as an object."""

_LONGEST = 2000  # characters
_MOST = 50  # problems

log = logging.getLogger("openrouter_connector.mcp")


def failed(
    error: Exception, action: Action | None = None, here: Context | None = None, hint: str = ""
) -> CallToolResult:
    """Give the result of a call that failed. What is no error of ours is told by its class only."""
    if not isinstance(error, ConnectorError):
        return _result(_unexpected(error), {"type": "Error", "message": type(error).__name__})
    partial = plain(error.partial) if isinstance(error, ApiError) else None
    partial = hidden(partial) if partial else None
    told: JsonObject = _clipped(hidden_in(plain(error.to_json())))
    if here:
        told = given_out(told, here.session.files)
    said = (kind_of(error).message(error), *_way_out(error, action))
    lines = [_clipped(plain(hidden(line))) for line in said]
    lines += [plain_text(hint)] if hint else []
    lines += [f"This file came: {file.get('url')}" for file in told.get("files", [])]
    if partial:
        told["partial"] = partial
        lines += ["What came before it broke off:", partial]
    return _result("\n".join(lines), told)


def misshapen(result: CallToolResult) -> CallToolResult:
    """Let an answer pass as an error, since hosts throw away what does not fit its schema."""
    told = "The answer came, and not in the shape that the API promises. This is what came:"
    return CallToolResult(
        content=[TextContent(text=told), *result.content],
        is_error=True,
        _meta={ERROR: {"type": "IncompleteError", "message": told}},
    )


def _result(text: str, told: JsonObject) -> CallToolResult:
    return CallToolResult(content=[TextContent(text=text)], is_error=True, _meta={ERROR: told})


def _clipped(told: Json) -> Json:
    """Cut what may hold an argument of a megabyte."""
    if isinstance(told, dict):
        return {name: _clipped(one) for name, one in told.items()}
    if isinstance(told, list):
        return [_clipped(one) for one in told[:_MOST]]
    cut = isinstance(told, str) and len(told) > _LONGEST
    return f"{told[:_LONGEST]}…" if cut else told


def _way_out(error: ConnectorError, action: Action | None) -> list[str]:
    """Say what is known besides the message, what was charged, and what to do."""
    kind = kind_of(error)
    charged = f"{usd(error.cost)} was charged." if error.cost else ""
    advice = _resume(error, action) if error.job else kind.advice(error)
    return [line for line in (kind.details(error), charged, advice) if line]


def _message(error: ConnectorError) -> str:
    return error.message


def _problems(error: InputError) -> str:
    return "\n".join(["The arguments are wrong:", *(f"- {one}" for one in error.problems)])


def _circumstances(error: ApiError) -> str:
    known = [
        f"HTTP {error.status}" if error.status else "",
        error.provider or "",
        f"{error.attempts} attempts" if error.attempts > 1 else "",
        error.generation_id or "",
    ]
    listed = ", ".join(filter(None, known))
    return f"({listed})" if listed else ""


def _for_the_user(error: CredentialError) -> str:
    return "Only the user can mend this: the server was started with a key that does not do."


def _uncharged(error: ConnectorError) -> str:
    return "" if error.cost else "Nothing was charged."


def _uncharged_file(error: FileError) -> str:
    # A file that cannot be stored has no path among the arguments, and was paid for.
    return _uncharged(error) if error.path else ""


def _retry(error: ApiError) -> str:
    after = f" in {error.retry_after:g} seconds" if error.retry_after else " later"
    return f"The same call may succeed{after}." if error.retryable else ""


def _resume(error: ConnectorError, action: Action | None) -> str:
    """Say how to go on with a job, which was paid for when it was submitted."""
    resume = action.poll.resume if action and action.poll else None
    if resume and kind_of(error).resumable:
        return f"Call again with {resume} = {error.job!r} to take it up; a new call pays anew."
    return "A new call submits another job, and pays anew."


def _nothing(error: ConnectorError) -> str:
    return ""


class Kind(NamedTuple):
    """What an agent reads about a class of errors."""

    message: Callable[[Any], str] = _message
    details: Callable[[Any], str] = _nothing
    advice: Callable[[Any], str] = _nothing
    resumable: bool = True
    """Whether a job that failed so can be resumed."""


KINDS: Mapping[type[BaseException], Kind] = {
    InputError: Kind(message=_problems, advice=_uncharged),
    FileError: Kind(advice=_uncharged_file),
    CredentialError: Kind(details=_for_the_user),
    BudgetError: Kind(advice=_uncharged),
    JobFailedError: Kind(details=_circumstances, advice=_retry, resumable=False),
    ApiError: Kind(details=_circumstances, advice=_retry),
    ConnectorError: Kind(),
}


def kind_of(error: ConnectorError) -> Kind:
    """Return what an agent reads about an error, by the nearest class in the table."""
    return next(KINDS[base] for base in type(error).__mro__ if base in KINDS)


def _unexpected(error: Exception) -> str:
    if os.environ.get("OPENROUTER_CONNECTOR_DEBUG"):
        log.error("an unexpected error\n%s", hidden("".join(format_exception(error))))
    return (
        f"An unexpected error inside the connector: {type(error).__name__}. Other calls still "
        "work; OPENROUTER_CONNECTOR_DEBUG=1 in the server's environment shows more on its stderr."
    )
