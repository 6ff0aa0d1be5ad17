"""The form of an action: what is visible, what fills it, and which parameters are accepted.

Everything that takes parameters goes through `Form.accept`; `view` adds the limits of a model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from re import findall
from typing import NamedTuple

from ..errors import InputError, Problem
from ..json_schema import InvalidSchemaError, read_schema
from ..values import FileEntry, Json, JsonObject, is_url
from .derive.json_schema import parameters_schema
from .fast_validation import are_valid
from .intended import Kind, option_of, property_meant
from .model import Action, Property
from .paths import dotted, fill_template, placeholders
from .schema_problems import MAX_PROBLEMS, schema_problems

ValuePath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Accepted:
    """Valid parameters with defaults, and warnings about values that are not sent."""

    values: JsonObject
    warnings: tuple[str, ...]


class Shown(NamedTuple):
    """A visible property: its path, its value, and the names that its condition reads."""

    path: str
    prop: Property
    value: Json
    names: Mapping[str, Json]


class Form:
    """The form of one action, derived from its properties."""

    def __init__(
        self,
        action: Action,
        form_of: Callable[[str], Form] | None = None,
        mains: Callable[[], Mapping[str, Kind]] = dict,
    ) -> None:
        """Use an action.

        `form_of` returns the forms of other actions, whose parameters a bundle takes; `mains`
        returns the main properties of all actions of its component.
        """
        self.action = action
        self.form_of = form_of
        self._mains = mains
        self._filters = {prop.name for prop in action.properties if prop.mirrors}

    def accept(self, parameters: Json) -> Accepted:
        """Fill in defaults, drop hidden values, and validate.

        A choice that was left open is the one that shows all given values, if there is only one:
        `messages` alone mean `format: ADVANCED`. Options match without case.

        InputError lists every problem: unknown names with a suggestion, missing, mistyped and
        out-of-bounds values, invalid schemas.
        """
        if not isinstance(parameters, dict) or not all(
            isinstance(name, str) for name in parameters
        ):
            raise InputError([Problem("", "parameters must be an object")])
        # Hide before validating: a hidden value is not sent, so it may be wrong.
        values, not_sent = self._filled(parameters)
        if problems := [*self._missing_or_malformed(values), *self._invalid(values)]:
            raise InputError(problems)
        return Accepted(values, tuple(_hidden_warnings(not_sent)))

    def visible(self, values: JsonObject) -> list[str]:
        """Return the dotted names of the visible properties."""
        return [shown.path for shown in self.shown(self.sendable(values))]

    def sendable(self, parameters: Json) -> JsonObject:
        """Return parameters with defaults and without hidden values, whether valid or not."""
        return self._filled(parameters if isinstance(parameters, dict) else {})[0]

    def shown(self, values: JsonObject) -> Iterator[Shown]:
        """Yield the visible properties, those inside objects and lists too."""
        return self._shown(self.action.properties, values, values, "")

    def holds(self, prop: Property, names: Mapping[str, Json]) -> bool:
        """Return whether a property is visible. A filter without a value hides nothing."""
        condition = prop.condition
        return (
            condition is None
            # A call from code need not list the capabilities that it uses.
            or any(name in self._filters and name not in names for name in condition.reads)
            or condition.holds(names)
        )

    @cached_property
    def defaults(self) -> JsonObject:
        """The values of a new form: the defaults of its visible fields."""
        defaults = {
            prop.name: value
            for prop in self.action.properties
            if prop.name and (value := _default(prop, of_form=True)) is not None
        }
        return self.sendable(defaults)

    @cached_property
    def schema(self) -> JsonObject:
        """The JSON Schema (2020-12) of the parameters."""
        return parameters_schema(self.action)

    @cached_property
    def _read_by_conditions(self) -> frozenset[str]:
        """The names that any condition reads."""
        conditions = filter(None, (prop.condition for prop in _all(self.action.properties)))
        return frozenset(
            word for condition in conditions for word in findall(r"\w+", condition.text)
        )

    def _filled(self, parameters: JsonObject) -> tuple[JsonObject, list[ValuePath]]:
        """Return a copy with defaults and without hidden values, and the given ones among those."""
        values, not_sent = self._visible_part(parameters)
        if not not_sent:
            return values, not_sent
        trials = (
            self._visible_part(_with_choice(parameters, path, option.value))
            for path, prop in _open_choices(self.action.properties, parameters)
            for option in prop.choices
        )
        fitting = [trial for trial in trials if not trial[1]]
        return fitting[0] if len(fitting) == 1 else (values, not_sent)

    def _visible_part(self, parameters: JsonObject) -> tuple[JsonObject, list[ValuePath]]:
        values = _with_defaults(self.action.properties, parameters)
        hidden = self._hide(values)
        # A hidden default was nobody's choice, so only given values are worth a warning.
        return values, [path for path in hidden if _value_at(parameters, path) is not None]

    def _hide(self, values: JsonObject) -> list[ValuePath]:
        """Remove hidden values, and return their paths.

        A removed value may show or hide others, so the search starts again after one that a
        condition reads. All others are removed in one pass, which keeps long lists linear.
        """
        hidden: list[ValuePath] = []
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

    def _missing_or_malformed(self, values: JsonObject) -> Iterator[Problem]:
        """Yield missing values and invalid schemas; replace the text of a schema by its object."""
        for node in _nodes(self.action.properties, values, values):
            prop, value = node.prop, node.value
            if value is None:
                if self._is_required(node):
                    label = f" ({prop.label})" if prop.label else ""
                    yield Problem(dotted(node.path), f"is missing{label}")
            elif prop.composed_of and (composed := _compose(prop, node.holder)) not in (
                None,
                value,
            ):
                message = f"is {value!r}, but {prop.composed_of} is {composed!r}; omit one of them"
                yield Problem(dotted(node.path), message)
            elif prop.control_type == "JSON_SCHEMA_BUILDER" and isinstance(value, str | dict):
                try:
                    node.holder[node.name] = read_schema(value)
                except InvalidSchemaError as error:
                    yield Problem(dotted(node.path), str(error))

    def _is_required(self, node: _Node) -> bool:
        prop = node.prop
        if prop.mirrors or not self.holds(prop, node.names):
            return False
        return prop.required or (
            prop.required_if is not None and prop.required_if.holds(node.names)
        )

    def _invalid(self, values: JsonObject) -> Iterable[Problem]:
        # The quick check decides; jsonschema, which is slow to import, only explains what is wrong.
        if are_valid(self.action.properties, values):
            return ()
        return schema_problems(
            self.schema, values, lambda name: property_meant(self.action, name, self._mains())
        )

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
            items = value if prop.items and isinstance(value, list) else []
            for i, item in enumerate(items):
                inner, inner_names = item if isinstance(item, dict) else {}, {**names, "index": i}
                parts = prop.items.properties if prop.items else ()
                yield from self._shown(parts, inner, inner_names, f"{path}[{i}].")


def _hidden_warnings(hidden: list[ValuePath]) -> Iterator[str]:
    for path in hidden[:MAX_PROBLEMS]:
        yield f"{dotted(path)} is hidden by other values and was not sent"
    if len(hidden) > MAX_PROBLEMS:
        rest = len(hidden) - MAX_PROBLEMS
        yield f"{rest} more values are hidden by other values and were not sent"


class _Node(NamedTuple):
    """A property with its value, the object that holds it, and the names its condition reads."""

    prop: Property
    value: Json
    name: str
    holder: JsonObject
    names: Mapping[str, Json]
    parent: ValuePath

    @property
    def path(self) -> ValuePath:
        """The path of the value. Built on demand: most nodes are fine and never need it."""
        return (*self.parent, self.name)


def _nodes(
    properties: Iterable[Property],
    holder: JsonObject,
    names: Mapping[str, Json],
    path: ValuePath = (),
) -> Iterator[_Node]:
    """Yield the properties that have a value, and those that may be required to have one."""
    for prop in properties:
        name = prop.name or ""
        value = holder.get(name)
        # Most properties are neither set nor required, so this is the quick way out.
        if value is None and not (prop.required or prop.required_condition):
            continue
        yield _Node(prop, value, name, holder, names, path)
        if prop.properties and isinstance(value, dict):
            yield from _nodes(prop.properties, value, names, (*path, name))
        elif prop.items and prop.items.properties and isinstance(value, list):
            for i, item in enumerate(value):
                if isinstance(item, dict):
                    inner_names = {**names, "index": i}
                    yield from _nodes(prop.items.properties, item, inner_names, (*path, name, i))


def _all(properties: Iterable[Property]) -> Iterator[Property]:
    """Yield the properties of a form, those inside objects and lists too."""
    for prop in properties:
        yield prop
        yield from _all(prop.properties)
        yield from _all(prop.items.properties if prop.items else ())


def _with_defaults(properties: Iterable[Property], parameters: JsonObject) -> JsonObject:
    """Copy the parameters, and add the defaults of missing required ones."""
    values = {key: value for key, value in parameters.items() if value is not None}
    for prop in properties:
        name = prop.name or ""
        if (value := values.get(name)) is not None:
            values[name] = _normalize(prop, value)
        elif composed := _compose(prop, values):
            values[name] = composed
        elif prop.required and not prop.mirrors and (default := _default(prop)) is not None:
            values[name] = default
    return values


def _normalize(prop: Property, value: Json) -> Json:
    """Copy a value with defaults inside it, a FILE_ENTRY for a bare URL, 2 for 2.0, in our case."""
    if prop.type == "INTEGER" and isinstance(value, float) and value.is_integer():
        return int(value)  # JSON does not distinguish 2 from 2.0
    if prop.choices:
        is_list = prop.items is not None and isinstance(value, list)
        return [option_of(prop, item) for item in value] if is_list else option_of(prop, value)
    if prop.type == "FILE_ENTRY" and isinstance(value, str):
        return FileEntry.of_url(value).to_json() if is_url(value) else value
    if prop.properties and isinstance(value, dict):
        return _with_defaults(prop.properties, value)
    if prop.items and isinstance(value, list):
        return [_normalize(prop.items, item) for item in value]
    if prop.additional_properties and isinstance(value, dict):
        return {key: _normalize(prop.additional_properties, item) for key, item in value.items()}
    return value


def _open_choices(
    properties: Iterable[Property], given: JsonObject, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Property]]:
    """Yield the properties with options whose default is used, since nothing was chosen."""
    for prop in properties:
        name = prop.name or ""
        value = given.get(name)
        if value is None and prop.required and prop.choices and not prop.mirrors:
            yield (*path, name), prop
        elif prop.properties and isinstance(value, dict):
            yield from _open_choices(prop.properties, value, (*path, name))


def _with_choice(parameters: JsonObject, path: tuple[str, ...], value: Json) -> JsonObject:
    name, *rest = path
    chosen = _with_choice(parameters[name], tuple(rest), value) if rest else value
    return {**parameters, name: chosen}


def _compose(prop: Property, values: JsonObject) -> str | None:
    """Build a value by the template `composedOf`; None if one of its parts is missing."""
    if not prop.composed_of:
        return None
    names = placeholders(prop.composed_of)
    if not all(isinstance(values.get(name), str) for name in names):
        return None
    return fill_template(prop.composed_of, lambda name: str(values[name]))


def _default(prop: Property, of_form: bool = False) -> Json:
    """Return the default of a property; that of an object consists of the defaults inside it.

    In a form, an optional object has no default: a partly filled one would fail its required
    fields.
    """
    skipped = of_form and not prop.required
    if prop.default_value is not None or not prop.properties or skipped:
        return prop.default_value
    parts = {
        inner.name: value
        for inner in prop.properties
        if inner.name
        and (of_form or inner.required)
        and (value := _default(inner, of_form)) is not None
    }
    return parts or None


def _value_at(values: Json, path: ValuePath) -> Json:
    for step in path:
        if isinstance(step, int):
            values = values[step] if isinstance(values, list) and step < len(values) else None
        else:
            values = values.get(step) if isinstance(values, dict) else None
    return values
