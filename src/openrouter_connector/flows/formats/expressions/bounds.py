"""The bounds of one evaluation: how much work it may do, and how large a value it may make.

Work is counted, not timed: the same expression over the same values ends in the same way on a busy
machine and when a run is replayed. A unit is one item, or sixteen characters.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ....values import Json
from .errors import ExpressionError

LARGEST_TEXT = 1_000_000
"""Characters of a text that an expression makes."""
MOST_ITEMS = 100_000
"""Items of a list that an expression makes."""
MOST_WORK = 1_000_000
"""Units of work of one evaluation, which take about 100 ms."""
LARGEST_RESULT = 10_000_000
"""Characters of a list or an object that an expression makes, as JSON."""
_CHARACTERS = 16  # a unit: searching and copying text is faster than visiting items
_VALUE = 10  # characters: so that a million small values are as large as a long text


class Frame:
    """The values in scope of one evaluation, and the work that is left to it."""

    __slots__ = ("left", "made", "scope")

    def __init__(self, scope: Mapping[str, Json]) -> None:
        self.scope = scope
        self.left = MOST_WORK
        self.made = False
        """Whether it made a list or an object, which may hold large values many times."""

    def spend(self, *values: Json) -> None:
        """Count the work of a function that visits the items of values, not what is in them."""
        for value in values:
            if isinstance(value, str):
                self._take(len(value) // _CHARACTERS)
            elif isinstance(value, list | dict):
                self._take(len(value))

    def spend_deep(self, *values: Json) -> None:
        """Count the work of a function that visits all that is in values."""
        for value in values:
            if isinstance(value, list | dict):
                self._take(measured(value, self.left * _CHARACTERS) // _CHARACTERS)
            else:
                self.spend(value)

    def checked(self, value: Json) -> Json:
        """Return the result. ExpressionError if it holds too much, however little work it took."""
        if (
            self.made
            and isinstance(value, list | dict)
            and measured(value, LARGEST_RESULT, each=_VALUE) > LARGEST_RESULT
        ):
            raise ExpressionError(f"makes a value of more than {LARGEST_RESULT:,} characters")
        return value

    def _take(self, units: int) -> None:
        self.left -= units
        if self.left < 0:
            raise ExpressionError("does too much work; use smaller lists and texts")


def measured(value: Json, limit: int, *, each: int = _CHARACTERS) -> int:
    """Return the characters in a value at all depths, and `each` per value; stop at the limit."""
    total, waiting = each, [value]
    while waiting and total <= limit:
        one: Any = waiting.pop()
        if isinstance(one, str):
            total += len(one)
            continue
        if isinstance(one, dict):
            total += sum(map(len, one))
            one = one.values()
        elif not isinstance(one, list):
            continue
        total += each * len(one)
        if total <= limit:
            waiting += [inner for inner in one if isinstance(inner, str | list | dict)]
    return total
