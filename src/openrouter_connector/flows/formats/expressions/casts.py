"""Casts: the values that functions of expressions take, and `int(x)`, `boolean(x)`, `char(x)` …"""

from __future__ import annotations

import re

from ....values import Json
from .errors import ExpressionError
from .values import bounded, described, is_number

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(\.[0-9]*)?|(?=\.)(\.[0-9]+))(?:[eE][+-]?[0-9]{1,3})?")
_LONGEST_NUMBER = 400  # characters
_TRUE = {"true", "on", "yes", "1"}
_FALSE = {"false", "off", "no", "0", ""}


def integer(value: Json) -> int:
    """Return a number or its text as an integer, cut towards zero."""
    number = decimal(value)
    return bounded(int(number))  # type: ignore[no-any-return]


def decimal(value: Json) -> float:
    """Return a number, or a text that is one."""
    if is_number(value):
        return bounded(value)  # type: ignore[no-any-return]
    # Python would read more as a number: `1_000`, `nan`, digits of other scripts.
    if isinstance(value, str) and (found := _NUMBER.fullmatch(value.strip()[:_LONGEST_NUMBER])):
        whole = found[1] is None and found[2] is None
        return bounded(int(found[0]) if whole else float(found[0]))  # type: ignore[no-any-return]
    raise ExpressionError(f"needs a number, not {described(value)}")


def within(value: Json, bits: int) -> int:
    """Return a whole number of so many bits, the sign included."""
    number = integer(value)
    if not -(2 ** (bits - 1)) <= number < 2 ** (bits - 1):
        raise ExpressionError(f"takes a number of at most {bits} bits")
    return number


def boolean(value: Json) -> bool:
    """Return true or false, also from the texts that say so: `yes`, `on` and `1` are true."""
    if not isinstance(value, str):
        return bool(value)
    word = value.strip().lower()
    if word not in _TRUE | _FALSE:
        raise ExpressionError("needs true or false, or a text such as 'yes' and '0'")
    return word in _TRUE


def character(value: Json) -> str:
    """Return a text of one character, or the character of a number."""
    if is_number(value):
        code = integer(value)
        if not 0 <= code < 0x110000 or 0xD800 <= code < 0xE000:
            raise ExpressionError("needs the number of a character")
        return chr(code)
    if len(characters(value)) != 1:
        raise ExpressionError("needs a text of one character")
    return characters(value)


def items(value: Json) -> list[Json]:
    """Return a list as it is. ExpressionError for anything else."""
    if not isinstance(value, list):
        raise ExpressionError(f"needs a list, not {described(value)}")
    return value


def entries(value: Json) -> dict[str, Json]:
    """Return an object as it is. ExpressionError for anything else."""
    if not isinstance(value, dict):
        raise ExpressionError(f"needs an object, not {described(value)}")
    return value


def characters(value: Json) -> str:
    """Return a text as it is. ExpressionError for anything else."""
    if not isinstance(value, str):
        raise ExpressionError(f"needs a text, not {described(value)}")
    return value
