"""The form of an action: what is shown, what fills it, and which parameters are accepted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

from jsonschema import Draft202012Validator, SchemaError, ValidationError

from ..errors import InputError, Problem
from ..values import Json, JsonObject
from .model import Action, Property
from .schema import parameters_schema


@dataclass(frozen=True, slots=True)
class Accepted:
    """Parameters that were found good: what is shown and set, and what was given in vain."""

    values: JsonObject
    warnings: tuple[str, ...]


class Form:
    """The form of one action, derived from its properties."""

    def __init__(self, action: Action) -> None:
        self.action = action
        self._filters = {prop.name for prop in action.properties if prop.filter}

    def accept(self, parameters: Json) -> Accepted:
        """Fill in defaults, drop what is hidden, and validate.

        InputError lists every problem: unknown names with the nearest known one, missing,
        mistyped and out-of-bounds values, schemas that are none.
        """
        if not isinstance(parameters, dict):
            raise InputError([Problem("", "parameters are an object of names and values")])
        values = _filled(self.action.properties, parameters)
        values, hidden = self._shown(values)
        problems = [*self._missing(values), *self._invalid(values)]
        if problems:
            raise InputError(problems)
        given = [path for path in hidden if _at(parameters, path) is not None]
        return Accepted(
            _parsed_schemas(self.action.properties, values),
            tuple(f"{_dotted(path)} is hidden by the other values, and was not sent" for path in given),
        )

    def visible(self, values: JsonObject) -> list[str]:
        """Give the dotted names of the properties that a form shows for these values."""
        filled = _filled(self.action.properties, values)
        return list(self._visible(self.action.properties, filled, filled, ""))

    @cached_property
    def defaults(self) -> JsonObject:
        """What an empty form is filled with."""
        return {
            prop.name: value
            for prop in self.action.properties
            if prop.name and (value := _default(prop, of_form=True)) is not None
        }

    @cached_property
    def schema(self) -> JsonObject:
        """The JSON Schema (2020-12) of the parameters."""
        return parameters_schema(self.action)

    @cached_property
    def _validator(self) -> Draft202012Validator:
        return Draft202012Validator(self.schema)

    def _shown(self, values: JsonObject) -> tuple[JsonObject, list[_Path]]:
        """Take away what is hidden, until nothing more depends on what was taken away."""
        hidden: list[_Path] = []
        while True:
            before = len(hidden)
            values = self._pruned(self.action.properties, values, values, (), hidden)
            if len(hidden) == before:
                return values, hidden

    def _pruned(
        self,
        properties: Iterable[Property],
        values: JsonObject,
        names: Mapping[str, Json],
        path: _Path,
        hidden: list[_Path],
    ) -> JsonObject:
        kept = dict(values)
        for prop in properties:
            value = kept.get(prop.name or "")
            if value is None:
                continue
            here = (*path, prop.name or "")
            if not self._holds(prop, names):
                hidden.append(here)
                del kept[prop.name or ""]
            elif prop.properties and isinstance(value, dict):
                kept[here[-1]] = self._pruned(prop.properties, value, names, here, hidden)
            elif prop.items and prop.items.properties and isinstance(value, list):
                kept[here[-1]] = [
                    self._pruned(
                        prop.items.properties, item, {**names, "index": i}, (*here, i), hidden
                    )
                    if isinstance(item, dict)
                    else item
                    for i, item in enumerate(value)
                ]
        return kept

    def _visible(
        self,
        properties: Iterable[Property],
        values: JsonObject,
        names: Mapping[str, Json],
        prefix: str,
    ) -> Iterator[str]:
        for prop in properties:
            if self._holds(prop, names):
                yield f"{prefix}{prop.name}"
                yield from self._visible(prop.properties, values, names, f"{prefix}{prop.name}.")

    def _holds(self, prop: Property, names: Mapping[str, Json]) -> bool:
        """Tell whether a property is shown. A filter that is not set hides nothing."""
        condition = prop.condition
        return (
            condition is None
            or any(name in self._filters and name not in names for name in condition.reads)
            or condition.holds(names)
        )

    def _missing(self, values: JsonObject) -> Iterator[Problem]:
        return self._missing_of(self.action.properties, values, values, ())

    def _missing_of(
        self,
        properties: Iterable[Property],
        values: JsonObject,
        names: Mapping[str, Json],
        path: _Path,
    ) -> Iterator[Problem]:
        for prop in properties:
            value, here = values.get(prop.name or ""), (*path, prop.name or "")
            if value is None:
                if prop.required and not prop.filter and self._holds(prop, names):
                    yield Problem(_dotted(here), f"is missing{_describe(prop)}")
            elif prop.properties and isinstance(value, dict):
                yield from self._missing_of(prop.properties, value, names, here)
            elif prop.items and isinstance(value, list):
                for i, item in enumerate(value):
                    if isinstance(item, dict):
                        inner = {**names, "index": i}
                        yield from self._missing_of(
                            prop.items.properties, item, inner, (*here, i)
                        )

    def _invalid(self, values: JsonObject) -> Iterator[Problem]:
        for error in self._validator.iter_errors(values):
            if error.validator != "required" or "url" in error.validator_value:
                yield from _told(error)
        yield from _bad_schemas(self.action.properties, values, ())


_Path = tuple[str | int, ...]


def closest(name: str, known: Iterable[str]) -> str:
    """Give `; did you mean 'topK'?` for a name that resembles a known one, else nothing."""
    lowered = {word.lower(): word for word in known}
    found = get_close_matches(name.lower().replace("_", ""), lowered, n=1)
    return f"; did you mean {lowered[found[0]]!r}?" if found else ""


def _filled(properties: Iterable[Property], given: JsonObject) -> JsonObject:
    """Copy what is set, and add the defaults of what is required and is not."""
    values = {key: value for key, value in given.items() if value is not None}
    for prop in properties:
        name = prop.name or ""
        if (value := values.get(name)) is None:
            if prop.required and not prop.filter and (default := _default(prop)) is not None:
                values[name] = default
        elif prop.properties and isinstance(value, dict):
            values[name] = _filled(prop.properties, value)
        elif prop.items and prop.items.properties and isinstance(value, list):
            values[name] = [
                _filled(prop.items.properties, item) if isinstance(item, dict) else item
                for item in value
            ]
    return values


def _default(prop: Property, of_form: bool = False) -> Json:
    """Give a property's default; an object's is made of those of its own properties."""
    if prop.default_value is not None or not prop.properties:
        return prop.default_value
    parts = {
        inner.name: value
        for inner in prop.properties
        if inner.name
        and (of_form or inner.required)
        and (value := _default(inner, of_form)) is not None
    }
    return parts or None


def _parsed_schemas(properties: Iterable[Property], values: JsonObject) -> JsonObject:
    """Replace a JSON Schema that came as text by what it says."""
    for prop in properties:
        value = values.get(prop.name or "")
        if prop.control_type == "JSON_SCHEMA_BUILDER" and isinstance(value, str):
            values = {**values, prop.name or "": json.loads(value)}
        elif prop.properties and isinstance(value, dict):
            values = {**values, prop.name or "": _parsed_schemas(prop.properties, value)}
    return values


def _bad_schemas(
    properties: Iterable[Property], values: JsonObject, path: _Path
) -> Iterator[Problem]:
    for prop in properties:
        value, here = values.get(prop.name or ""), (*path, prop.name or "")
        if prop.control_type == "JSON_SCHEMA_BUILDER" and isinstance(value, str | dict):
            if fault := _schema_fault(value):
                yield Problem(_dotted(here), fault)
        elif prop.properties and isinstance(value, dict):
            yield from _bad_schemas(prop.properties, value, here)


def _schema_fault(value: str | JsonObject) -> str | None:
    try:
        schema = json.loads(value) if isinstance(value, str) else value
        if not isinstance(schema, dict):
            return "is not a JSON Schema: it must be an object such as {\"type\": \"object\"}"
        Draft202012Validator.check_schema(schema)
    except (ValueError, RecursionError):
        return "is not a JSON Schema: it is not JSON"
    except SchemaError as error:
        where = ".".join(map(str, error.absolute_path))
        return f"is not a JSON Schema: {where + ': ' if where else ''}{error.message}"
    foreign = [ref for ref in _references(schema) if not ref.startswith("#")]
    return f"refers to {foreign[0]!r}; only references inside the schema work" if foreign else None


def _references(schema: Json) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(reference := schema.get("$ref"), str):
            yield reference
        for value in schema.values():
            yield from _references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _references(value)


def _told(error: ValidationError) -> Iterator[Problem]:
    """Say a finding of jsonschema in a sentence that names the way out."""
    path = tuple(error.absolute_path)
    value, limit = error.instance, error.validator_value
    match error.validator:
        case "additionalProperties":
            known = list(error.schema.get("properties", {}))
            for name in sorted(set(value) - set(known)):
                yield Problem(_dotted((*path, name)), f"there is no such property{closest(name, known)}")
        case "type":
            kinds = limit if isinstance(limit, list) else [limit]
            wanted = " or ".join(_KINDS[kind] for kind in kinds)
            yield Problem(_dotted(path), f"must be {wanted}, not {_kind(value)}")
        case "enum":
            hint = closest(value, map(str, limit)) if isinstance(value, str) else ""
            listed = ", ".join(map(str, limit[:30])) + (" …" if len(limit) > 30 else "")
            yield Problem(_dotted(path), f"{value!r} is not one of {listed}{hint}")
        case "minimum":
            yield Problem(_dotted(path), f"{value} is less than {limit}")
        case "maximum":
            yield Problem(_dotted(path), f"{value} is more than {limit}")
        case "maxItems":
            yield Problem(_dotted(path), f"has {len(value)} items, and may have {limit}")
        case "required":
            gone = [name for name in limit if name not in value]
            keys = ", ".join(gone)
            yield Problem(_dotted(path), f"lacks {keys}: a file is {{extension, mimeType, name, url}}")
        case _:
            yield Problem(_dotted(path), error.message)


_KINDS = {
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}


def _kind(value: Json) -> str:
    kinds = {bool: "boolean", str: "string", int: "number", float: "number", list: "array"}
    return _KINDS[kinds.get(type(value), "object")]


def _describe(prop: Property) -> str:
    return f" ({prop.label})" if prop.label else ""


def _at(values: Json, path: _Path) -> Json:
    for step in path:
        if isinstance(step, int):
            values = values[step] if isinstance(values, list) and step < len(values) else None
        else:
            values = values.get(step) if isinstance(values, dict) else None
    return values


def _dotted(path: Iterable[str | int]) -> str:
    """Write a path as people do: `messages[0].role`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")
