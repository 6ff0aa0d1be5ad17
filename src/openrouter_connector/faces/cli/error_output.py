"""Print an error as text or JSON; never a traceback by default, never a secret."""

from __future__ import annotations

import os

from ...connections.redact_keys import redact_keys, redact_keys_in
from ...errors import ApiError, ConnectorError, DefinitionError, InputError
from ...plain_json import to_plain_json
from ...values import JsonObject
from .exit_codes import exit_code
from .terminal import note, print_json


def print_error(error: BaseException, *, as_json: bool, on_one_line: bool = False) -> int:
    """Print an error as JSON to stdout, or as text to stderr, and return its exit code."""
    if not isinstance(error, ConnectorError | KeyboardInterrupt) and _debugging():
        from traceback import format_exception

        note(redact_keys("".join(format_exception(error))), is_error=True)
    if as_json:
        described = redact_keys_in(to_plain_json(_to_json(error)))
        print_json({"error": described}, on_one_line=on_one_line)
    else:
        note(redact_keys("\n".join(_lines(error))), is_error=True)
    return exit_code(type(error))


def _to_json(error: BaseException) -> JsonObject:
    if isinstance(error, ConnectorError):
        return error.to_json()
    return {"type": type(error).__name__, "message": str(error) or "interrupted"}


def _lines(error: BaseException) -> list[str]:
    if isinstance(error, InputError | DefinitionError) and len(error.problems) > 1:
        return ["error:", *(f"  {problem}" for problem in error.problems)]
    if isinstance(error, ApiError):
        return [f"error: {error.message}{_details(error)}", *_partial(error)]
    if isinstance(error, ConnectorError):
        return [f"error: {error.message}{f' (job {error.job})' if error.job else ''}"]
    if isinstance(error, KeyboardInterrupt):
        return ["interrupted"]
    hint = "" if _debugging() else "\n(set OPENROUTER_CONNECTOR_DEBUG=1 to print the traceback)"
    return [f"error: {type(error).__name__}: {' '.join(str(error).split())}{hint}"]


def _details(error: ApiError) -> str:
    details = [
        f"HTTP {error.status}" if error.status else "",
        f"{error.attempts} attempts" if error.attempts > 1 else "",
        str(error.generation_id or ""),
        f"job {error.job}" if error.job else "",
    ]
    joined = ", ".join(filter(None, details))
    return f" ({joined})" if joined else ""


def _partial(error: ApiError) -> list[str]:
    return ["partial answer:", error.partial] if error.partial else []


def _debugging() -> bool:
    return bool(os.environ.get("OPENROUTER_CONNECTOR_DEBUG"))
