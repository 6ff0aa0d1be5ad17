"""Checks of single fields, and how a table of them is applied to a body.

CHECKS = {"prompt": STRING, "n": integer(1, 10)}      a check is what it expects, and a predicate
"""

from __future__ import annotations

import string
from collections.abc import Callable, Container, Mapping

from openrouter_connector.values import Json, JsonObject

from ..errors import invalid

Check = tuple[str, Callable[[Json], bool]]


def check_fields(body: JsonObject, checks: Mapping[str, Check]) -> None:
    """Check each field that is present and not null; raise RefusedRequest 400."""
    for name, (expected, is_valid) in checks.items():
        # The API treats null as absent, so a client may send it for any option.
        if (value := body.get(name)) is not None and not is_valid(value):
            raise invalid(name, expected)


def require_fields(body: JsonObject, *names: str) -> None:
    """Check that the fields are present and not empty; raise RefusedRequest 400."""
    for name in names:
        if body.get(name) in (None, ""):
            raise invalid(name, "a value, received nothing")


def query_integer(query: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    """Read an integer from a query; raise RefusedRequest 400."""
    text = query.get(name) or str(default)
    if not text.isdecimal() or not low <= int(text) <= high:
        raise invalid(name, f"integer between {low} and {high}")
    return int(text)


# Makers of checks --------------------------------------------------------------------------------


def number(low: float, high: float) -> Check:
    """Accept a number between two bounds, both included."""
    return f"number between {low:g} and {high:g}", lambda v: is_number(v) and low <= v <= high


def integer(low: int, high: float = float("inf")) -> Check:
    """Accept an integer between two bounds, both included."""
    bound = f"between {low} and {high:g}" if high < float("inf") else f"of at least {low}"
    return f"integer {bound}", lambda v: is_integer(v) and low <= v <= high


def one_of(values: list[str]) -> Check:
    """Accept one of the values."""
    return "one of " + "|".join(f'"{value}"' for value in values), lambda v: v in values


def instance_of(kind: type, name: str) -> Check:
    """Accept a value of a Python type."""
    return name, lambda v: isinstance(v, kind)


# Predicates --------------------------------------------------------------------------------------


def is_string(value: Json) -> bool:
    """Whether it is a string."""
    return isinstance(value, str)


def is_integer(value: Json) -> bool:
    """Whether it is an integer, and not a boolean."""
    # In Python, True is an integer; in JSON it is not.
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: Json) -> bool:
    """Whether it is a number, and not a boolean."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_one_of(value: Json, words: Container[str]) -> bool:
    """Whether it is one of the words; lists and objects, which cannot be hashed, are not."""
    return isinstance(value, str) and value in words


def is_url(value: Json) -> bool:
    """Whether it is a web address or a base64 data URL."""
    if not is_string(value):
        return False
    if value.startswith("data:"):
        head, comma, data = value.partition(",")
        return bool(comma) and head.endswith(";base64") and is_base64(data)
    return bool(value.startswith(("http://", "https://")))


def is_base64(value: Json) -> bool:
    """Whether it is plain base64, without a data URL around it."""
    # Counting characters is several times as fast as decoding, and images are large.
    if not is_string(value) or not value or len(value) % 4 or not value.isascii():
        return False
    rest = value.encode().translate(None, BASE64)
    return rest in (b"", b"=", b"==") and value.endswith(rest.decode())


BASE64 = (string.ascii_letters + string.digits + "+/").encode()
STRING: Check = ("string", is_string)
BOOLEAN = instance_of(bool, "boolean")
OBJECT = instance_of(dict, "object")
TEXT_256: Check = ("string of at most 256", lambda v: is_string(v) and len(v) <= 256)
TRACKING: dict[str, Check] = {"session_id": TEXT_256, "trace": OBJECT, "user": STRING}
"""What every paid request may say of itself."""
RATIOS = [
    *("1:1", "1:2", "1:4", "1:8", "2:1", "2:3", "3:2", "3:4", "4:1", "4:3", "4:5", "5:4", "8:1"),
    *("9:16", "16:9", "9:19.5", "19.5:9", "9:20", "20:9", "9:21", "21:9", "auto"),
    *("2.35:1", "5:2", "5:7", "7:5"),
]
"""The aspect ratios of images, in `/images` and in chat."""
