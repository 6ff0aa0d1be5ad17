"""Paths such as `each_1.item['F-NOM'][0]`, which are most of all expressions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ....values import Json
from .values import item, unquoted

if TYPE_CHECKING:
    from .grammar import Node

Path = tuple[str | int, ...]
Scope = Mapping[str, Json]

# Most expressions are paths, which are read without the parser: it takes 100 ms to import.
_STEP = r"\.[^\W\d]\w*|\.?\[[0-9]{1,9}\]|\.?\['[^']*'\]|\.?\[\"[^\"]*\"\]"
_PATH = re.compile(rf"\s*([^\W\d]\w*)((?:{_STEP})*)\s*")
_STEPS = re.compile(_STEP)
_PLAIN_NAME = re.compile(r"[^\W\d]\w*")
_LONGEST = 500  # characters
WORDS = {"true", "false", "null", "and", "or", "not"} | {
    "eq", "ne", "lt", "le", "gt", "ge", "div", "mod"
}  # fmt: skip
"""Words of the language, in any case: no name that an expression begins with."""


def path_of(text: str) -> Path | None:
    """Return the steps of a path such as `a.b[0]['c d']`; None for any other expression."""
    found = _PATH.fullmatch(text) if len(text) <= _LONGEST else None
    if not found or found[1].lower() in WORDS:
        return None
    return (found[1], *map(_step, _STEPS.findall(found[2])))


def path_text(path: Path) -> str:
    """Return a path as an expression writes it: `ask_1.items[0]['c d']`."""
    return str(path[0]) + "".join(map(_step_text, path[1:]))


def _step_text(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    if _PLAIN_NAME.fullmatch(step):
        return f".{step}"
    if "'" in step and '"' not in step:
        return f'["{step}"]'
    return "['" + step.replace("'", "''") + "']"


def static_path(node: Node) -> Path | None:
    """Return the path that a parsed expression is; None if it computes a key, or is no path."""
    steps: list[str | int] = []
    current: Any = node
    while current.data in ("member", "item"):
        current, key = current.children
        step = str(key) if not hasattr(key, "data") else _literal_key(key)
        if step is None:
            return None
        steps.append(step)
    if current.data != "name":
        return None
    return (str(current.children[0]), *reversed(steps))


def reader(path: Path) -> Callable[[Scope], Json]:
    """Return the function that reads a path in a scope; what is missing is null."""
    root, steps = path[0], path[1:]

    def read(scope: Scope) -> Json:
        value = scope.get(root)  # type: ignore[arg-type]
        for step in steps:
            if isinstance(value, dict) and isinstance(step, str):
                value = value.get(step)
            else:
                value = item(value, step)
        return value

    return read


def _step(text: str) -> str | int:
    inner = text.lstrip(".").strip("[]")
    if inner[:1] in "'\"" and inner:
        return inner[1:-1]
    return int(inner) if inner.isdecimal() else inner


def _literal_key(node: Any) -> str | int | None:
    if node.data == "text":
        return unquoted(node.children[0])
    number = str(node.children[0]) if node.data == "number" else ""
    return int(number) if number.isdecimal() and len(number) < 10 else None
