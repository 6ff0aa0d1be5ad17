"""The functions of expressions: `size(items)`, or as a method `items.size()`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ....values import Json
from .bounds import LARGEST_TEXT, MOST_ITEMS
from .dates import from_pattern, to_pattern
from .errors import ExpressionError
from .values import as_text, bounded, computed, described, equal, is_number, item, joined

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(\.[0-9]*)?|(?=\.)(\.[0-9]+))(?:[eE][+-]?[0-9]{1,3})?")
_LONGEST_NUMBER = 400  # characters


@dataclass(frozen=True, slots=True)
class Function:
    """A function with the number of arguments that it takes."""

    call: Callable[..., Json]
    fewest: int
    most: int | None
    """None for any number."""


def size(value: Json) -> int:
    """Return the number of items, entries or characters; 0 for null."""
    if value is None:
        return 0
    if not isinstance(value, list | dict | str):
        raise ExpressionError(f"needs a list, an object or a text, not {described(value)}")
    return len(value)


def contains(container: Json, part: Json) -> bool:
    """Return whether a list has an item, an object a key, or a text a part."""
    if isinstance(container, list):
        return any(equal(one, part) for one in container)
    if isinstance(container, dict):
        return as_text(part) in container
    return isinstance(container, str) and isinstance(part, str) and part in container


def range_(first: Json, last: Json) -> list[int]:
    """Return the integers from `first` to `last`, both included."""
    low, high = integer(first), integer(last)
    if high - low >= MOST_ITEMS:
        raise ExpressionError(f"makes a list of more than {MOST_ITEMS:,} items")
    return list(range(low, high + 1))


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


def boolean(value: Json) -> bool:
    """Return true or false, also from the texts that say so."""
    if isinstance(value, str):
        return value.strip().lower() == "true"
    return bool(value)


def text(value: Json) -> str:
    """Return a value as text."""
    return as_text(value)


def concat(one: Json, *others: Json) -> Json:
    """Return texts or lists one after the other."""
    for other in others:
        one = computed("+", one, other)
    return one


def flatten(lists: Json) -> list[Json]:
    """Return the items of the lists in a list."""
    flat: list[Json] = []
    for part in items(lists):
        flat += items(part)
        bounded(flat)
    return flat


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


def index_of(container: Json, part: Json) -> int:
    """Return the first position of an item or a part, or -1 if it does not occur."""
    if isinstance(container, list):
        return next((place for place, one in enumerate(container) if equal(one, part)), -1)
    return characters(container).find(characters(part))


def last_index_of(container: Json, part: Json) -> int:
    """Return the last position of an item or a part, or -1 if it does not occur."""
    if isinstance(container, list):
        found = [place for place, one in enumerate(container) if equal(one, part)]
        return found[-1] if found else -1
    return characters(container).rfind(characters(part))


def join(first: Json, second: Json) -> str:
    """Return the items of a list as one text; list and separator come in either order."""
    parts, separator = (first, second) if isinstance(first, list) else (second, first)
    return joined(map(as_text, items(parts)), characters(separator))


def split(whole: Json, separator: Json) -> list[str]:
    """Return the parts of a text between the separators."""
    mark = characters(separator)
    parts = characters(whole).split(mark) if mark else list(characters(whole))
    return bounded(parts)  # type: ignore[no-any-return]


def substring(whole: Json, start: Json, end: Json = None) -> str:
    """Return the characters from `start` up to, not including, `end`."""
    begin = max(integer(start), 0)
    return characters(whole)[begin : None if end is None else max(integer(end), 0)]


def sort(values: Json) -> list[Json]:
    """Return numbers or texts in rising order."""
    found = items(values)
    if all(map(is_number, found)) or all(isinstance(one, str) for one in found):
        return sorted(found)
    raise ExpressionError("sorts a list of numbers or of texts, and not a mixed one")


def remove(container: Json, part: Json) -> Json:
    """Return a list without the item at a position, or an object without a key."""
    if isinstance(container, dict):
        return {key: value for key, value in container.items() if key != as_text(part)}
    place = integer(part)
    return [one for index, one in enumerate(items(container)) if index != place]


def set_(values: Json, place: Json, value: Json) -> list[Json]:
    """Return a list with another item at a position."""
    changed, index = list(items(values)), integer(place)
    if not 0 <= index < len(changed):
        raise ExpressionError(f"sets item {index} of a list of {len(changed)}")
    changed[index] = value
    return changed


def to_map(values: Json, key: Json, value: Json = None) -> dict[str, Json]:
    """Return the objects of a list by one of their keys, whole or only the entry `value`."""
    name = characters(key)
    return {
        as_text(item(one, name)): one if value is None else item(one, characters(value))
        for one in items(values)
    }


def format_(value: Json, pattern: Json, *more: Json) -> str:
    """Return a date in a pattern such as `yyyy-MM-dd HH:mm`, or a text with `%s` filled in."""
    if isinstance(value, str) and "%" in value:
        return _filled(value, [pattern, *more])
    return to_pattern(date(value), characters(pattern))


_PLACES = ("%s", "%d", "%%")


def _filled(template: str, values: list[Json]) -> str:
    rest = iter(values)
    missing = ExpressionError("has more places than values")

    def place(mark: str) -> str:
        if mark == "%%":
            return "%"
        try:
            value = next(rest)
        except StopIteration:
            raise missing from None
        return str(integer(value)) if mark == "%d" else as_text(value)

    pieces = re.split(r"(%[sd%])", template)
    return joined(place(piece) if piece in _PLACES else piece for piece in pieces)


def parse(value: Json, pattern: Json = None) -> str:
    """Return a date that is written in a pattern as an ISO 8601 text."""
    written = characters(value)
    return (
        date(written) if pattern is None else from_pattern(written, characters(pattern))
    ).isoformat()


def date(value: Json) -> datetime:
    """Return a date from an ISO 8601 text or from milliseconds since 1970."""
    try:
        if is_number(value):
            return datetime.fromtimestamp(value / 1000, UTC)
        return datetime.fromisoformat(characters(value))
    except (ValueError, OverflowError, OSError):
        raise ExpressionError(
            f"needs a date such as 2026-01-31T12:00:00, not {value!r:.60}"
        ) from None


def shifted(value: Json, amount: Json, unit: Json, sign: int) -> str:
    """Return a date that is `amount` units later, or earlier with the sign -1."""
    name = characters(unit).lower().rstrip("s") + "s"
    if name not in ("weeks", "days", "hours", "minutes", "seconds"):
        raise ExpressionError(f"does not know the unit {characters(unit)!r:.40}")
    try:
        return (date(value) + timedelta(**{name: sign * integer(amount)})).isoformat()
    except OverflowError:
        raise ExpressionError("makes a date that is out of range") from None


def at_zone(value: Json, zone: Json) -> str:
    """Return a date in a time zone such as `Europe/Vienna`; one without a zone counts as UTC."""
    try:
        place = ZoneInfo(characters(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ExpressionError(f"does not know the time zone {zone!r:.60}") from None
    moment = date(value)
    try:
        return (
            (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(place).isoformat()
        )
    except OverflowError:
        raise ExpressionError("makes a date that is out of range") from None


def replaced(whole: Json, part: Json, other: Json) -> str:
    """Return a text in which each part is replaced by another."""
    text, old, new = characters(whole), characters(part), as_text(other)
    size = len(text) + text.count(old) * (len(new) - len(old))
    if size > LARGEST_TEXT:
        raise ExpressionError(f"makes a text of more than {LARGEST_TEXT:,} characters")
    return text.replace(old, new)


def to_json(value: Json) -> str:
    """Return a value as JSON; a text in quotes."""
    if isinstance(value, str | None):
        return bounded(json.dumps(value, ensure_ascii=False))  # type: ignore[no-any-return]
    return as_text(value)


def upper(value: Json) -> str:
    """Return a text in capital letters; a few letters become two or three."""
    return bounded(characters(value).upper())  # type: ignore[no-any-return]


def _fixed(count: int, call: Callable[..., Json]) -> Function:
    return Function(call, count, count)


FUNCTIONS: Mapping[str, Function] = {
    "add": _fixed(2, lambda values, one: bounded([*items(values), one])),
    "addAll": _fixed(2, lambda values, more: bounded([*items(values), *items(more)])),
    "atZone": _fixed(2, at_zone),
    "boolean": _fixed(1, boolean),
    "concat": Function(concat, 2, None),
    "contains": _fixed(2, contains),
    "double": _fixed(1, lambda value: float(decimal(value))),
    "endsWith": _fixed(2, lambda one, end: characters(one).endswith(characters(end))),
    "equalsIgnoreCase": _fixed(
        2, lambda one, two: as_text(one).casefold() == as_text(two).casefold()
    ),
    "flatten": _fixed(1, flatten),
    "float": _fixed(1, lambda value: float(decimal(value))),
    "format": Function(format_, 2, None),
    "get": _fixed(2, item),
    "indexOf": _fixed(2, index_of),
    "int": _fixed(1, integer),
    "isEmpty": _fixed(1, lambda value: size(value) == 0),
    "join": _fixed(2, join),
    "keySet": _fixed(1, lambda value: list(entries(value))),
    "lastIndexOf": _fixed(2, last_index_of),
    "length": _fixed(1, size),
    "long": _fixed(1, integer),
    "minus": _fixed(3, lambda value, amount, unit: shifted(value, amount, unit, -1)),
    "now": Function(lambda: datetime.now(UTC).isoformat(timespec="milliseconds"), 0, 0),
    "parse": Function(parse, 1, 2),
    "plus": _fixed(3, lambda value, amount, unit: shifted(value, amount, unit, 1)),
    "put": _fixed(3, lambda value, key, one: bounded({**entries(value), as_text(key): one})),
    "putAll": _fixed(2, lambda value, more: bounded({**entries(value), **entries(more)})),
    "range": _fixed(2, range_),
    "remove": _fixed(2, remove),
    "replace": _fixed(3, replaced),
    "set": _fixed(3, set_),
    "short": _fixed(1, integer),
    "size": _fixed(1, size),
    "sort": _fixed(1, sort),
    "split": _fixed(2, split),
    "startsWith": _fixed(2, lambda one, start: characters(one).startswith(characters(start))),
    "string": _fixed(1, text),
    "substring": Function(substring, 2, 3),
    "timestamp": Function(lambda: int(datetime.now(UTC).timestamp() * 1000), 0, 0),
    "toJson": _fixed(1, lambda value: to_json(value)),
    "toLowerCase": _fixed(1, lambda value: characters(value).lower()),
    "toMap": Function(to_map, 2, 3),
    "toUpperCase": _fixed(1, upper),
    "trim": _fixed(1, lambda value: characters(value).strip()),
    "uuid": Function(lambda: str(uuid4()), 0, 0),
    "values": _fixed(1, lambda value: list(entries(value).values())),
}
"""All functions. `now`, `timestamp` and `uuid` return another value each time."""

DEEP = {
    "concat", "contains", "equalsIgnoreCase", "format", "indexOf", "join", "lastIndexOf", "replace",
    "string", "toJson", "toMap",
}  # fmt: skip
"""Functions that visit what is inside the items of a list."""

REFUSED = {
    "config": "reads the configuration of a host",
    "systemProperty": "reads the properties of a host",
    "tempDir": "names a folder of a host",
}
"""Functions of ByteChef that are never run here, and why."""
