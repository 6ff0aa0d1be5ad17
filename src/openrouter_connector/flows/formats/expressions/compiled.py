"""Compile expressions: from text to a function of the values in scope.

    expression = compile_expression("size(items) + 1")
    expression.evaluate({"items": [1, 2]})  # 3
    expression.reads                        # {("items",)}

A missing value is null. Evaluation is bounded: an expression has no loops of its own, so it visits
each of its parts once, and what its functions make is limited in size.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ....suggest import did_you_mean
from ....values import Json
from .errors import ExpressionError
from .functions import FUNCTIONS, REFUSED, Function
from .grammar import parse
from .values import compared, computed, equal, item, negative, truth

if TYPE_CHECKING:
    from .grammar import Node

Scope = Mapping[str, Json]
Evaluate = Callable[[Scope], Json]
Path = tuple[str | int, ...]

# Most expressions are paths, which are read without the parser: it takes 100 ms to import.
_STEP = r"\.[^\W\d]\w*|\.?\[\d{1,9}\]|\.?\['[^']*'\]|\.?\[\"[^\"]*\"\]"
_PATH = re.compile(rf"\s*([^\W\d]\w*)((?:{_STEP})*)\s*")
_STEPS = re.compile(_STEP)
_WORDS = {"true", "false", "null", "and", "or", "not"} | {
    "eq", "ne", "lt", "le", "gt", "ge", "div", "mod"
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression."""

    text: str
    reads: frozenset[Path]
    """The paths that it reads, such as `("each_1", "item", 0)`, up to the first computed key."""
    evaluate: Evaluate
    """Returns the value. ExpressionError if it cannot be computed."""
    is_path: bool = False
    """Whether it is nothing but a path, so that its value is what the path reads."""


@lru_cache(4096)
def compile_expression(text: str) -> Expression:
    """Compile an expression. ExpressionError if the text is not one."""
    if (path := _path_of(text)) is not None:
        return Expression(text, frozenset((path,)), _reading(path), is_path=True)
    reads: set[Path] = set()
    evaluate = _compiled(parse(text), reads)
    return Expression(text, frozenset(reads), evaluate)


def _path_of(text: str) -> Path | None:
    """Return the steps of a path such as `a.b[0]['c d']`; None for any other expression."""
    found = _PATH.fullmatch(text)
    if not found or found[1].lower() in _WORDS or len(text) > 500:
        return None
    return (found[1], *map(_step, _STEPS.findall(found[2])))


def _step(text: str) -> str | int:
    inner = text.lstrip(".").strip("[]")
    if inner[:1] in "'\"" and inner:
        return inner[1:-1]
    return int(inner) if inner.isdecimal() else inner


def _reading(path: Path) -> Evaluate:
    root, steps = path[0], path[1:]

    def evaluate(scope: Scope) -> Json:
        value = scope.get(root)  # type: ignore[arg-type]
        for step in steps:
            if isinstance(value, dict) and isinstance(step, str):
                value = value.get(step)
            else:
                value = item(value, step)
        return value

    return evaluate


def _compiled(node: Node, reads: set[Path]) -> Evaluate:
    """Return the function of a node, noting the paths that it reads."""
    path = _static_path(node)
    if path is not None:
        reads.add(path)
        return _reading(path)
    return _NODES[node.data](node.children, reads)


def _static_path(node: Any) -> Path | None:
    if node.data == "name":
        return (str(node.children[0]),)
    if node.data in ("member", "item"):
        holder, key = node.children
        path = _static_path(holder)
        step = str(key) if node.data == "member" else _literal_key(key)
        return None if path is None or step is None else (*path, step)
    return None


def _literal_key(node: Any) -> str | int | None:
    if node.data == "text":
        return _unquoted(node.children[0])
    number = str(node.children[0]) if node.data == "number" else ""
    return int(number) if number.isdecimal() else None


def _unquoted(token: object) -> str:
    text = str(token)
    return text[1:-1].replace(text[0] * 2, text[0])


def _number(children: list[Any], reads: set[Path]) -> Evaluate:
    text = str(children[0])
    plain = text.rstrip("lLfFdD")
    value: Json = int(plain) if plain.isdecimal() and text[-1] not in "fFdD" else float(plain)
    return _constant(value)


def _constant(value: Json) -> Evaluate:
    return lambda scope: value


def _member(children: list[Any], reads: set[Path]) -> Evaluate:
    holder, name = _compiled(children[0], reads), str(children[1])
    return lambda scope: item(holder(scope), name)


def _item(children: list[Any], reads: set[Path]) -> Evaluate:
    holder, key = (_compiled(child, reads) for child in children)
    return lambda scope: item(holder(scope), key(scope))


def _call(children: list[Any], reads: set[Path]) -> Evaluate:
    name, *arguments = children
    return _called(str(name), [_compiled(one, reads) for one in arguments])


