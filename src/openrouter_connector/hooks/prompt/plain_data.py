"""Operations on plain data: texts, numbers and lists."""

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
    """Return a text in lower case."""
    return require_text(value).lower()


def to_upper_case(value: Json) -> str:
    """Return a text in upper case."""
    return require_text(value).upper()


def substring(value: Json, start: int, end: int) -> str:
    """Return a part of a text."""
    return require_text(value)[start:end]


def matches_regex(value: Json, regex: str) -> bool:
    """Return whether a regular expression matches anywhere in a text."""
    if len(require_text(value)) > _MAX_MATCHED:
        raise InvalidInput(
            f"has {len(value):,} characters, and at most {_MAX_MATCHED:,} are allowed"
        )
    # The engine takes UTF-8 only, and JSON may hold lone surrogates.
    return _searcher(regex).isinstance_python(value.encode(errors="replace").decode())


def to_string(value: Json) -> str:
    """Return a value as text, as it would appear in a prompt."""
    return to_text(require_plain_data(value))


def to_number(value: Json, cast_to: str) -> int | float:
    """Return the number in a text; for `int`, without its decimals."""
    try:
        whole = isinstance(value, str) and value.strip().lstrip("+-").isdecimal()
        exact = int(value) if whole and cast_to == "int" else float(value)
        return require_finite(int(exact) if cast_to == "int" else exact)
    except (TypeError, ValueError, OverflowError):
        raise InvalidInput(f"{shorten(value)} is not a number") from None


def to_boolean(value: Json) -> bool:
    """Return False for 0, null and empty values, else True."""
    return bool(require_plain_data(value))


def round_number(value: Json, decimal_digits: int) -> int | float:
    """Round a number."""
    # Beyond that, `round` computes with powers of ten that fill the memory.
    if abs(decimal_digits) > _MAX_DIGITS:
        raise InvalidInput(
            f"{decimal_digits} decimal digits are too many; at most {_MAX_DIGITS} are allowed"
        )
    return require_finite(round(require_number(value), decimal_digits))


def multiply(value: Json, other: int | float) -> int | float:
    """Multiply a number."""
    return require_finite(require_number(value) * other)


def divide(value: Json, other: int | float) -> float:
    """Divide a number."""
    if other == 0:
        raise InvalidInput("division by 0; set another divisor")
    return require_finite(require_number(value) / other)


def random_number(value: Json, min_value: int | float, max_value: int | float) -> float:
    """Return a random number; the value is ignored."""
    return random.uniform(min_value, max_value)  # noqa: S311 - a sample, not a secret


def look_up(value: Json, lookup_table: JsonObject) -> Json:
    """Return a table's value for a key; numbers are looked up as text."""
    if isinstance(value, list | dict) or images_in(value):
        raise InvalidInput(f"{shorten(value)} cannot be looked up in a table")
    if (key := to_text(value)) not in lookup_table:
        raise InvalidInput(
            f"the table has no {shorten(key)}; it has {join_names(lookup_table) or 'nothing'}"
        )
    return lookup_table[key]


def map_items(value: Json, lookup_table: JsonObject) -> list[Json]:
    """Look up every item of a list."""
    return collect(look_up(item, lookup_table) for item in require_list(value))


def aggregate_numbers(value: Json, function: str, neutral_value: Json) -> Json:
    """Return the minimum, maximum or sum of numbers."""
    numbers = [require_number(item) for item in require_list(value)]
    return require_finite(_FUNCTIONS[function](numbers)) if numbers else neutral_value


def pick_item(value: Json, mode: str) -> Json:
    """Return one item of a list; among equally common ones, the first or the last."""
    items = require_list(value)
    if not items:
        raise InvalidInput("is an empty list, so no item can be picked")
    if mode in ("first", "last"):
        return items[0 if mode == "first" else -1]
    common = Counter(to_string(item) for item in items).most_common()
    name = common[0 if mode == "most_common" else -1][0]
    return next(item for item in items if to_string(item) == name)


def count_items(value: Json) -> int:
    """Return the number of items, object members or characters."""
    value = unwrap_list(value)
    if isinstance(value, list | dict | str):
        return len(value)
    raise InvalidInput(f"{shorten(value)} has no length")


def count_each_item(value: Json) -> dict[str, int]:
    """Return how often each item occurs."""
    return dict(Counter(to_string(item) for item in require_list(value)))


def to_json_text(value: Json) -> str:
    """Return an object as JSON text."""
    if not isinstance(require_plain_data(value), dict):
        raise InvalidInput(f"{shorten(value)} is not an object")
    return to_text(value)


def to_iso_time(value: Json) -> str:
    """Return a time in ISO 8601."""
    try:
        if isinstance(value, str):
            return datetime.fromisoformat(value).isoformat()
        return datetime.fromtimestamp(require_number(value), UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        raise InvalidInput(
            f"{shorten(value)} is not a time; use seconds since 1970 or ISO 8601"
        ) from None


def require_text(value: Json) -> str:
    """Return a text; raise InvalidInput for anything else."""
    if not isinstance(value, str):
        raise InvalidInput(f"{shorten(value)} is not a text; convert it with ToString")
    return value


def require_number(value: Json) -> int | float:
    """Return a number; raise InvalidInput for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidInput(f"{shorten(value)} is not a number; convert it with ToNumber")
    return value


def require_list(value: Json) -> list[Json]:
    """Return a list, or the list of detections inside an object; raise InvalidInput otherwise."""
    items = unwrap_list(value)
    if not isinstance(items, list):
        raise InvalidInput(f"{shorten(value)} is not a list")
    return items


def unwrap_list(value: Json) -> Json:
    """Return the list inside `{"predictions": […]}` or `{"boxes": […]}`, any other value as is."""
    key = wrapper_key(value)
    return value[key] if key else value


def wrapper_key(value: Json) -> str | None:
    """Return the key under which an object has its list of detections."""
    if not isinstance(value, dict):
        return None
    return next((key for key in _WRAPPERS if isinstance(value.get(key), list)), None)


def require_plain_data(value: Json) -> Json:
    """Return a value without images; raise InvalidInput if it has any."""
    if images_in(value):
        raise InvalidInput(
            f"{shorten(value)} is not plain data; use ExtractImageProperty for images"
        )
    return value


def require_finite(value: int | float) -> int | float:
    """Return a finite number; raise OverflowError for any other."""
    if not math.isfinite(value):
        raise OverflowError
    return value


@lru_cache(maxsize=32)
def _searcher(regex: str) -> SchemaValidator:
    """Compile a regular expression for an engine that runs in linear time.

    pydantic includes Rust's: without look-around and back references, and with a limit on the
    compiled size. With Python's own, a hostile expression could take years.
    """
    from pydantic_core import SchemaError, SchemaValidator, core_schema

    if len(regex) > _MAX_REGEX:
        raise InvalidInput(
            f"regex has {len(regex):,} characters, and at most {_MAX_REGEX:,} are allowed"
        )
    try:
        schema = core_schema.str_schema(pattern=regex, regex_engine="rust-regex")
        return SchemaValidator(schema)
    except SchemaError as error:
        reason = str(error).rpartition(": ")[2].strip()
        raise InvalidInput(f"regex {shorten(regex)} is not supported: {reason}") from None


_WRAPPERS = ("predictions", "boxes")
_FUNCTIONS: Mapping[str, Callable[[list[int | float]], int | float]] = {
    "min": min,
    "max": max,
    "sum": sum,
}
_MAX_DIGITS = 300
_MAX_REGEX = 1000
_MAX_MATCHED = 100_000
