"""Read and write the text of workflow files: JSON and YAML, within bounds.

Both give plain JSON values, in the order of the file. YAML is read as JSON sees it: `NO` is a text,
dates are texts, and no key stands twice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from math import isfinite
from typing import Any

from ...errors import InputError, Problem
from ...values import Json, JsonObject
from .syntax_faults import json_fault, yaml_fault

LARGEST = 10 * 1024 * 1024
"""Bytes of a file."""
DEEPEST = 100
"""Levels of lists and objects in it."""
MOST_VALUES = 1_000_000
"""Values in it, aliases of YAML counted each time: a few lines can make billions (a bomb)."""
_MOST_PROBLEMS = 100
_LARGEST_FLOW_STYLE = 200_000
"""Characters of YAML that begins like JSON. Longer texts are JSON files that were cut off."""
_NEITHER = "the text is neither JSON nor YAML"


def read_document(raw: bytes | str) -> Json:
    """Return the JSON or YAML of a file. InputError if it is neither, too large or too deep."""
    text = raw if isinstance(raw, str) else _decoded(raw)
    if len(text) > LARGEST:
        raise _problem(f"is larger than {LARGEST // 1024**2} MB")
    return as_document(_parsed(text.removeprefix("\ufeff")))


def read_json(text: str | bytes, parse_constant: Callable[[str], Json] | None = None) -> Json:
    """Parse JSON. ValueError if it is none, InputError for a key that stands twice in an object.

    `parse_constant` returns the value of `NaN` and `Infinity`, which Python reads and JSON lacks.
    """
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=parse_constant)
    except RecursionError:
        raise _problem(f"has more than {DEEPEST} levels") from None


def as_document(value: Json) -> Json:
    """Return a value as a document: plain JSON in which each list and object occurs once.

    One that occurs in several places, as by an alias of YAML, is copied, so that a change of one
    place leaves the others alone. InputError for a value that is too deep or too large, and for
    values that a file cannot hold, each with its place.
    """
    level, shared, wrong = [value], False, False
    seen: set[int] = set()
    count = 1
    for _ in range(DEEPEST):
        below: list[Json] = []
        for one in level:
            if not isinstance(one, dict | list):
                wrong = wrong or not _is_plain(one)
                continue
            shared = shared or id(one) in seen
            seen.add(id(one))
            count += len(one)
            if count > MOST_VALUES:
                raise _problem(f"contains more than {MOST_VALUES:,} values, with aliases expanded")
            if isinstance(one, dict):
                wrong = wrong or not all(map(_is_key, one))
                one = one.values()
            below.extend(one)
        if not below:
            break
        level = below
    else:
        raise _problem(f"has more than {DEEPEST} levels, or contains itself")
    if wrong:
        raise InputError(_wrong_values(value, ""))
    return _copied(value) if shared else value


def write_json(value: Json) -> str:
    """Return JSON as people read it, with a line end. InputError for what JSON cannot hold."""
    return json.dumps(as_document(value), ensure_ascii=False, indent=4, allow_nan=False) + "\n"


def write_yaml(value: Json) -> str:
    """Return YAML with the same data in the same order. InputError for what JSON cannot hold."""
    import yaml

    class Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
        def ignore_aliases(self, data: object) -> bool:
            return True

    Dumper.add_representer(str, _quoted)
    document = as_document(value)
    text: str = yaml.dump(document, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=100)
    return text


# What our own reader takes for a number, though YAML 1.1 does not: it is quoted, to stay a text.
_NUMBER_LIKE = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")


def _quoted(dumper: Any, text: str) -> Any:
    style = "'" if _NUMBER_LIKE.fullmatch(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _decoded(raw: bytes) -> str:
    if len(raw) > LARGEST:
        raise _problem(f"is larger than {LARGEST // 1024**2} MB")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise _problem("is not UTF-8 text") from None


def _parsed(text: str) -> Json:
    if text.lstrip()[:1] not in ("{", "["):
        return _yaml(text)
    try:
        return read_json(text)
    except ValueError as error:
        fault = json_fault(error, text)
    if len(text) > _LARGEST_FLOW_STYLE:
        raise InputError([Problem("", f"the text is not JSON{fault}")])
    # Flow style YAML begins like JSON.
    try:
        return _yaml(text)
    except InputError:
        raise InputError([Problem("", f"{_NEITHER}{fault}")]) from None


def _object(pairs: list[tuple[str, Json]]) -> JsonObject:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError([Problem(_shown(twice[:100]), "the key stands twice in one object")])
    return found


def _yaml(text: str) -> Json:
    import yaml

    from .yaml_reader import read_yaml

    try:
        return read_yaml(text, DEEPEST)
    except (yaml.YAMLError, ValueError) as error:
        raise InputError([Problem("", f"{_NEITHER}{yaml_fault(error)}")]) from None


def _is_plain(value: Json) -> bool:
    """Return whether a value that holds no others is one of JSON."""
    if isinstance(value, str):
        return value.isascii() or _is_encodable(value)
    if isinstance(value, float):
        return isfinite(value)
    return value is None or isinstance(value, int)


def _is_key(value: Json) -> bool:
    return isinstance(value, str) and (value.isascii() or _is_encodable(value))


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _wrong_values(value: Json, place: str) -> list[Problem]:
    """Return the values that a file cannot hold, the first of them."""
    found: list[Problem] = []
    pairs: Iterable[tuple[str, Json]] = ()
    if isinstance(value, dict):
        for key in value:
            if not _is_key(key):
                found.append(Problem(place, f"holds a key that is no text: {_shown(key)}"))
        pairs = ((f"{place}.{_shown(key)}" if place else _shown(key), value[key]) for key in value)
    elif isinstance(value, list):
        pairs = ((f"{place}[{index}]", item) for index, item in enumerate(value))
    elif not _is_plain(value):
        found.append(Problem(place, _why_wrong(value)))
    for inside, item in pairs:
        if len(found) >= _MOST_PROBLEMS:
            break
        found += _wrong_values(item, inside)
    return found


def _why_wrong(value: Json) -> str:
    if isinstance(value, float):
        return "is no number that JSON can express: it is too large, or not a number"
    if isinstance(value, str):
        return "holds half of a character (a lone surrogate), which no file can hold"
    return f"is no value of JSON: {type(value).__name__}"


def _shown(key: object) -> str:
    return str(key).encode("utf-8", "backslashreplace").decode()


def _copied(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value


def _problem(message: str) -> InputError:
    return InputError([Problem("file", message)])
