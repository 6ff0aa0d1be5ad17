"""The parameters of operations, and the check of their values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from ...errors import Problem
from ...suggest import did_you_mean, join_names
from ...values import Json, JsonObject
from .inputs import shorten

REQUIRED = object()


class Parameter(NamedTuple):
    """A parameter of an operation: a kind from `KINDS`, or a tuple of allowed words."""

    kind: str | tuple[str, ...]
    default: Json = REQUIRED


def find_problems(
    parameters: Mapping[str, Parameter], values: JsonObject, path: str
) -> Iterator[Problem]:
    """Yield a problem for each missing, unknown or invalid parameter."""
    for name in values.keys() - parameters.keys() - {"type"}:
        message = f"there is no such parameter; there are {join_names(parameters) or 'none'}"
        yield Problem(f"{path}.{name}", message + did_you_mean(name, parameters))
    for name, parameter in parameters.items():
        if name not in values:
            if parameter.default is REQUIRED:
                yield Problem(f"{path}.{name}", f"is missing: {describe_kind(parameter.kind)}")
        elif not _is_valid(parameter.kind, values[name]):
            message = f"{shorten(values[name])} is not {describe_kind(parameter.kind)}"
            known = parameter.kind if isinstance(parameter.kind, tuple) else ()
            yield Problem(f"{path}.{name}", message + did_you_mean(str(values[name]), known))


def bind_arguments(parameters: Mapping[str, Parameter], values: JsonObject) -> JsonObject:
    """Return every parameter with its value or default."""
    return {name: values.get(name, parameter.default) for name, parameter in parameters.items()}


def describe_kind(kind: str | tuple[str, ...]) -> str:
    """Describe the values that a parameter accepts."""
    return kind if isinstance(kind, str) else f"one of {', '.join(kind)}"


def _is_valid(kind: str | tuple[str, ...], value: Json) -> bool:
    return value in kind if isinstance(kind, tuple) else KINDS[kind](value)


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


KINDS: Mapping[str, Callable[[Json], bool]] = {
    "a text": lambda value: isinstance(value, str),
    "a number": _is_number,
    "a whole number": lambda value: _is_number(value) and isinstance(value, int),
    "true or false": lambda value: isinstance(value, bool),
    "an object": lambda value: isinstance(value, dict),
    "an object of texts": lambda value: (
        isinstance(value, dict) and all(isinstance(item, str) for item in value.values())
    ),
    "a list of operations": lambda value: isinstance(value, list),
    "anything": lambda value: True,
}
