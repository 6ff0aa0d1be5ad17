"""The work that one validation may do, counted: a thread cannot be stopped, a counter can.

A step is about what jsonschema needs for one keyword, a few microseconds. Keywords that do more
than that at once take as many steps as they are worth, before they begin.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..values import Json

if TYPE_CHECKING:
    from jsonschema import ValidationError


class ValidationLimitError(Exception):
    """A schema or a value is too large, too deep or too intricate to be validated.

    `found` is what was found wrong before that was known.
    """

    found: Sequence[ValidationError] = ()


@dataclass(slots=True)
class Steps:
    """What is left to do within one validation."""

    left: int
    trusted: bool = False
    """Whether the schema is our own: its patterns are in Python's syntax, and run as such."""
    patterns: set[str] = field(default_factory=set)
    """The patterns that were used."""
    skipped: int = 0
    """How many times a keyword was not judged, since its pattern is not supported."""

    def spend_on(self, value: Json) -> None:
        """Count the steps of work that grows with a whole value, which is looked at no further."""
        self.spend(measure_size(value, _SIZE_A_STEP * self.left, _DEEPEST) // _SIZE_A_STEP)

    def spend(self, count: int = 1) -> None:
        """Count steps; NotValidatedError when there are too many."""
        self.left -= count
        if self.left < 0:
            raise ValidationLimitError("takes too many steps to validate")


_CURRENT: ContextVar[Steps] = ContextVar("steps")
current_steps = _CURRENT.get


@contextmanager
def count_steps(steps: Steps) -> Iterator[Steps]:
    """Count the steps of what is validated in this context."""
    token = _CURRENT.set(steps)
    try:
        yield steps
    finally:
        _CURRENT.reset(token)


def measure_size(value: Json, most: int, deepest: int) -> int:
    """Count the values and characters of JSON; NotValidatedError beyond the limits.

    TypeError for what JSON cannot hold.
    """
    size, waiting = 0, [(value, 0)]
    while waiting:
        one, depth = waiting.pop()
        size += _WEIGHT + _length(one)
        if size > most or (isinstance(one, dict | list) and size + _WEIGHT * len(one) > most):
            raise ValidationLimitError(f"is too large: more than {most:,} values and characters")
        if depth > deepest:
            raise ValidationLimitError(f"is nested too deeply: more than {deepest} levels")
        if isinstance(one, dict | list):
            inner = one.values() if isinstance(one, dict) else one
            waiting += [(each, depth + 1) for each in inner]
    return size


def _length(value: Json) -> int:
    if isinstance(value, dict):
        return sum(len(name) for name in value)
    if isinstance(value, str):
        return len(value)
    if isinstance(value, int) and value.bit_length() > _LONGEST_NUMBER:
        raise ValidationLimitError(f"has a number of more than {_LONGEST_NUMBER:,} bits")
    if isinstance(value, float) and not -_INFINITE < value < _INFINITE:
        raise TypeError(f"{value} is not JSON")
    if value is None or isinstance(value, list | int | float):
        return 0
    raise TypeError(f"{type(value).__name__} is not JSON")


_SIZE_A_STEP = 8
_DEEPEST = 500
_WEIGHT = 4  # of a value, beside its characters
_LONGEST_NUMBER = 4096
_INFINITE = float("inf")
