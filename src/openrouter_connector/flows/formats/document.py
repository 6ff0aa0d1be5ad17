"""Read and write the text of workflow files: JSON and YAML, within bounds.

Both give plain JSON values, in the order of the file. YAML is read as JSON sees it: `NO` is a text,
dates are texts, and no key stands twice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from ...errors import InputError, Problem
from ...values import Json, JsonObject

LARGEST = 10 * 1024 * 1024
"""Bytes of a file."""
DEEPEST = 100
"""Levels of lists and objects in it."""
MOST_VALUES = 1_000_000
"""Values in it, aliases of YAML counted each time: a few lines can stand for billions (bomb)."""


def read_document(raw: bytes | str) -> Json:
    """Return the JSON or YAML of a file. InputError if it is neither, too large or too deep."""
    text = raw if isinstance(raw, str) else _decoded(raw)
    if len(text) > LARGEST:
        raise _problem(f"is larger than {LARGEST // 1024**2} MB")
    value = _parsed(text.removeprefix("\ufeff"))
    check_bounds(value)
    return value


def write_json(value: Json) -> str:
    """Return JSON as people read it, with a line end."""
    return json.dumps(value, ensure_ascii=False, indent=4, allow_nan=False) + "\n"


def write_yaml(value: Json) -> str:
    """Return YAML with the same data in the same order."""
    import yaml

    class Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
        def ignore_aliases(self, data: object) -> bool:
            return True

    Dumper.add_representer(str, _quoted)
    text: str = yaml.dump(value, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=100)
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
    if text.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(text, object_pairs_hook=_object, parse_constant=_refuse)
        except RecursionError:
            raise _problem(f"has more than {DEEPEST} levels") from None
        except ValueError as error:
            failed = error
        # Flow style YAML begins like JSON.
        try:
            return _yaml(text)
        except InputError:
            raise _problem(f"is neither JSON nor YAML: {failed}") from None
    return _yaml(text)


def _object(pairs: list[tuple[str, Json]]) -> JsonObject:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError([Problem(twice[:100], "the key stands twice in one object")])
    return found


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _yaml(text: str) -> Json:
    import yaml

    from ...definition.load import JsonLoader

    try:
        return yaml.load(text, JsonLoader)  # noqa: S506 - built on the safe loader
    except (yaml.YAMLError, ValueError, KeyError, AttributeError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f" (line {mark.line + 1}: {getattr(error, 'problem', '')})" if mark else ""
        raise _problem(f"is neither JSON nor YAML{place}") from None
    except RecursionError:
        raise _problem(f"has more than {DEEPEST} levels") from None


def check_bounds(value: Json) -> None:
    """Raise InputError for a value that is too deep, or too large with its aliases expanded."""
    count = 0
    waiting: list[tuple[Json, int]] = [(value, 1)]
    while waiting:
        one, depth = waiting.pop()
        count += 1
        if depth > DEEPEST:
            raise _problem(f"has more than {DEEPEST} levels, or contains itself")
        if count > MOST_VALUES:
            raise _problem(f"contains more than {MOST_VALUES:,} values, with aliases expanded")
        waiting += [(inner, depth + 1) for inner in _inside(one)]


def _inside(value: Any) -> Iterator[Json]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _problem(message: str) -> InputError:
    return InputError([Problem("file", message)])
