"""JSON Schemas that come from outside: checked before use, and validated within limits.

    input ──read_schema──▶ schema ──validate(schema, value)──▶ ValidationResult
                              └────to_strict_schema──▶ the form for a provider's strict mode

Nothing here reads a file or the network, patterns run in linear time, and the work is limited.
No other module uses jsonschema.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..values import Json, JsonObject
from .check_schema import InvalidSchemaError, check_schema
from .limits import ValidationLimitError
from .schema_input import read_schema
from .validator import MAX_STEPS, Validator

if TYPE_CHECKING:
    from jsonschema import ValidationError

__all__ = [
    "MAX_STEPS",
    "InvalidSchemaError",
    "ValidationLimitError",
    "ValidationResult",
    "Validator",
    "is_schema",
    "read_schema",
    "schema_problem",
    "schema_warnings",
    "validate",
]


class ValidationResult(NamedTuple):
    """The outcome of validating a value against a schema."""

    problems: str = ""
    """What does not match, as text; empty if the value is valid."""
    undecided: str = ""
    """Why the value could not be validated; empty if it could."""


def validate(schema: JsonObject, value: Json, steps: int = MAX_STEPS) -> ValidationResult:
    """Validate a value against a schema, within a number of steps."""
    try:
        errors: Sequence[ValidationError] = check_schema(schema).validator.errors(
            value, steps=steps
        )
    except InvalidSchemaError as error:
        return ValidationResult(undecided=str(error))
    except ValidationLimitError as error:
        if not error.found:
            return ValidationResult(undecided=str(error))
        errors = error.found
    details = [f"{error.json_path}: {_short(error.message)}" for error in errors]
    return ValidationResult("; ".join(sorted(details)[:_MAX_LISTED]))


def schema_problem(value: Json) -> str | None:
    """Return why a value, as text or as an object, is not a usable schema; None if it is."""
    try:
        read_schema(value)
    except InvalidSchemaError as error:
        return str(error)
    return None


def is_schema(value: Json) -> bool:
    """Return whether a value is a usable schema as it is."""
    try:
        check_schema(value)
    except InvalidSchemaError:
        return False
    return True


def schema_warnings(schema: JsonObject) -> tuple[str, ...]:
    """Return which parts of a schema are not checked here, with their paths."""
    return check_schema(schema).warnings


def _short(message: str) -> str:
    return message if len(message) <= 300 else f"{message[:299]}…"


_MAX_LISTED = 5
