"""The exit codes of the command line: one table for the errors, the help and the docs."""

from __future__ import annotations

from typing import NamedTuple

from ... import errors
from ...values import JsonObject, Metadata


class Terminated(KeyboardInterrupt):
    """SIGTERM arrived, and the running call was cancelled."""


class ExitCode(NamedTuple):
    """An exit code, its meaning in the help, and the errors that lead to it."""

    code: int
    meaning: str
    errors: tuple[type[BaseException], ...] = ()


EXIT_CODES = (
    ExitCode(0, "success"),
    ExitCode(1, "unexpected error", (Exception,)),
    ExitCode(2, "invalid input", (errors.InputError, errors.DefinitionError, errors.ConflictError)),
    ExitCode(3, "missing or invalid API key", (errors.CredentialError,)),
    ExitCode(
        4, "request refused by the API, or budget used up", (errors.ApiError, errors.BudgetError)
    ),
    ExitCode(
        5,
        "file or database error, or stdout cannot be written (the output is on stderr)",
        (errors.FileError, errors.DatabaseError),
    ),
    ExitCode(
        6,
        "incomplete response, or a request that nobody knows was served",
        (errors.IncompleteError, errors.InDoubtError),
    ),
    ExitCode(130, "interrupted (Ctrl-C)", (KeyboardInterrupt,)),
    ExitCode(141, "stdout closed by its reader"),
    ExitCode(143, "terminated (SIGTERM)", (Terminated,)),
)
STDOUT_FAILED = 5
STDOUT_CLOSED = 141  # 128 + SIGPIPE, as shells report it

_BY_ERROR = {error: row.code for row in EXIT_CODES for error in row.errors}


def exit_code(error: type[BaseException]) -> int:
    """Return the exit code of the nearest base class that the table names."""
    return next(_BY_ERROR[base] for base in error.__mro__ if base in _BY_ERROR)


def exit_code_table() -> str:
    """Return the table as Markdown, for the docs."""
    rows = [f"| {row.code} | {row.meaning} | {_error_names(row)} |" for row in EXIT_CODES]
    return "\n".join(["| code | meaning | errors |", "|---|---|---|", *rows])


def _error_names(row: ExitCode) -> str:
    names = [error.__name__ for error in row.errors if error.__module__ == errors.__name__]
    return ", ".join(f"`{name}`" for name in names)


def reported_exit_code(metadata: Metadata) -> int:
    """Return the exit code of a result whose output reports a failure, of the whole or of parts."""
    return described_exit_code(metadata.error) if metadata.error else 0


def described_exit_code(error: JsonObject) -> int:
    """Return the exit code of an error that is described as JSON."""
    return exit_code(getattr(errors, error.get("type", ""), Exception))
