"""What is wrong with parameters, in sentences that name the way out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from functools import cache, partial
from heapq import nsmallest
from itertools import islice
from re import search
from typing import TYPE_CHECKING

from ..errors import Problem
from ..values import FILE_KEYS, Json, JsonObject
from .schema import FILE_ENTRY

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, ValidationError

Path = tuple[str | int, ...]


MOST = 50  # problems that are listed
_LONGEST_NAME = 200  # characters; a longer one resembles nothing


def invalid(schema: JsonObject, values: Json) -> Iterator[Problem]:
    """Say what jsonschema finds wrong with parameters; of very many problems the first ones."""
    found = list(islice(_invalid(schema, values), MOST + 1))
    yield from found[:MOST]
    if len(found) > MOST:
        yield Problem("…", f"there are more problems than these {MOST}")


def _invalid(schema: JsonObject, values: Json) -> Iterator[Problem]:
    for error in validator(schema).iter_errors(values):
        # What is missing of the form was found already, with the conditions in mind.
        if error.validator != "required" or error.validator_value == FILE_ENTRY["required"]:
            yield from _told(error)


def validator(schema: JsonObject) -> Draft202012Validator:
    """Give what judges by a schema, with `$` as JSON Schema means it: at the very end."""
    return _strict()(schema)


@cache
def _strict() -> type[Draft202012Validator]:
    from jsonschema import Draft202012Validator, validators  # heavy, and only needed when in doubt

    kind: type[Draft202012Validator] = validators.extend(  # type: ignore[no-untyped-call]
        Draft202012Validator, {"pattern": _unlike}
    )
    return kind


def _unlike(_: object, pattern: str, value: Json, schema: JsonObject) -> Iterator[ValidationError]:
    from jsonschema import ValidationError

    # Python's `$` stands before a line break at the end as well.
    if isinstance(value, str) and not search(pattern.removesuffix("$") + r"\Z", value):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


def dotted(path: Iterable[str | int]) -> str:
    """Write a path as people do: `messages[0].role`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def closest(name: str, known: Iterable[str]) -> str:
    """Give `; did you mean 'topK'?` for a name that resembles a known one, else nothing."""
    if len(name) > _LONGEST_NAME:
        return ""
    lowered = {word.lower(): word for word in known}
    found = get_close_matches(name.lower().replace("_", ""), lowered, n=1)
    return f"; did you mean {lowered[found[0]]!r}?" if found else ""


def schema_fault(value: Json) -> str | None:
    """Say why a value, as text or as an object, is no JSON Schema; None when it is one."""
    from jsonschema import Draft202012Validator, SchemaError

    try:
        schema = json.loads(value) if isinstance(value, str) else value
        if not isinstance(schema, dict):
            return 'is not a JSON Schema: it must be an object such as {"type": "object"}'
        Draft202012Validator.check_schema(schema)
        return next(filter(None, map(partial(_dead_end, schema), _references(schema))), None)
    except RecursionError:
        return "is nested too deeply"
    except ValueError:
        return "is not a JSON Schema: it is not JSON"
    except SchemaError as error:
        where = ".".join(map(str, error.absolute_path))
        return f"is not a JSON Schema: {where + ': ' if where else ''}{error.message}"


def _dead_end(schema: JsonObject, reference: str) -> str | None:
    """Say why a reference leads nowhere, or back to itself."""
    from referencing import Registry
    from referencing.exceptions import Unresolvable
    from referencing.jsonschema import DRAFT202012

    resolver = Registry().with_resource("", DRAFT202012.create_resource(schema)).resolver()
    seen: set[str] = set()
    following: Json = reference
    while isinstance(following, str):
        if not following.startswith("#"):
            return f"refers to {following!r}; only references inside the schema work"
        if following in seen:
            return f"refers to {following!r}, which leads back to itself"
        seen.add(following)
        try:
            found = resolver.lookup(following).contents
        except Unresolvable:
            return f"refers to {following!r}, which is not in it"
        following = next(_here(found), None)
    return None


def _told(error: ValidationError) -> Iterator[Problem]:
    """Say one finding in sentences, one for each unknown property."""
    if meant := _meant(error):
        for inner in meant:
            yield from _told(inner)
        return
    schema: Json = error.schema
    value: Json = error.instance
    limit: Json = error.validator_value
    path = tuple(error.absolute_path)
    if error.validator == "additionalProperties":
        known = list(schema.get("properties", {}))
        for name in nsmallest(MOST + 1, value.keys() - set(known)):
            yield Problem(dotted((*path, name)), f"there is no such property{closest(name, known)}")
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


def _references(schema: Json) -> Iterator[str]:
    yield from _here(schema)
    if isinstance(schema, dict):
        for value in schema.values():
            yield from _references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _references(value)


def _here(schema: Json) -> Iterator[str]:
    """Give what a schema itself refers to, not what is inside it."""
    if isinstance(schema, dict):
        for word in ("$ref", "$dynamicRef"):
            if isinstance(reference := schema.get(word), str):
                yield reference


def _mistyped(value: Json, limit: Json) -> str:
    kinds = limit if isinstance(limit, list) else [limit]
    return f"must be {' or '.join(_KINDS[kind] for kind in kinds)}, not {_kind(value)}"


def _unlisted(value: Json, limit: Json) -> str:
    hint = closest(value, map(str, limit)) if isinstance(value, str) else ""
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
