"""What an operation may be told, and what is wrong with what it was told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from ...errors import Problem
from ...suggest import did_you_mean, join_names
from ...values import Json, JsonObject
from .inputs import shorten

REQUIRED = object()


class Parameter(NamedTuple):
    """One parameter of an operation: a kind of `KINDS`, or the words it chooses from."""

    kind: str | tuple[str, ...]
    default: Json = REQUIRED


def find_problems(
    parameters: Mapping[str, Parameter], given: JsonObject, path: str
) -> Iterator[Problem]:
    """Find what is missing, unknown or of another kind among the parameters of an operation."""
    for name in given.keys() - parameters.keys() - {"type"}:
        told = f"there is no such parameter; there are {join_names(parameters) or 'none'}"
        yield Problem(f"{path}.{name}", told + did_you_mean(name, parameters))
    for name, parameter in parameters.items():
        if name not in given:
            if parameter.default is REQUIRED:
                yield Problem(f"{path}.{name}", f"is missing: {describe_kind(parameter.kind)}")
        elif not _suits(parameter.kind, given[name]):
            told = f"{shorten(given[name])} is not {describe_kind(parameter.kind)}"
            known = parameter.kind if isinstance(parameter.kind, tuple) else ()
            yield Problem(f"{path}.{name}", told + did_you_mean(str(given[name]), known))


def bind_arguments(parameters: Mapping[str, Parameter], given: JsonObject) -> JsonObject:
    """Give every parameter with its value, or its default."""
    return {name: given.get(name, parameter.default) for name, parameter in parameters.items()}


def describe_kind(kind: str | tuple[str, ...]) -> str:
    """Say what a parameter takes."""
    return kind if isinstance(kind, str) else f"one of {', '.join(kind)}"


def _suits(kind: str | tuple[str, ...], value: Json) -> bool:
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
        isinstance(value, dict) and all(isinstance(one, str) for one in value.values())
    ),
    "a list of operations": lambda value: isinstance(value, list),
    "anything": lambda value: True,
}
