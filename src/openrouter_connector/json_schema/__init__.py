"""JSON Schemas that come from outside: checked before they are used, and used within bounds.

    given ──read_schema──▶ schema ──judge(schema, value)──▶ Judgement
                              └─────strict_form──────────▶ what strict mode understands

Nothing here reads a file or the network, patterns run in linear time, and all work is counted.
jsonschema is used nowhere else.
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
    """What came of holding a value against a schema."""

    problems: str = ""
    """What does not fit, in words; empty if all of it does."""
    undecided: str = ""
    """Why it could not be told whether it fits; empty if it could."""


def validate(schema: JsonObject, value: Json, steps: int = MAX_STEPS) -> ValidationResult:
    """Hold a value against a schema."""
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
    told = [f"{error.json_path}: {_short(error.message)}" for error in errors]
    return ValidationResult("; ".join(sorted(told)[:_MOST_TOLD]))


def schema_problem(given: Json) -> str | None:
    """Return why a value, as text or as an object, is no usable schema; None if it is."""
    try:
        read_schema(given)
    except InvalidSchemaError as error:
        return str(error)
    return None


def is_schema(value: Json) -> bool:
    """Return whether a value is a usable schema as it stands."""
    try:
        check_schema(value)
    except InvalidSchemaError:
        return False
    return True


def schema_warnings(schema: JsonObject) -> tuple[str, ...]:
    """Return what of a schema is not checked here, with the place."""
    return check_schema(schema).warnings


def _short(message: str) -> str:
    return message if len(message) <= 300 else f"{message[:299]}…"


_MOST_TOLD = 5
