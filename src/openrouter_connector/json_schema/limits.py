"""Limit the work of one validation: a thread cannot be stopped, a counter can.

One step is the time jsonschema takes for one keyword, a few microseconds. Keywords that do more
at once spend their steps before they start, so the limit holds for them too.
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
    """A schema or a value is too large, too deep or too complex to validate.

    `found` lists the errors found before the limit was reached.
    """

    found: Sequence[ValidationError] = ()


@dataclass(slots=True)
class Steps:
    """The steps that remain for one validation."""

    left: int
    trusted: bool = False
    """Whether the schema is our own: then its patterns use Python's syntax and engine."""
    patterns: set[str] = field(default_factory=set)
    """The patterns used so far."""
    skipped: int = 0
    """How many times a keyword was skipped because its pattern is not supported."""

    def spend_on(self, value: Json) -> None:
        """Spend the steps of work that visits every value inside a value once."""
        self.spend(measure_size(value, _SIZE_PER_STEP * self.left, _MAX_DEPTH) // _SIZE_PER_STEP)

    def spend(self, count: int = 1) -> None:
        """Spend steps; raise ValidationLimitError when none are left."""
        self.left -= count
        if self.left < 0:
            raise ValidationLimitError("takes too many steps to validate")


# jsonschema hands nothing of ours to a keyword function, so the counter travels in the context.
_CURRENT: ContextVar[Steps] = ContextVar("steps")
current_steps = _CURRENT.get


@contextmanager
def count_steps(steps: Steps) -> Iterator[Steps]:
    """Count the steps of validations in this context."""
    token = _CURRENT.set(steps)
    try:
        yield steps
    finally:
        _CURRENT.reset(token)


def measure_size(value: Json, max_size: int, max_depth: int) -> int:
    """Count the values and characters of JSON; raise ValidationLimitError beyond the limits.

    Raises TypeError for values that JSON cannot hold.
    """
    size, waiting = 0, [(value, 0)]
    while waiting:
        node, depth = waiting.pop()
        size += _VALUE_SIZE + _length(node)
        # Members are counted before they are queued: one flat list could fill the memory.
        members = len(node) if isinstance(node, dict | list) else 0
        if size > max_size or size + _VALUE_SIZE * members > max_size:
            raise ValidationLimitError(
                f"is too large: more than {max_size:,} values and characters"
            )
        if depth > max_depth:
            raise ValidationLimitError(f"is nested too deeply: more than {max_depth} levels")
        if isinstance(node, dict | list):
            inner = node.values() if isinstance(node, dict) else node
            waiting += [(item, depth + 1) for item in inner]
    return size


def _length(value: Json) -> int:
    if isinstance(value, dict):
        return sum(len(name) for name in value)
    if isinstance(value, str):
        return len(value)
    if isinstance(value, int) and value.bit_length() > _MAX_BITS:
        raise ValidationLimitError(f"has a number of more than {_MAX_BITS:,} bits")
    if isinstance(value, float) and not -_INFINITE < value < _INFINITE:
        raise TypeError(f"{value} is not JSON")
    if value is None or isinstance(value, list | int | float):
        return 0
    raise TypeError(f"{type(value).__name__} is not JSON")


_SIZE_PER_STEP = 8
_MAX_DEPTH = 500
_VALUE_SIZE = 4  # what a value counts besides its characters
_MAX_BITS = 4096  # writing a longer integer takes quadratic time
_INFINITE = float("inf")
