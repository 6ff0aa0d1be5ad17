"""How a step ended, as the engine records it: `{output, metadata}` or `{error}`, plain JSON."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from traceback import format_tb

from sqlalchemy.exc import SQLAlchemyError

from ...errors import ConnectorError
from ...values import Json, JsonObject
from .database import database_error

_log = logging.getLogger(__name__)

FATAL = ("InDoubtError", "BudgetError", "CredentialError", "DatabaseError")
"""Errors after which no further step is performed, whatever `onError` says."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one step ended."""

    output: Json = None
    metadata: JsonObject | None = None
    error: JsonObject | None = None
    """As `ConnectorError.to_json` has it."""

    def to_json(self) -> JsonObject:
        """Return the known fields."""
        if self.error is not None:
            return {"error": self.error, "metadata": self.metadata}
        return {"output": self.output, "metadata": self.metadata}

    @classmethod
    def of_json(cls, value: JsonObject) -> Outcome:
        """Read what `to_json` wrote."""
        return cls(value.get("output"), value.get("metadata"), value.get("error"))


def answered_since(error: JsonObject) -> JsonObject:
    """Return the error of a run in doubt whose last answer another process recorded since."""
    return {**error, "message": _ANSWERED}


class StepFailed(Exception):
    """A step failed, and with it the list of steps that it is in."""

    def __init__(self, place: str, error: JsonObject) -> None:
        super().__init__(place)
        self.place = place
        self.error = error

    @property
    def is_fatal(self) -> bool:
        """Whether nothing may catch it."""
        return self.error.get("type") in FATAL


def described(error: Exception) -> tuple[str, JsonObject]:
    """Return the place of a failure, and its error as JSON."""
    if isinstance(error, StepFailed):
        return error.place, error.error
    if isinstance(error, SQLAlchemyError):  # of the engine, which writes beside us
        error = database_error(error)
    if isinstance(error, ConnectorError):
        return "", error.to_json()
    # Without the text of the error, which may be what a user wrote.
    name, trace = type(error).__name__, "".join(format_tb(error.__traceback__))
    _log.error("%s in a run\n%s", name, trace)
    message = f"an internal error of the connector ({name}); please report it"
    return "", ConnectorError(message).to_json()


class FlowError(ConnectorError):
    """A run ended without a result; `error` is that of the step at `place`.

    The run keeps all that it finished: `runs.resume(run)` goes on from there.
    """

    def __init__(self, run: str, status: str, outcome: JsonObject) -> None:
        self.run = run
        self.status = status
        self.place = outcome.get("place") or ""
        self.error: JsonObject = outcome.get("error") or {}
        self.doubts: list[JsonObject] = outcome.get("doubts") or []
        """Requests that may have been served: `{place, item, action, model, sent, likelyCost}`."""
        where = f"the step {self.place!r} " if self.place else "the run "
        message = f"{where}{_VERBS.get(status, 'failed')}: {self.error.get('message', '')}"
        super().__init__(message.removesuffix(": "))

    def to_json(self) -> JsonObject:
        """Add the run, its status, the step, and the step's error."""
        known = {
            "run": self.run, "status": self.status, "step": self.place, "error": self.error,
            "doubts": self.doubts,
        }  # fmt: skip
        return super().to_json() | known


_ANSWERED = (
    "the answers that were in doubt have come since, and are kept; resume the run, and nothing is "
    "sent again"
)
_VERBS = {
    "in doubt": "is in doubt",
    "cancelled": "was cancelled",
    "interrupted": "was interrupted, and goes on with `runs resume`",
}
