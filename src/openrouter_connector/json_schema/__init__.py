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
from .check_schema import InvalidSchemaError, checked
from .limits import NotValidatedError
from .schema_input import read_schema
from .validator import MOST_STEPS, Validator

if TYPE_CHECKING:
    from jsonschema import ValidationError

__all__ = [
    "MOST_STEPS",
    "InvalidSchemaError",
    "Judgement",
    "NotValidatedError",
    "Validator",
    "is_schema",
    "judge",
    "read_schema",
    "schema_fault",
    "warnings_of",
]


class Judgement(NamedTuple):
    """What came of holding a value against a schema."""

    problems: str = ""
    """What does not fit, in words; empty if all of it does."""
    undecided: str = ""
    """Why it could not be told whether it fits; empty if it could."""


def judge(schema: JsonObject, value: Json, steps: int = MOST_STEPS) -> Judgement:
    """Hold a value against a schema."""
    try:
        errors: Sequence[ValidationError] = checked(schema).validator.errors(value, steps=steps)
    except InvalidSchemaError as error:
        return Judgement(undecided=str(error))
    except NotValidatedError as error:
        if not error.found:
            return Judgement(undecided=str(error))
        errors = error.found
    told = [f"{error.json_path}: {_short(error.message)}" for error in errors]
    return Judgement("; ".join(sorted(told)[:_MOST_TOLD]))


def schema_fault(given: Json) -> str | None:
    """Return why a value, as text or as an object, is no usable schema; None if it is."""
    try:
        read_schema(given)
    except InvalidSchemaError as error:
        return str(error)
    return None


def is_schema(value: Json) -> bool:
    """Return whether a value is a usable schema as it stands."""
    try:
        checked(value)
    except InvalidSchemaError:
        return False
    return True


def warnings_of(schema: JsonObject) -> tuple[str, ...]:
    """Return what of a schema is not checked here, with the place."""
    return checked(schema).warnings


def _short(message: str) -> str:
    return message if len(message) <= 300 else f"{message[:299]}…"


_MOST_TOLD = 5
