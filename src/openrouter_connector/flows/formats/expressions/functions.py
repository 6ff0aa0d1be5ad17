"""The functions of expressions: `size(items)`, or as a method `items.size()`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from uuid import uuid4

from ....values import Json
from .bounds import LARGEST_TEXT, MOST_ITEMS, Frame
from .casts import boolean, character, characters, decimal, entries, integer, items, within
from .date_functions import (
    UNITS,
    at_zone,
    now,
    parse,
    parse_date,
    parse_date_time,
    shifted,
    timestamp,
    written,
)
from .errors import ExpressionError
from .values import as_text, bounded, computed, described, equal, is_number, item, joined


@dataclass(frozen=True, slots=True)
class Function:
    """A function with the number of arguments that it takes."""

    call: Callable[..., Json]
    fewest: int
    most: int | None
    """None for any number."""
    spend: Callable[..., None] = Frame.spend
    """Counts the work for a frame and the arguments."""


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


def index_of(container: Json, part: Json, start: Json = 0) -> int:
    """Return the first position of an item or a part from `start` on, or -1."""
    first = max(integer(start), 0)
    if isinstance(container, list):
        places = range(first, len(container))
        return next((place for place in places if equal(container[place], part)), -1)
    return characters(container).find(characters(part), first)


def last_index_of(container: Json, part: Json, end: Json = None) -> int:
    """Return the last position of an item or a part, at `end` at most, or -1."""
    last = size(container) - 1 if end is None else integer(end)
    if isinstance(container, list):
        places = range(min(last, len(container) - 1), -1, -1)
        return next((place for place in places if equal(container[place], part)), -1)
    wanted = characters(part)
    return characters(container).rfind(wanted, 0, max(last + 1, 0) + max(len(wanted) - 1, 0))


def join(first: Json, second: Json) -> str:
    """Return the items of a list as one text; list and separator come in either order."""
    parts, separator = (first, second) if isinstance(first, list) else (second, first)
    # Most items are texts and whole numbers: `as_text` for each of 100,000 takes 30 ms.
    texts = [
        one if type(one) is str else str(one) if type(one) is int else as_text(one)
        for one in items(parts)
    ]
    size = sum(map(len, texts)) + max(len(texts) - 1, 0) * len(characters(separator))
    if size > LARGEST_TEXT:
        raise ExpressionError(f"makes a text of more than {LARGEST_TEXT:,} characters")
    return characters(separator).join(texts)


_PATTERN = re.compile(r"(?<!\\)[.^$|?*+()\[\]{}]|\\\w")
_ESCAPED = re.compile(r"\\(\W)")


def split(whole: Json, separator: Json, most: Json = None) -> list[str]:
    """Return the parts of a text between the separators, without empty ones at its end.

    A separator is a text. `\\|` is the text `|`, as in a pattern; other patterns are refused.
    """
    mark = characters(separator)
    if len(mark) > 1:
        if _PATTERN.search(mark):
            raise ExpressionError("takes a text between the parts, not a pattern")
        mark = _ESCAPED.sub(r"\1", mark)
    limit = 0 if most is None else integer(most)
    parts = characters(whole).split(mark, limit - 1 if limit > 0 else -1) if mark else list(whole)
    while limit == 0 and len(parts) > 1 and not parts[-1]:
        parts.pop()
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
    """Return a list without the first item that equals `part`, or an object without that key."""
    if isinstance(container, dict):
        rest = dict(container)
        rest.pop(as_text(part), None)
        return rest
    place = index_of(items(container), part)
    return items(container) if place < 0 else [*container[:place], *container[place + 1 :]]


def set_(values: Json, place: Json, value: Json) -> list[Json]:
    """Return a list with another item at a position."""
    changed, index = list(items(values)), integer(place)
    if not 0 <= index < len(changed):
        raise ExpressionError(f"sets item {index} of a list of {len(changed)}")
    changed[index] = value
    return changed


def to_map(values: Json, key: Json = None, value: Json = None) -> dict[str, Json]:
    """Return the objects of a list by one of their keys, whole or only the entry `value`.

    Without a key they are `{key, value}` each.
    """
    if key is None:
        key, value = "key", "value"
    name = characters(key)
    return {
        as_text(item(one, name)): one if value is None else item(one, characters(value))
        for one in items(values)
    }


def format_(value: Json, pattern: Json = None, *more: Json) -> str:
    """Return a date in a pattern such as `yyyy-MM-dd HH:mm`, or a text with `%s` filled in."""
    if isinstance(value, str) and "%" in value:
        return _filled(value, [] if pattern is None else [pattern, *more])
    return written(value, pattern)


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


def _fixed(
    count: int, call: Callable[..., Json], spend: Callable[..., None] = Frame.spend
) -> Function:
    return Function(call, count, count, spend)


def _moved(unit: str, sign: int) -> Function:
    return _fixed(2, lambda value, amount: shifted(value, amount, unit, sign))


FUNCTIONS: Mapping[str, Function] = {
    "add": _fixed(2, lambda values, one: bounded([*items(values), one])),
    "addAll": _fixed(2, lambda values, more: bounded([*items(values), *items(more)])),
    "atZone": _fixed(2, at_zone),
    "boolean": _fixed(1, boolean),
    "byte": _fixed(1, lambda value: within(value, 8)),
    "char": _fixed(1, character),
    "concat": Function(concat, 2, None, Frame.spend_written),
    "contains": _fixed(2, contains, Frame.spend_search),
    "double": _fixed(1, lambda value: float(decimal(value))),
    "endsWith": _fixed(2, lambda one, end: characters(one).endswith(characters(end))),
    "equalsIgnoreCase": _fixed(
        2,
        lambda one, two: as_text(one).casefold() == as_text(two).casefold(),
        Frame.spend_written,
    ),
    "flatten": _fixed(1, flatten),
    "float": _fixed(1, lambda value: float(decimal(value))),
    "format": Function(format_, 1, None, Frame.spend_written),
    "get": _fixed(2, item),
    "indexOf": Function(index_of, 2, 3, Frame.spend_search),
    "int": _fixed(1, integer),
    "isEmpty": _fixed(1, lambda value: size(value) == 0),
    "join": _fixed(2, join, Frame.spend_written),
    "keySet": _fixed(1, lambda value: list(entries(value))),
    "lastIndexOf": Function(last_index_of, 2, 3, Frame.spend_search),
    "length": _fixed(1, size),
    "long": _fixed(1, integer),
    "minus": _fixed(3, partial(shifted, sign=-1)),
    **{f"minus{unit.capitalize()}": _moved(unit, -1) for unit in UNITS},
    "now": _fixed(0, now),
    "parse": Function(parse, 1, 2, Frame.spend_pattern),
    "parseDate": Function(parse_date, 1, 2, Frame.spend_pattern),
    "parseDateTime": Function(parse_date_time, 1, 2, Frame.spend_pattern),
    "plus": _fixed(3, partial(shifted, sign=1)),
    **{f"plus{unit.capitalize()}": _moved(unit, 1) for unit in UNITS},
    "put": _fixed(3, lambda value, key, one: bounded({**entries(value), as_text(key): one})),
    "putAll": _fixed(2, lambda value, more: bounded({**entries(value), **entries(more)})),
    "range": _fixed(2, range_),
    "remove": _fixed(2, remove, Frame.spend_search),
    "replace": _fixed(3, replaced),
    "set": _fixed(3, set_),
    "short": _fixed(1, lambda value: within(value, 16)),
    "size": _fixed(1, size),
    "sort": _fixed(1, sort, Frame.spend_sorted),
    "split": Function(split, 2, 3),
    "startsWith": _fixed(2, lambda one, start: characters(one).startswith(characters(start))),
    "string": _fixed(1, as_text, Frame.spend_written),
    "substring": Function(substring, 2, 3),
    "timestamp": _fixed(0, timestamp),
    "toJson": _fixed(1, to_json, Frame.spend_written),
    "toLowerCase": _fixed(1, lambda value: characters(value).lower()),
    "toMap": Function(to_map, 1, 3, Frame.spend_written),
    "toUpperCase": _fixed(1, upper),
    "trim": _fixed(1, lambda value: characters(value).strip()),
    "uuid": _fixed(0, lambda: str(uuid4())),
    "values": _fixed(1, lambda value: list(entries(value).values())),
}
"""All functions. `now`, `timestamp` and `uuid` return another value each time."""

REFUSED = {
    "config": "reads the configuration of a host",
    "systemProperty": "reads the properties of a host",
    "tempDir": "names a folder of a host",
}
"""Functions of ByteChef that are never run here, and why."""
