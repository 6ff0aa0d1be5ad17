"""What is wrong with parameters, in sentences that name the way out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import nsmallest
from itertools import islice
from typing import TYPE_CHECKING

from ..errors import Problem
from ..json_schema import ValidationLimitError, Validator
from ..suggest import did_you_mean
from ..values import FILE_KEYS, Json, JsonObject
from .derive.json_schema import FILE_ENTRY

if TYPE_CHECKING:
    from jsonschema import ValidationError

Path = tuple[str | int, ...]


MOST = 50  # problems that are listed


def invalid(schema: JsonObject, values: Json) -> Iterator[Problem]:
    """Say what jsonschema finds wrong with parameters, of very many problems the first ones."""
    found = list(islice(_invalid(schema, values), MOST + 1))
    yield from found[:MOST]
    if len(found) > MOST:
        yield Problem("…", f"there are more problems than these {MOST}")


def _invalid(schema: JsonObject, values: Json) -> Iterator[Problem]:
    try:
        errors: Sequence[ValidationError] = validator(schema).errors(values, MOST + 1, _MOST_STEPS)
    except ValidationLimitError as error:
        errors = error.found
        if not errors:
            yield Problem("", f"does not fit the form, and {error}; send less at once")
    for one in errors:
        # What is missing of the form was found already, with the conditions in mind.
        if one.validator != "required" or one.validator_value == FILE_ENTRY["required"]:
            yield from _told(one)


def validator(schema: JsonObject) -> Validator:
    """Give what judges by a schema of ours, with `$` as JSON Schema means it: at the very end."""
    return Validator(schema, trusted=True)


def dotted(path: Iterable[str | int]) -> str:
    """Write a path as people do: `messages[0].role`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def _told(error: ValidationError) -> Iterator[Problem]:
    """Say one finding in sentences, one for each unknown property."""
    if meant := _meant(error):
        for inner in meant:
            yield from _told(inner)
        return
    schema: Json = error.schema
    limit: Json = error.validator_value
    path = tuple(error.absolute_path)
    value: Json = error.instance
    if error.validator == "additionalProperties":
        known = list(schema.get("properties", {}))
        for name in nsmallest(MOST + 1, value.keys() - set(known)):
            yield Problem(
                dotted((*path, name)), f"there is no such property{did_you_mean(name, known)}"
            )
    elif error.validator == "type" and schema.get("required") == FILE_ENTRY["required"]:
        told = f"must be a FILE_ENTRY, or an http(s) or data: URL, not {_kind(value)}"
        yield Problem(dotted(path), told)
    else:
        sentence = _SENTENCES.get(str(error.validator), lambda *_: error.message)
        yield Problem(dotted(path), sentence(value, limit))


def _meant(error: ValidationError) -> list[ValidationError]:
    """Give what is wrong with the kind of value that was meant, where several may be: the kind
    against which the least speaks, of those whose type is right."""
    kinds: dict[str | int, list[ValidationError]] = {}
    for inner in error.context or ():
        kinds.setdefault(inner.relative_schema_path[0], []).append(inner)
    fitting = [
        kind
        for kind in kinds.values()
        if not any(one.validator == "type" and not one.relative_path for one in kind)
    ]
    return min(fitting, key=len, default=[])


def _mistyped(value: Json, limit: Json) -> str:
    kinds = limit if isinstance(limit, list) else [limit]
    return f"must be {' or '.join(_KINDS[kind] for kind in kinds)}, not {_kind(value)}"


def _unlisted(value: Json, limit: Json) -> str:
    hint = did_you_mean(value, map(str, limit)) if isinstance(value, str) else ""
    listed = ", ".join(map(str, limit[:30])) + (" …" if len(limit) > 30 else "")
    return f"{value!r} is not one of {listed}{hint}"


def _lacking(value: Json, limit: Json) -> str:
    lacking = ", ".join(name for name in limit if name not in value)
    return f"lacks {lacking}: a file is {{{', '.join(FILE_KEYS)}}}"


_SENTENCES: dict[str, Callable[[Json, Json], str]] = {
    "type": _mistyped,
    "enum": _unlisted,
    "required": _lacking,
    "minimum": lambda value, limit: f"{value} is less than {limit}",
    "maximum": lambda value, limit: f"{value} is more than {limit}",
    "maxItems": lambda value, limit: f"has {len(value)} items, and may have {limit}",
    "minItems": lambda value, limit: f"has {len(value)} items, and needs {limit} at least",
    "maxLength": lambda value, limit: f"has {len(value)} characters, and may have {limit}",
    "minLength": lambda value, limit: f"has {len(value)} characters, and needs {limit} at least",
    "pattern": lambda value, limit: f"{value!r} does not look like one ({limit[4:-2]})",
    "anyOf": lambda value, limit: f"is {_kind(value)} of a kind that cannot be here",
}

_MOST_STEPS = 400_000
"""Of a form: its schema is our own, so that the work grows with the values and no faster."""

_KINDS = {
    "string": "a text",
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
