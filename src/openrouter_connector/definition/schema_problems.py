"""Explain what is wrong with parameters: a jsonschema finding becomes a sentence with a way out.

`form` calls it for parameters that `fast_validation` rejects, and `checks` for wrong defaults.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from heapq import nsmallest
from itertools import islice
from typing import TYPE_CHECKING

from ..errors import Problem
from ..json_schema import ValidationLimitError, Validator
from ..suggest import did_you_mean
from ..values import FILE_KEYS, Json, JsonObject
from .derive.json_schema import FILE_ENTRY
from .paths import dotted

if TYPE_CHECKING:
    from jsonschema import ValidationError

MAX_PROBLEMS = 50
Meant = Callable[[str], str | None]


def schema_problems(
    schema: JsonObject, values: Json, meant: Meant = lambda name: None
) -> Iterator[Problem]:
    """Yield what is wrong with values by a schema of ours, up to a maximum.

    `meant` returns the property that an unknown name at the top stands for, if it knows one.
    """
    found = list(islice(_problems(schema, values, meant), MAX_PROBLEMS + 1))
    yield from found[:MAX_PROBLEMS]
    if len(found) > MAX_PROBLEMS:
        yield Problem("…", f"there are more than {MAX_PROBLEMS} problems; the rest is not listed")


def form_validator(schema: JsonObject) -> Validator:
    """Return a validator for a schema of ours, whose `$` matches at the very end only."""
    return Validator(schema, trusted=True)


def _problems(schema: JsonObject, values: Json, meant: Meant) -> Iterator[Problem]:
    try:
        errors: Sequence[ValidationError] = form_validator(schema).errors(
            values, MAX_PROBLEMS + 1, _MAX_STEPS
        )
    except ValidationLimitError as error:
        errors = error.found
        if not errors:
            yield Problem("", f"does not match the form, and {error}; send less at once")
    for one in errors:
        # The form reports missing properties itself, since it knows which conditions hold.
        if one.validator != "required" or one.validator_value == FILE_ENTRY["required"]:
            yield from _explain(one, meant)


def _explain(error: ValidationError, meant: Meant) -> Iterator[Problem]:
    """Yield one finding as sentences, one for each unknown property."""
    if intended := _intended_alternative(error):
        for inner in intended:
            yield from _explain(inner, meant)
        return
    schema: Json = error.schema
    limit: Json = error.validator_value
    path = tuple(error.absolute_path)
    value: Json = error.instance
    if error.validator == "additionalProperties":
        known = list(schema.get("properties", {}))
        # A request may have a million unknown names; only the first ones are sorted and explained.
        for name in nsmallest(MAX_PROBLEMS + 1, value.keys() - set(known)):
            likely = None if path else meant(name)
            hint = f"; did you mean {likely!r}?" if likely else did_you_mean(name, known)
            yield Problem(dotted((*path, name)), f"does not exist{hint}")
    elif error.validator == "type" and schema.get("required") == FILE_ENTRY["required"]:
        yield Problem(dotted(path), _no_file(value))
    else:
        sentence = _SENTENCES.get(str(error.validator), lambda *_: error.message)
        yield Problem(dotted(path), sentence(value, limit))


def _intended_alternative(error: ValidationError) -> list[ValidationError]:
    """Return the errors of the alternative of an `anyOf` that was most likely intended: of those
    with the right type, the one with the fewest errors."""
    alternatives: dict[str | int, list[ValidationError]] = {}
    for inner in error.context or ():
        alternatives.setdefault(inner.relative_schema_path[0], []).append(inner)
    of_right_type = [
        errors
        for errors in alternatives.values()
        if not any(one.validator == "type" and not one.relative_path for one in errors)
    ]
    return min(of_right_type, key=len, default=[])


def _no_file(value: Json) -> str:
    message = f"must be a FILE_ENTRY, or an http(s) or data: URL, not {_kind(value)}"
    if not isinstance(value, str):
        return message
    # A text is never opened as a path: whoever sends JSON could read any file of this machine.
    shown = value if len(value) <= _MAX_SHOWN else f"{value[:_MAX_SHOWN]}…"
    return f"{message}. In Python use pathlib.Path({shown!r}), on the command line @{shown}"


def _wrong_type(value: Json, limit: Json) -> str:
    kinds = limit if isinstance(limit, list) else [limit]
    return f"must be {' or '.join(_KINDS[kind] for kind in kinds)}, not {_kind(value)}"


def _wrong_alternative(value: Json, limit: Json) -> str:
    return _wrong_type(value, list(dict.fromkeys(one["type"] for one in limit if "type" in one)))


def _unknown_option(value: Json, limit: Json) -> str:
    hint = did_you_mean(value, map(str, limit)) if isinstance(value, str) else ""
    listed = ", ".join(map(str, limit[:30])) + (" …" if len(limit) > 30 else "")
    return f"{value!r} is not one of {listed}{hint}"


def _incomplete_file(value: Json, limit: Json) -> str:
    missing = ", ".join(name for name in limit if name not in value)
    return f"is missing {missing}: a file requires {', '.join(FILE_KEYS)}"


_SENTENCES: dict[str, Callable[[Json, Json], str]] = {
    "type": _wrong_type,
    "anyOf": _wrong_alternative,
    "enum": _unknown_option,
    "required": _incomplete_file,
    "minimum": lambda value, limit: f"{value} is less than {limit}",
    "maximum": lambda value, limit: f"{value} is more than {limit}",
    "maxItems": lambda value, limit: f"has {len(value)} items; the maximum is {limit}",
    "minItems": lambda value, limit: f"has {len(value)} items; the minimum is {limit}",
    "maxLength": lambda value, limit: f"has {len(value)} characters; the maximum is {limit}",
    "minLength": lambda value, limit: f"has {len(value)} characters; the minimum is {limit}",
    # The pattern is anchored as `^(?:…)$`, which is of no interest to people.
    "pattern": lambda value, limit: f"{value!r} does not match the pattern {limit[4:-2]}",
}

_MAX_SHOWN = 60  # characters of a path in a message

# The schema of a form is our own, so the work grows with the values and no faster.
_MAX_STEPS = 400_000

_KINDS = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}
_JSON_TYPES = {
    bool: "boolean",
    str: "string",
    int: "number",
    float: "number",
    list: "array",
    type(None): "null",
}


def _kind(value: Json) -> str:
    return _KINDS[_JSON_TYPES.get(type(value), "object")]
