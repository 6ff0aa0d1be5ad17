"""The errors of the connector, as one tree.

ConnectorError
├── DefinitionError            the YAML is wrong (file, property)
├── InputError                 the parameters are wrong: every problem at once
├── FileError                  unreadable, too large, wrong type, forbidden address
│   └── StoreError             the file store is full, read-only or missing
├── CredentialError            401, or no token
├── ApiError                   the API refused, or could not be reached
│   ├── PaymentError           402
│   ├── ForbiddenError         403
│   ├── NotFoundError          404
│   ├── RateLimitedError       429
│   ├── UnavailableError       5xx, or no connection
│   ├── IncompleteError        null content, cut off, 200 with an error: keeps the partial text
│   ├── JobFailedError         a long job ended without a result
│   └── JobTimedOutError       a long job is not done yet; it can be resumed
├── ConflictError              somebody else saved first
├── InDoubtError               a request may have been served and paid, and its answer is lost
├── DatabaseError              the database of runs cannot be used
├── MissingExtraError          a package of an extra is not installed
└── BudgetError                the budget of this session does not cover the call
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from .values import Json, JsonObject


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One problem: where it is (`messages[0].role`, `ask.yaml: topK`), and what to do."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class ConnectorError(Exception):
    """Any failure of the connector; `str(error)` is for people, `to_json()` for programs.

    `job` is the id of a job that was submitted and can be resumed; `cost` what was charged all the
    same, in USD, if that is known; `files` are the FILE_ENTRYs of files that were stored.
    """

    job: str | None = None
    cost: float | None = None
    files: Sequence[JsonObject] = ()
    may_be_charged: bool = False
    """Whether the request may have been served, although no whole response to it arrived."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return self.message

    def replace(self, **changes: Any) -> Self:
        """Return the same error with other values of some attributes."""
        other = copy(self)
        vars(other).update(changes)
        other.args, other.__cause__ = (other.message,), self.__cause__
        return other.with_traceback(self.__traceback__)

    def to_json(self) -> JsonObject:
        """Return `{type, message}` and the known attributes of the class; never a secret."""
        described: JsonObject = {"type": type(self).__name__, "message": self.message}
        known = {"jobId": self.job, "cost": self.cost, "files": list(self.files)}
        return described | {key: value for key, value in known.items() if value}


class _ProblemsError(ConnectorError):
    """An error that lists all its problems."""

    def __init__(self, problems: Iterable[Problem] | str) -> None:
        listed = [Problem("", problems)] if isinstance(problems, str) else sorted(set(problems))
        self.problems = tuple(listed)
        super().__init__("\n".join(map(str, self.problems)))

    def to_json(self) -> JsonObject:
        """Add `path` (of the first problem) and `problems`, each with path and message."""
        problems: list[Json] = [{"path": p.path, "message": p.message} for p in self.problems]
        return super().to_json() | {"path": self.problems[0].path, "problems": problems}


class DefinitionError(_ProblemsError):
    """The definition is invalid; each problem names the file and the property."""


class InputError(_ProblemsError):
    """The parameters are invalid; each problem names the path and what to do."""


class FileError(ConnectorError):
    """A file cannot be read, is too large, or has a wrong type or a forbidden address."""

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(message)
        self.path = path

    @property
    def problem(self) -> Problem:
        """The path and the message, which does not repeat the path."""
        return Problem(self.path, self.message.removeprefix(f"{self.path}: "))

    def to_json(self) -> JsonObject:
        """Add `path`, the property that holds the file, when it is known."""
        return super().to_json() | ({"path": self.path} if self.path else {})


class StoreError(FileError):
    """The file store cannot be written: it is full, read-only or missing.

    `generation_id` is the API's id of the call that was paid for; `files` lists what was stored.
    """

    def __init__(self, message: str, path: str = "", *, generation_id: str | None = None) -> None:
        super().__init__(message, path)
        self.generation_id = generation_id

    def to_json(self) -> JsonObject:
        """Add `generationId`, if something was paid for."""
        known = {"generationId": self.generation_id} if self.generation_id else {}
        return super().to_json() | known


class CredentialError(ConnectorError):
    """There is no token, or the API refuses it."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status

    def to_json(self) -> JsonObject:
        """Add the HTTP `status`, if there was a response."""
        return super().to_json() | ({"status": self.status} if self.status else {})


INVALID_ANSWER = "invalid_answer"
"""The `code` of an answer that is not the JSON that was asked for."""


class ApiError(ConnectorError):
    """The API refused the call, or could not be reached.

    `status` is the HTTP status (None without a response), `code` the API's own code (or
    `INVALID_ANSWER`), `raw` the error body, `retryable` whether the same call may succeed later.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str | int | None = None,
        provider: str | None = None,
        generation_id: str | None = None,
        retryable: bool = False,
        retry_after: float | None = None,
        attempts: int = 1,
        partial: str | None = None,
        job: str | None = None,
        raw: Json = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.provider = provider
        self.generation_id = generation_id
        self.retryable = retryable
        self.retry_after = retry_after
        self.attempts = attempts
        self.partial = partial
        self.job = job
        self.raw = raw

    def to_json(self) -> JsonObject:
        """Add `retryable`, and the known ones of status, code, provider, partial text and so on."""
        known = {
            "status": self.status,
            "code": self.code,
            "provider": self.provider,
            "generationId": self.generation_id,
            "retryAfter": self.retry_after,
            "partial": self.partial,
            "attempts": self.attempts,
        }
        details = {key: value for key, value in known.items() if value is not None}
        return super().to_json() | {"retryable": self.retryable} | details


class PaymentError(ApiError):
    """402: credits or the key's limit do not cover this request."""


class ForbiddenError(ApiError):
    """403: the wrong kind of key, a guardrail, a moderation flag, or a region."""


class NotFoundError(ApiError):
    """404: no such model, job or generation, or no endpoint that meets the constraints."""


class RateLimitedError(ApiError):
    """429: too many requests, at OpenRouter or at the provider."""


class UnavailableError(ApiError):
    """5xx, a timeout, or no connection at all."""


class IncompleteError(ApiError):
    """The answer is missing, cut off or broken; `partial` keeps the text that was received."""


class JobFailedError(ApiError):
    """A long job ended as failed, cancelled or expired."""


class JobTimedOutError(ApiError):
    """A long job was not done within its time; it goes on, and can be resumed by its id."""


class ConflictError(ConnectorError):
    """Somebody else saved a newer version first; `version` is the current one. Nothing was lost."""

    def __init__(self, message: str, *, version: int) -> None:
        super().__init__(message)
        self.version = version

    def to_json(self) -> JsonObject:
        """Add `version`, the current one."""
        return super().to_json() | {"version": self.version}


class InDoubtError(ConnectorError):
    """A request was under way when its run was interrupted: it may have been served and paid.

    It is not sent again by itself. `likely_cost` is what such a request costs, in USD, if known.
    """

    def __init__(self, message: str, *, likely_cost: float | None = None) -> None:
        super().__init__(message)
        self.likely_cost = likely_cost

    def to_json(self) -> JsonObject:
        """Add `likelyCost`, if it is known."""
        known = {"likelyCost": self.likely_cost} if self.likely_cost is not None else {}
        return super().to_json() | known


class DatabaseError(ConnectorError):
    """The database of runs is missing, full, locked, or of a newer version."""


class MissingExtraError(ConnectorError):
    """A package that only some actions need is not installed."""


class BudgetError(ConnectorError):
    """The budget of this session does not cover the call; nothing was sent."""
