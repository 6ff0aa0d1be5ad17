"""The form of an action: what is shown, what fills it, and which parameters are accepted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from re import findall
from typing import NamedTuple

from ..errors import InputError, Problem
from ..json_schema import InvalidSchemaError, read_schema
from ..values import FileEntry, Json, JsonObject, is_url
from .derive.json_schema import parameters_schema
from .fast_validation import fits
from .model import Action, Property
from .paths import filled, placeholders
from .problems import MOST, Path, dotted, invalid


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
        if not isinstance(parameters, dict) or not all(
            isinstance(name, str) for name in parameters
        ):
            raise InputError([Problem("", "parameters are an object of names and values")])
        values = _filled(self.action.properties, parameters)
        hidden = self._hide(values)
        if problems := [*self._faults(values), *self._invalid(values)]:
            raise InputError(problems)
        given = [path for path in hidden if _at(parameters, path) is not None]
        return Accepted(values, tuple(_not_sent(given)))

    def visible(self, values: JsonObject) -> list[str]:
        """Give the dotted names of the properties that a form shows for these values."""
        return [one.path for one in self.shown(self.sendable(values))]

    def sendable(self, parameters: Json) -> JsonObject:
        """Give parameters with defaults and without what is hidden, right or wrong as they are."""
        values = _filled(self.action.properties, parameters if isinstance(parameters, dict) else {})
        self._hide(values)
        return values

    def shown(self, values: JsonObject) -> Iterator[Shown]:
        """Give the properties that a form shows, those inside objects and lists too."""
        return self._shown(self.action.properties, values, values, "")

    @cached_property
    def defaults(self) -> JsonObject:
        """What an empty form is filled with: the defaults of the fields that it shows."""
        filled = {
            prop.name: value
            for prop in self.action.properties
            if prop.name and (value := _default(prop, of_form=True)) is not None
        }
        return self.sendable(filled)

    @cached_property
    def schema(self) -> JsonObject:
        """The JSON Schema (2020-12) of the parameters."""
        return parameters_schema(self.action)

    @cached_property
    def _read_by_conditions(self) -> frozenset[str]:
        """The names that any condition reads."""
        read = (one for prop in _all(self.action.properties) if (one := prop.condition))
        return frozenset(word for one in read for word in findall(r"\w+", one.text))

    def _hide(self, values: JsonObject) -> list[Path]:
        """Take away what is hidden; one that a condition reads may show or hide others."""
        hidden: list[Path] = []
        done = False
        while not done:
            done = True
            for node in self._hidden(values):
                del node.holder[node.name]
                hidden.append(node.path)
                if node.name in self._read_by_conditions:
                    done = False
                    break
        return hidden

    def _hidden(self, values: JsonObject) -> Iterator[_Node]:
        for node in _nodes(self.action.properties, values, values):
            if node.value is not None and not self.holds(node.prop, node.names):
                yield node

    def _faults(self, values: JsonObject) -> Iterator[Problem]:
        """Find what is missing, and schemas that are none; put parsed ones in the place of text."""
        for node in _nodes(self.action.properties, values, values):
            prop, value = node.prop, node.value
            if value is None:
                if not prop.filter and self.holds(prop, node.names) and _demanded(prop, node.names):
                    label = f" ({prop.label})" if prop.label else ""
                    yield Problem(dotted(node.path), f"is missing{label}")
            elif prop.composed_of and (made := _made(prop, node.holder)) not in (None, value):
                told = f"is {value!r}, and {prop.composed_of} is {made!r}"
                yield Problem(dotted(node.path), told)
            elif prop.control_type == "JSON_SCHEMA_BUILDER" and isinstance(value, str | dict):
                try:
                    node.holder[node.name] = read_schema(value)
                except InvalidSchemaError as error:
                    yield Problem(dotted(node.path), str(error))

    def _invalid(self, values: JsonObject) -> Iterable[Problem]:
        return () if fits(self.action.properties, values) else invalid(self.schema, values)

    def _shown(
        self,
        properties: Iterable[Property],
        holder: JsonObject,
        names: Mapping[str, Json],
        prefix: str,
    ) -> Iterator[Shown]:
        for prop in properties:
            if not self.holds(prop, names):
                continue
            path, value = f"{prefix}{prop.name}", holder.get(prop.name or "")
            yield Shown(path, prop, value, names)
            inner = value if isinstance(value, dict) else {}
            yield from self._shown(prop.properties, inner, names, f"{path}.")
            listed = value if prop.items and isinstance(value, list) else []
            for i, item in enumerate(listed):
                inner, seen = item if isinstance(item, dict) else {}, {**names, "index": i}
                parts = prop.items.properties if prop.items else ()
                yield from self._shown(parts, inner, seen, f"{path}[{i}].")

    def holds(self, prop: Property, names: Mapping[str, Json]) -> bool:
        """Tell whether a property is shown. A filter that is not set hides nothing."""
        condition = prop.condition
        return (
            condition is None
            or any(name in self._filters and name not in names for name in condition.reads)
            or condition.holds(names)
        )


def _not_sent(hidden: list[Path]) -> Iterator[str]:
    for path in hidden[:MOST]:
        yield f"{dotted(path)} is hidden by the other values, and was not sent"
    if len(hidden) > MOST:
        yield f"{len(hidden) - MOST} more values are hidden by others, and were not sent"


class Shown(NamedTuple):
    """A property that a form shows: its path, its value, and the names its condition sees."""

    path: str
    prop: Property
    value: Json
    names: Mapping[str, Json]


class _Node(NamedTuple):
    """A property with its value, the object that holds it, and the names its condition sees."""

    prop: Property
    value: Json
    name: str
    holder: JsonObject
    names: Mapping[str, Json]
    above: Path

    @property
    def path(self) -> Path:
        """Where the value is; made only when it is asked for, since most are fine."""
        return (*self.above, self.name)


def _nodes(
    properties: Iterable[Property], holder: JsonObject, names: Mapping[str, Json], path: Path = ()
) -> Iterator[_Node]:
    """Walk over the properties that are set, and those that should be."""
    for prop in properties:
        name = prop.name or ""
        value = holder.get(name)
        if value is None and not (prop.required or prop.required_condition):
            continue
        yield _Node(prop, value, name, holder, names, path)
        if prop.properties and isinstance(value, dict):
            yield from _nodes(prop.properties, value, names, (*path, name))
        elif prop.items and prop.items.properties and isinstance(value, list):
            for i, item in enumerate(value):
                if isinstance(item, dict):
                    inner = {**names, "index": i}
                    yield from _nodes(prop.items.properties, item, inner, (*path, name, i))


def _all(properties: Iterable[Property]) -> Iterator[Property]:
    """Yield the properties of a form, those inside objects and lists too."""
    for prop in properties:
        yield prop
        yield from _all(prop.properties)
        yield from _all(prop.items.properties if prop.items else ())


def _demanded(prop: Property, names: Mapping[str, Json]) -> bool:
    return prop.required or (prop.demand is not None and prop.demand.holds(names))


def _filled(properties: Iterable[Property], given: JsonObject) -> JsonObject:
    """Copy what is set, and add the defaults of what is required and is not."""
    values = {key: value for key, value in given.items() if value is not None}
    for prop in properties:
        name = prop.name or ""
        if (value := values.get(name)) is None and (made := _made(prop, values)):
            values[name] = made
        elif value is None:
            if prop.required and not prop.filter and (default := _default(prop)) is not None:
                values[name] = default
        else:
            values[name] = _completed(prop, value)
    return values


def _completed(prop: Property, value: Json) -> Json:
    """Copy a value: with what is missing inside it, a FILE_ENTRY for a bare URL, 2 for 2.0."""
    if prop.type == "INTEGER" and isinstance(value, float) and value.is_integer():
        return int(value)  # JSON tells no 2 from 2.0
    if prop.type == "FILE_ENTRY" and isinstance(value, str):
        return FileEntry.of_url(value).to_json() if is_url(value) else value
    if prop.properties and isinstance(value, dict):
        return _filled(prop.properties, value)
    if prop.items and isinstance(value, list):
        return [_completed(prop.items, item) for item in value]
    if prop.additional_properties and isinstance(value, dict):
        return {key: _completed(prop.additional_properties, item) for key, item in value.items()}
    return value


def _made(prop: Property, values: JsonObject) -> str | None:
    """Make a property of others; None when one of them is not there."""
    if not prop.composed_of:
        return None
    names = placeholders(prop.composed_of)
    if not all(isinstance(values.get(name), str) for name in names):
        return None
    return filled(prop.composed_of, lambda name: str(values[name]))


def _default(prop: Property, of_form: bool = False) -> Json:
    """Give a property's default; that of an object is made of those of its own properties.

    An object that nobody needs is not begun by a form: what else it demands would be missing.
    """
    begun = prop.required or not of_form
    if prop.default_value is not None or not prop.properties or not begun:
        return prop.default_value
    parts = {
        inner.name: value
        for inner in prop.properties
        if inner.name
        and (of_form or inner.required)
        and (value := _default(inner, of_form)) is not None
    }
    return parts or None


def _at(values: Json, path: Path) -> Json:
    for step in path:
        if isinstance(step, int):
            values = values[step] if isinstance(values, list) and step < len(values) else None
        else:
            values = values.get(step) if isinstance(values, dict) else None
    return values
