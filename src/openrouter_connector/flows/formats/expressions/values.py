"""How values behave in expressions: truth, equality, text, arithmetic, access, and their bounds."""

from __future__ import annotations

import json
from collections.abc import Iterable
from math import fmod, isfinite

from ....values import Json
from .bounds import LARGEST_TEXT, MOST_ITEMS, measured
from .errors import ExpressionError

LARGEST_INTEGER = 2**63 - 1  # a Java long, as in SpEL
SMALLEST_INTEGER = -(2**63)
NULL = "nothing (null)"


def truth(value: Json) -> bool:
    """Return whether a value counts as true. Null, false, 0 and what is empty count as false."""
    return bool(value)


def equal(one: Json, other: Json) -> bool:
    """Compare as JSON does, at all depths: 1 equals 1.0, but true is not 1."""
    if isinstance(one, bool) != isinstance(other, bool) or one != other:
        return False
    # For Python true is 1, so lists and objects that are equal for it are compared once more.
    pairs = [(one, other)]
    while pairs:
        left, right = pairs.pop()
        if isinstance(left, dict):
            left, right = list(left.values()), [right[key] for key in left]
        if not isinstance(left, list) or left is right:
            continue
        kinds = {*map(type, left), *map(type, right)}
        if bool in kinds and any(
            isinstance(a, bool) != isinstance(b, bool) for a, b in zip(left, right, strict=True)
        ):
            return False
        if not kinds.isdisjoint((list, dict)):
            pairs += zip(left, right, strict=True)
    return True


def compared(operator: str, one: Json, other: Json) -> bool:
    """Return the result of `<`, `<=`, `>` or `>=` between two numbers or two texts."""
    texts = isinstance(one, str) and isinstance(other, str)
    if not (texts or (is_number(one) and is_number(other))):
        raise ExpressionError(f"cannot compare {described(one)} with {described(other)}")
    if operator in ("<", "<="):
        return bool(one < other) or (operator == "<=" and bool(one == other))
    return bool(one > other) or (operator == ">=" and bool(one == other))


def computed(operator: str, one: Json, other: Json) -> Json:
    """Return the result of an arithmetic operator; `+` also joins texts and lists."""
    if operator == "+" and (isinstance(one, str) or isinstance(other, str)):
        start, end = as_text(one), as_text(other)
        return start + end if len(start) + len(end) <= LARGEST_TEXT else joined((start, end))
    if operator == "+" and isinstance(one, list) and isinstance(other, list):
        return bounded([*one, *other])
    if not (is_number(one) and is_number(other)):
        verb = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide"}.get(operator, "divide")
        raise ExpressionError(f"cannot {verb} {described(one)} and {described(other)}")
    try:
        return bounded(_ARITHMETIC[operator](one, other))
    except ZeroDivisionError:
        raise ExpressionError("divides by zero") from None
    except OverflowError:
        raise ExpressionError("makes a number that is too large") from None


def negative(value: Json) -> Json:
    """Return a number with the opposite sign."""
    if not is_number(value):
        raise ExpressionError(f"cannot negate {described(value)}")
    return bounded(-value)


def item(value: Json, key: Json) -> Json:
    """Return an entry of an object or list, null if it is missing."""
    if isinstance(value, dict):
        return value.get(key if isinstance(key, str) else as_text(key))
    if isinstance(value, list):
        if isinstance(key, str) and key.isdecimal():
            key = int(key)
        if isinstance(key, int) and not isinstance(key, bool) and 0 <= key < len(value):
            return value[key]
    return None


def as_text(value: Json, limit: int = LARGEST_TEXT) -> str:
    """Return a value as text, as it stands in a sentence: null is empty, objects are JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if type(value) is int:
        return str(value)
    # Measured first: a short list may hold a long text many times.
    if measured(value, limit, each=1) > limit:
        raise _too_long(limit)
    return joined((json.dumps(value, ensure_ascii=False),), limit=limit)


def joined(parts: Iterable[str], separator: str = "", limit: int = LARGEST_TEXT) -> str:
    """Return texts as one. ExpressionError before it grows too large."""
    taken, size = list[str](), 0
    for part in parts:
        taken.append(part)
        size += len(part) + len(separator)
        if size - len(separator) > limit:
            raise _too_long(limit)
    return separator.join(taken)


def number(text: str) -> Json:
    """Return the number of a literal such as `10`, `-2.5`, `1e3` or `3L`."""
    plain = text.rstrip("lLfFdD")
    is_whole = plain.removeprefix("-").isdecimal() and text[-1] not in "fFdD"
    return bounded(int(plain) if is_whole else float(plain))


def unquoted(token: object) -> str:
    """Return what a literal text says: `'it''s'` says `it's`."""
    text = str(token)
    return text[1:-1].replace(text[0] * 2, text[0])


def is_number(value: Json) -> bool:
    """Return whether a value is a number; true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def described(value: Json) -> str:
    """Return a short description of a value for an error: its kind, and no content."""
    if value is None:
        return NULL
    return next(name for kind, name in _KINDS if isinstance(value, kind))


def bounded(value: Json) -> Json:
    """Return a value that an expression made. ExpressionError if it is too large."""
    if isinstance(value, str) and len(value) > LARGEST_TEXT:
        raise _too_long(LARGEST_TEXT)
    if isinstance(value, list | dict) and len(value) > MOST_ITEMS:
        raise ExpressionError(f"makes a list of more than {MOST_ITEMS:,} items")
    too_large = not isfinite(value) if isinstance(value, float) else False
    if too_large or (isinstance(value, int) and not SMALLEST_INTEGER <= value <= LARGEST_INTEGER):
        raise ExpressionError("makes a number that is too large")
    return value


def _too_long(limit: int) -> ExpressionError:
    return ExpressionError(f"makes a text of more than {limit:,} characters")


def _divide(one: float, other: float) -> float:
    if isinstance(one, int) and isinstance(other, int):
        whole = abs(one) // abs(other)  # as Java, which cuts towards zero
        return whole if (one < 0) == (other < 0) else -whole
    return one / other


def _remainder(one: float, other: float) -> float:
    if isinstance(one, int) and isinstance(other, int):
        rest = abs(one) % abs(other)
        return -rest if one < 0 else rest
    if other == 0:
        raise ZeroDivisionError
    return fmod(one, other)


_ARITHMETIC = {
    "+": lambda one, other: one + other,
    "-": lambda one, other: one - other,
    "*": lambda one, other: one * other,
    "/": _divide,
    "%": _remainder,
}
_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "true or false"),
    (int, "a number"),
    (float, "a number"),
    (str, "a text"),
    (list, "a list"),
    (dict, "an object"),
    (object, "something unknown"),
)
