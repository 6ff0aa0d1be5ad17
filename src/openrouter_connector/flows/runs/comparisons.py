"""The comparisons of a `condition` step, as ByteChef's form writes them.

{"type": "number", "value1": 3, "operation": "GREATER", "value2": 2}
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ...errors import InputError, Problem
from ...values import Json, JsonObject, an_object
from ..formats.expressions.values import as_text, is_number

Compare = Callable[[Json, Json], bool]


def all_hold(group: Json, place: str) -> bool:
    """Return whether all comparisons of a list hold. InputError for one that cannot be made."""
    return all(
        _holds(an_object(one), f"{place}[{index}]")
        for index, one in enumerate(group if isinstance(group, list) else ())
    )


def _holds(comparison: JsonObject, place: str) -> bool:
    kind, operation = comparison.get("type"), comparison.get("operation")
    read = _READ.get(str(kind))
    if read is None:
        raise _problem(place, "type", f"must be one of {', '.join(_READ)}, not {kind!r}")
    compare = _COMPARE[str(kind)].get(str(operation))
    if compare is None:
        known = ", ".join(_COMPARE[str(kind)])
        raise _problem(place, "operation", f"must be one of {known}, not {operation!r}")
    values = []
    for name in ("value1", "value2"):
        if name == "value2" and operation == "EMPTY":
            values.append("")
            continue
        try:
            values.append(read(comparison.get(name)))
        except (TypeError, ValueError):
            raise _problem(place, name, f"is no {_KINDS[str(kind)]}") from None
    return compare(*values)


def _problem(place: str, name: str, message: str) -> InputError:
    return InputError([Problem(f"{place}.{name}", message)])


def _number(value: Json) -> float:
    if is_number(value):
        number: float = value
        return number
    return float(str(value))


def _boolean(value: Json) -> bool:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}[str(value).lower()]


def _date(value: Json) -> datetime:
    found = datetime.fromisoformat(str(value))
    return found.astimezone() if found.tzinfo is None else found


def _matches(value: Json, pattern: Json) -> bool:
    # Linear in time: a pattern of a flow must not stop the process.
    import re2

    try:
        return re2.fullmatch(pattern, value) is not None
    except re2.error as error:
        raise ValueError(str(error)) from error


_READ: dict[str, Callable[[Json], Json]] = {
    "boolean": _boolean,
    "dateTime": _date,
    "number": _number,
    "string": as_text,
}
_KINDS = {"boolean": "true or false", "dateTime": "date", "number": "number", "string": "text"}
_EQUALITY: dict[str, Compare] = {
    "EQUALS": lambda one, other: bool(one == other),
    "NOT_EQUALS": lambda one, other: bool(one != other),
}
_COMPARE: dict[str, dict[str, Compare]] = {
    "boolean": _EQUALITY,
    "dateTime": {
        "AFTER": lambda one, other: bool(one > other),
        "BEFORE": lambda one, other: bool(one < other),
    },
    "number": {
        **_EQUALITY,
        "GREATER": lambda one, other: bool(one > other),
        "GREATER_EQUALS": lambda one, other: bool(one >= other),
        "LESS": lambda one, other: bool(one < other),
        "LESS_EQUALS": lambda one, other: bool(one <= other),
    },
    "string": {
        **_EQUALITY,
        "CONTAINS": lambda one, other: other in one,
        "EMPTY": lambda one, _: not one,
        "ENDS_WITH": lambda one, other: bool(one.endswith(other)),
        "EQUALS_IGNORE_CASE": lambda one, other: bool(one.casefold() == other.casefold()),
        "NOT_CONTAINS": lambda one, other: other not in one,
        "REGEX": _matches,
        "STARTS_WITH": lambda one, other: bool(one.startswith(other)),
    },
}
