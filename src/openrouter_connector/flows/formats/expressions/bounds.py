"""The bounds of one evaluation: how much work it may do, and how large a value it may make.

Work is counted, not timed: the same expression over the same values ends in the same way on a busy
machine and when a run is replayed. A unit is what takes about 50 ns: an item of a list that is
copied, or sixteen characters.
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
"""Units of work of one evaluation: a formula, or a text with all its pills. They take 50 ms."""
LARGEST_RESULT = 10_000_000
"""Characters of a list or an object that an expression makes, as JSON."""
_CHARACTERS = 16  # a unit: searching and copying text is faster than visiting items
_VISITED = 5  # units of a value that is compared
_NESTED = 80  # units of a list or an object in it
_SCANNED = 3  # units of an item that is compared with a text or a number
_WRITTEN = 6  # units of a value that is written as text
_PATTERN = 4000  # units of reading a pattern of dates, which Python compiles
_COMPARED = 256  # characters that a comparison of texts passes in one unit
_VALUE = 20  # characters: so that half a million small values are as large as a long text
_HOLDING = {str, list, dict}


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

    def spend_equal(self, one: Json, other: Json) -> None:
        """Count the work of comparing two values, of which the other is visited as far as alike."""
        if isinstance(one, str) and isinstance(other, str):
            self._take(len(one) // _CHARACTERS)
        elif (
            isinstance(one, list | dict)
            and isinstance(other, list | dict)
            and len(one) == len(other)
        ):
            self._measure(_VISITED, (one,), nested=_NESTED)

    def spend_search(self, held: Json, part: Json, *places: Json) -> None:
        """Count the work of comparing the items of a list with a value, or of searching a text."""
        if not isinstance(held, list):
            self.spend(held, part)
        elif isinstance(part, list | dict):
            self._measure(_VISITED, (held,), nested=_NESTED)
        else:
            compared = len(part) // _COMPARED if isinstance(part, str) else 0
            self._take(len(held) * (_SCANNED + compared))

    def spend_written(self, *values: Json) -> None:
        """Count the work of a function that writes all that is in values as text."""
        self._measure(_WRITTEN, values)

    def spend_sorted(self, values: Json) -> None:
        """Count the work of comparing the items of a list with each other."""
        if isinstance(values, list) and values:
            steps = len(values).bit_length()
            self._take(len(values) * steps // 2)
            texts = sum(len(one) for one in values if isinstance(one, str))
            self._take(texts * steps // _COMPARED)

    def spend_pattern(self, *values: Json) -> None:
        """Count the work of reading or writing a date in a pattern."""
        self._take(_PATTERN)
        self.spend(*values)

    def checked(self, value: Json) -> Json:
        """Return the result. ExpressionError if it holds too much, however little work it took."""
        if (
            self.made
            and isinstance(value, list | dict)
            and measured(value, LARGEST_RESULT, each=_VALUE) > LARGEST_RESULT
        ):
            raise ExpressionError(f"makes a value of more than {LARGEST_RESULT:,} characters")
        return value

    def _measure(self, units: int, values: tuple[Json, ...], nested: int = 0) -> None:
        for value in values:
            if isinstance(value, list | dict):
                limit, each = self.left * _CHARACTERS, units * _CHARACTERS
                size = measured(value, limit, each=each, nested=nested * _CHARACTERS)
                self._take(size // _CHARACTERS)
            else:
                self.spend(value)

    def _take(self, units: int) -> None:
        self.left -= units
        if self.left < 0:
            raise ExpressionError("does too much work; use smaller lists and texts")


def measured(value: Json, limit: int, *, each: int, nested: int = 0) -> int:
    """Return the characters in a value at all depths; stop at the limit.

    Each value counts `each` more, and a list or an object `nested` besides.
    """
    total, waiting = each, [value]
    flat: dict[int, int] = {}
    """The sizes of lists that hold no lists and objects: one may stand in a value many times."""
    while waiting and total <= limit:
        one: Any = waiting.pop()
        if isinstance(one, str):
            total += len(one)
            continue
        if not isinstance(one, list | dict):
            continue
        if (known := flat.get(id(one))) is not None:
            total += known
            continue
        size = nested + each * len(one)
        items: Any = one
        if isinstance(one, dict):
            size += sum(map(len, one))
            items = one.values()
        kinds = set(map(type, items))
        if kinds == {str}:
            size += sum(map(len, items))
        elif kinds & _HOLDING and total + size <= limit:
            waiting += [inner for inner in items if type(inner) in _HOLDING]
        if kinds.isdisjoint((list, dict)) and (kinds == {str} or str not in kinds):
            flat[id(one)] = size
        total += size
    return total
