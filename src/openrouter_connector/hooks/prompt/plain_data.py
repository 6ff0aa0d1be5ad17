"""Operations on texts, numbers and lists."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from ...suggest import join_names
from ...values import Json, JsonObject
from .inputs import InvalidInput, collect, images_in, shorten, to_text

if TYPE_CHECKING:
    from pydantic_core import SchemaValidator


def to_lower_case(value: Json) -> str:
    """Write a text in small letters."""
    return require_text(value).lower()


def to_upper_case(value: Json) -> str:
    """Write a text in capital letters."""
    return require_text(value).upper()


def substring(value: Json, start: int, end: int) -> str:
    """Give a part of a text."""
    return require_text(value)[start:end]


def matches_regex(value: Json, regex: str) -> bool:
    """Tell whether a regular expression is found in a text."""
    if len(require_text(value)) > _LONGEST_MATCHED:
        raise InvalidInput(f"has {len(value):,} characters, and may have {_LONGEST_MATCHED:,}")
    # Half a character, as JSON can hold it, would be no text for that engine.
    return _searcher(regex).isinstance_python(value.encode(errors="replace").decode())


def to_string(value: Json) -> str:
    """Write a value as it stands in a prompt."""
    return to_text(require_plain_data(value))


def to_number(value: Json, cast_to: str) -> int | float:
    """Read a number; a whole one by leaving out what follows the point."""
    try:
        whole = isinstance(value, str) and value.strip().lstrip("+-").isdecimal()
        exact = int(value) if whole and cast_to == "int" else float(value)
        return require_finite(int(exact) if cast_to == "int" else exact)
    except (TypeError, ValueError, OverflowError):
        raise InvalidInput(f"{shorten(value)} is not a number") from None


def to_boolean(value: Json) -> bool:
    """Tell 0, nothing and what is empty from all else."""
    return bool(require_plain_data(value))


def round_number(value: Json, decimal_digits: int) -> int | float:
    """Round a number."""
    if abs(decimal_digits) > _MOST_DIGITS:
        raise InvalidInput(f"{decimal_digits} decimal digits are more than {_MOST_DIGITS}")
    return require_finite(round(require_number(value), decimal_digits))


def multiply(value: Json, other: int | float) -> int | float:
    """Multiply a number."""
    return require_finite(require_number(value) * other)


def divide(value: Json, other: int | float) -> float:
    """Divide a number."""
    if other == 0:
        raise InvalidInput("nothing can be divided by 0")
    return require_finite(require_number(value) / other)


def random_number(value: Json, min_value: int | float, max_value: int | float) -> float:
    """Give a random number, whatever the value was."""
    return random.uniform(min_value, max_value)  # noqa: S311 - a sample, and no secret


def look_up(value: Json, lookup_table: JsonObject) -> Json:
    """Give what a table has for a value; numbers are looked up as they are written."""
    if isinstance(value, list | dict) or images_in(value):
        raise InvalidInput(f"{shorten(value)} is nothing to look up")
    if (key := to_text(value)) not in lookup_table:
        raise InvalidInput(
            f"the table has no {shorten(key)}; it has {join_names(lookup_table) or 'nothing'}"
        )
    return lookup_table[key]


def map_items(value: Json, lookup_table: JsonObject) -> list[Json]:
    """Look up every item of a list."""
    return collect(look_up(item, lookup_table) for item in require_list(value))


def aggregate_numbers(value: Json, function: str, neutral_value: Json) -> Json:
    """Give the smallest, the largest or the sum of numbers."""
    numbers = [require_number(item) for item in require_list(value)]
    return require_finite(_FUNCTIONS[function](numbers)) if numbers else neutral_value


def pick_item(value: Json, mode: str) -> Json:
    """Give one item of a list; of several that are equally common, the first or the last."""
    items = require_list(value)
    if not items:
        raise InvalidInput("is an empty list, of which no item can be chosen")
    if mode in ("first", "last"):
        return items[0 if mode == "first" else -1]
    common = Counter(to_string(item) for item in items).most_common()
    name = common[0 if mode == "most_common" else -1][0]
    return next(item for item in items if to_string(item) == name)


def count_items(value: Json) -> int:
    """Count items, members of an object, or characters."""
    value = unwrap_list(value)
    if isinstance(value, list | dict | str):
        return len(value)
    raise InvalidInput(f"{shorten(value)} has no length")


def count_each_item(value: Json) -> dict[str, int]:
    """Count how often each item comes."""
    return dict(Counter(to_string(item) for item in require_list(value)))


def to_json_text(value: Json) -> str:
    """Write an object as JSON."""
    if not isinstance(require_plain_data(value), dict):
        raise InvalidInput(f"{shorten(value)} is not an object")
    return to_text(value)


def to_iso_time(value: Json) -> str:
    """Write a time as ISO 8601 has it."""
    try:
        if isinstance(value, str):
            return datetime.fromisoformat(value).isoformat()
        return datetime.fromtimestamp(require_number(value), UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        raise InvalidInput(
            f"{shorten(value)} is no time: neither seconds since 1970 nor ISO 8601"
        ) from None


def require_text(value: Json) -> str:
    """Take a text, and nothing else."""
    if not isinstance(value, str):
        raise InvalidInput(f"{shorten(value)} is not a text; ToString makes one of it")
    return value


def require_number(value: Json) -> int | float:
    """Take a number, and nothing else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidInput(f"{shorten(value)} is not a number; ToNumber may make one of it")
    return value


def require_list(value: Json) -> list[Json]:
    """Take a list, or the list of what a model has detected, and nothing else."""
    items = unwrap_list(value)
    if not isinstance(items, list):
        raise InvalidInput(f"{shorten(value)} is not a list")
    return items


def unwrap_list(value: Json) -> Json:
    """Give the list in `{"predictions": [...]}` or `{"boxes": [...]}`, any other value as it is."""
    key = wrapper_key(value)
    return value[key] if key else value


def wrapper_key(value: Json) -> str | None:
    """Tell under which key an object has the list of what was detected."""
    if not isinstance(value, dict):
        return None
    return next((key for key in _WRAPPERS if isinstance(value.get(key), list)), None)


def require_plain_data(value: Json) -> Json:
    """Take anything but pictures."""
    if images_in(value):
        raise InvalidInput(f"{shorten(value)} is not plain data")
    return value


def require_finite(value: int | float) -> int | float:
    """Take a number that can be written; OverflowError for any other."""
    if not math.isfinite(value):
        raise OverflowError
    return value


@lru_cache(maxsize=32)
def _searcher(regex: str) -> SchemaValidator:
    """Compile a regular expression for an engine that takes linear time whatever it is told.

    It is that of the Rust that pydantic is made of: without look-around and back references, and
    with a limit on the size of what it compiles. Python's own can be kept busy for years.
    """
    from pydantic_core import SchemaError, SchemaValidator, core_schema

    if len(regex) > _LONGEST_REGEX:
        raise InvalidInput(f"regex has {len(regex):,} characters, and may have {_LONGEST_REGEX:,}")
    try:
        schema = core_schema.str_schema(pattern=regex, regex_engine="rust-regex")
        return SchemaValidator(schema)
    except SchemaError as error:
        reason = str(error).rpartition(": ")[2].strip()
        raise InvalidInput(f"regex {shorten(regex)} does not work here: {reason}") from None


_WRAPPERS = ("predictions", "boxes")
_FUNCTIONS: Mapping[str, Callable[[list[int | float]], int | float]] = {
    "min": min,
    "max": max,
    "sum": sum,
}
_MOST_DIGITS = 300
_LONGEST_REGEX = 1000
_LONGEST_MATCHED = 100_000