def _method(children: list[Any], reads: set[Path]) -> Evaluate:
    holder, name, *arguments = children
    values = [_compiled(one, reads) for one in (holder, *arguments)]
    return _called(str(name), values)


def _called(name: str, arguments: list[Evaluate]) -> Evaluate:
    if why := REFUSED.get(name):
        raise ExpressionError(f"calls {name}(), which {why} and is not supported")
    function = FUNCTIONS.get(name)
    if function is None:
        raise ExpressionError(
            f"calls {name}(), which does not exist{did_you_mean(name, FUNCTIONS)}"
        )
    _check_count(name, function, len(arguments))
    call = function.call

    def evaluate(scope: Scope) -> Json:
        try:
            return call(*[argument(scope) for argument in arguments])
        except ExpressionError as error:
            raise ExpressionError(f"{name}() {error}" if _is_own(error) else str(error)) from None

    return evaluate


def _is_own(error: ExpressionError) -> bool:
    """Return whether a message does not name its function yet."""
    return "() " not in str(error)


def _check_count(name: str, function: Function, count: int) -> None:
    if count < function.fewest or (function.most is not None and count > function.most):
        wanted = (
            str(function.fewest)
            if function.fewest == function.most
            else (
                f"at least {function.fewest}"
                if function.most is None
                else f"{function.fewest} or {function.most}"
            )
        )
        raise ExpressionError(f"gives {name}() {count} arguments; it takes {wanted}")


def _ternary(children: list[Any], reads: set[Path]) -> Evaluate:
    condition, one, other = (_compiled(child, reads) for child in children)
    return lambda scope: one(scope) if truth(condition(scope)) else other(scope)


def _elvis(children: list[Any], reads: set[Path]) -> Evaluate:
    one, other = (_compiled(child, reads) for child in children)

    def evaluate(scope: Scope) -> Json:
        value = one(scope)
        return other(scope) if value is None or value == "" else value

    return evaluate


def _either(children: list[Any], reads: set[Path]) -> Evaluate:
    one, other = (_compiled(child, reads) for child in children)
    return lambda scope: truth(one(scope)) or truth(other(scope))


def _both(children: list[Any], reads: set[Path]) -> Evaluate:
    one, other = (_compiled(child, reads) for child in children)
    return lambda scope: truth(one(scope)) and truth(other(scope))


def _no(children: list[Any], reads: set[Path]) -> Evaluate:
    value = _compiled(children[0], reads)
    return lambda scope: not truth(value(scope))


def _compared(children: list[Any], reads: set[Path]) -> Evaluate:
    one, other = _compiled(children[0], reads), _compiled(children[2], reads)
    operator = _SIGNS.get(str(children[1]).lower(), str(children[1]))
    if operator == "==":
        return lambda scope: equal(one(scope), other(scope))
    if operator == "!=":
        return lambda scope: not equal(one(scope), other(scope))
    return lambda scope: compared(operator, one(scope), other(scope))


def _computed(children: list[Any], reads: set[Path]) -> Evaluate:
    one, other = _compiled(children[0], reads), _compiled(children[2], reads)
    operator = _SIGNS.get(str(children[1]).lower(), str(children[1]))
    return lambda scope: computed(operator, one(scope), other(scope))


def _negative(children: list[Any], reads: set[Path]) -> Evaluate:
    value = _compiled(children[-1], reads)
    return lambda scope: negative(value(scope))


def _list(children: list[Any], reads: set[Path]) -> Evaluate:
    parts = [_compiled(child, reads) for child in children]
    return lambda scope: [part(scope) for part in parts]


def _object(children: list[Any], reads: set[Path]) -> Evaluate:
    pairs = []
    for pair in children:
        key, value = pair.children
        name = _unquoted(key.children[0]) if key.data == "text" else str(key.children[0])
        pairs.append((name, _compiled(value, reads)))
    return lambda scope: {name: value(scope) for name, value in pairs}


_SIGNS = {
    "eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "div": "/", "mod": "%",
}  # fmt: skip
_NODES: Mapping[str, Callable[[list[Any], set[Path]], Evaluate]] = {
    "number": _number,
    "text": lambda children, reads: _constant(_unquoted(children[0])),
    "true": lambda children, reads: _constant(True),
    "false": lambda children, reads: _constant(False),
    "null": lambda children, reads: _constant(None),
    "member": _member,
    "item": _item,
    "call": _call,
    "method": _method,
    "ternary": _ternary,
    "elvis": _elvis,
    "either": _either,
    "both": _both,
    "no": _no,
    "compared": _compared,
    "computed": _computed,
    "negative": _negative,
    "positive": lambda children, reads: _compiled(children[-1], reads),
    "list": _list,
    "object": _object,
}
