"""What went wrong, as an exit code and as text or JSON; never a traceback, never a secret."""

from __future__ import annotations

import os
from collections.abc import Mapping
from traceback import format_exception

from ... import errors
from ...connections.keys import hidden, hidden_in
from ...errors import (
    ApiError,
    BudgetError,
    ConnectorError,
    CredentialError,
    DefinitionError,
    FileError,
    IncompleteError,
    InputError,
)
from ...plain_json import plain
from ...values import JsonObject, Metadata
from .terminal import note, print_json


class Terminated(KeyboardInterrupt):
    """SIGTERM came, and what was under way has been cancelled."""


EXIT_CODES: Mapping[type[BaseException], int] = {
    InputError: 2,
    DefinitionError: 2,
    CredentialError: 3,
    ApiError: 4,
    BudgetError: 4,
    FileError: 5,
    IncompleteError: 6,
    Terminated: 143,
    KeyboardInterrupt: 130,
    Exception: 1,
}
OUTPUT_LOST = 5
"""The exit code when stdout could not be written: it is a file as well."""


def tell(error: BaseException, *, as_json: bool) -> int:
    """Say it as one JSON object on stdout, or in words on stderr, and give the exit code."""
    if not isinstance(error, ConnectorError | KeyboardInterrupt) and _debugging():
        note(hidden("".join(format_exception(error))))
    if as_json:
        print_json({"error": hidden_in(plain(_described(error)))})
        return exit_code(error)
    note(hidden("\n".join(_lines(error))))
    return exit_code(error)


def exit_code(error: BaseException | type[BaseException]) -> int:
    """Give the exit code that stands for the class of an error."""
    kind = error if isinstance(error, type) else type(error)
    return next(EXIT_CODES[base] for base in kind.__mro__ if base in EXIT_CODES)


def reported_code(metadata: Metadata) -> int:
    """Give the exit code of a result, whose action may have reported a failure in it."""
    error = metadata.error
    return exit_code(getattr(errors, error["type"])) if error else 0


def _described(error: BaseException) -> JsonObject:
    if isinstance(error, ConnectorError):
        return error.to_json()
    return {"type": type(error).__name__, "message": str(error) or "interrupted"}


def _lines(error: BaseException) -> list[str]:
    if isinstance(error, InputError | DefinitionError) and len(error.problems) > 1:
        return ["error:", *(f"  {problem}" for problem in error.problems)]
    if isinstance(error, ApiError):
        return [f"error: {error.message}{_circumstances(error)}", *_partial(error)]
    if isinstance(error, ConnectorError):
        return [f"error: {error.message}{f' (job {error.job})' if error.job else ''}"]
    if isinstance(error, KeyboardInterrupt):
        return ["interrupted"]
    way_out = "" if _debugging() else "\n(OPENROUTER_CONNECTOR_DEBUG=1 shows the traceback)"
    return [f"error: {type(error).__name__}: {' '.join(str(error).split())}{way_out}"]


def _circumstances(error: ApiError) -> str:
    known = [
        f"HTTP {error.status}" if error.status else "",
        f"{error.attempts} attempts" if error.attempts > 1 else "",
        str(error.generation_id or ""),
        f"job {error.job}" if error.job else "",
    ]
    told = ", ".join(filter(None, known))
    return f" ({told})" if told else ""


def _partial(error: ApiError) -> list[str]:
    return ["what came before:", error.partial] if error.partial else []


def _debugging() -> bool:
    return bool(os.environ.get("OPENROUTER_CONNECTOR_DEBUG"))
