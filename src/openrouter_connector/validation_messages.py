"""Explain in our own words what pydantic found: its sentences are for its own users."""

from __future__ import annotations

from collections.abc import Mapping
from re import Match, sub
from typing import Any


def message_of(details: Mapping[str, Any]) -> str:
    """Return the message of one of pydantic's errors, as `ValidationError.errors()` lists them."""
    kind, context = str(details["type"]), details.get("ctx") or {}
    if kind == "string_too_short" and context.get("min_length") == 1:
        return "must not be empty"
    template = _MESSAGES.get(kind) or next(
        (text for start, text in _STARTS.items() if kind.startswith(start)), "has an invalid value"
    )
    if expected := context.get("expected"):
        # pydantic lists the values as Python writes them.
        context = {**context, "expected": sub(r"\bTrue\b|\bFalse\b", _in_json, str(expected))}
    # A validator of ours raised a sentence of ours.
    return template.format_map({"error": "", **context})


def _in_json(word: Match[str]) -> str:
    return word[0].lower()


_WHOLE, _NUMBER, _TRUTH = "must be a whole number", "must be a number", "must be true or false"
_MESSAGES = {
    "missing": "is missing",
    "extra_forbidden": "is not a known key",
    "value_error": "{error}",
    "assertion_error": "{error}",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
    "none_required": "must be null",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be {ge} or more",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be {le} or less",
    "multiple_of": "must be a multiple of {multiple_of}",
    "finite_number": _NUMBER,
    "int_parsing_size": "is too large",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "string_pattern_mismatch": "does not match the pattern {pattern}",
    "string_unicode": "is not valid text",
    "too_short": "has {actual_length} items; the minimum is {min_length}",
    "too_long": "has {actual_length} items; the maximum is {max_length}",
    "recursion_loop": "contains itself",
}
# The first words of the names of several errors.
_STARTS = {
    "int_": _WHOLE,
    "float_": _NUMBER,
    "decimal_": _NUMBER,
    "bool_": _TRUTH,
    "string_": "must be text",
    "bytes_": "must be text",
    "list_": "must be a list",
    "tuple_": "must be a list",
    "set_": "must be a list",
    "frozen_set_": "must be a list",
    "iterable_": "must be a list",
    "dict_": "must be an object",
    "mapping_": "must be an object",
    "model_": "must be an object",
    "dataclass_": "must be an object",
    "date_": "must be a date, such as 2026-11-27",
    "datetime_": "must be a date, or a date and time such as 2026-11-27T10:00:00Z",
    "time_": "must be a time, such as 10:00:00",
    "json_": "is not valid JSON",
    "url_": "must be a URL",
    "uuid_": "must be a UUID",
}
