"""Compile the nodes of a parsed expression, each to a function of a frame."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ....suggest import did_you_mean
from ....values import Json
from .bounds import Frame
from .errors import ExpressionError
from .functions import FUNCTIONS, REFUSED, Function
from .paths import Path, path_text, reader, static_path
from .values import NULL, compared, computed, described, equal, item, negative, truth, unquoted
from .values import number as number_of

if TYPE_CHECKING:
    from .grammar import Node

Evaluate = Callable[[Frame], Json]

DEEPEST = 100
"""Levels of a parsed expression. Compiling and evaluating go down them by calling themselves."""


class Compiler:
    """Compiles one expression, and notes the paths that it reads."""

    def __init__(self) -> None:
        self.reads: set[Path] = set()
        self._depth = 0

    def compiled(self, node: Node) -> Evaluate:
        """Return the function of a node. ExpressionError if a part of it is not supported."""
        path = static_path(node)
        if path is not None:
            self.reads.add(path)
            read = reader(path)
            return lambda frame: read(frame.scope)
        if self._depth >= DEEPEST:
            raise ExpressionError(f"has more than {DEEPEST} levels")
        self._depth += 1
        evaluate = _NODES[node.data](node.children, self)
        self._depth -= 1
        return evaluate


def _constant(value: Json) -> Evaluate:
    return lambda frame: value


def _member(children: list[Any], compiler: Compiler) -> Evaluate:
    holder, name = compiler.compiled(children[0]), str(children[1])
    return lambda frame: item(holder(frame), name)


def _item(children: list[Any], compiler: Compiler) -> Evaluate:
    holder, key = map(compiler.compiled, children)
    return lambda frame: item(holder(frame), key(frame))


def _call(children: list[Any], compiler: Compiler) -> Evaluate:
    name, *arguments = children
    apply = _function(str(name), arguments)
    values = [compiler.compiled(argument) for argument in arguments]
    return lambda frame: apply(frame, [value(frame) for value in values])


def _method(children: list[Any], compiler: Compiler) -> Evaluate:
    holder, name, *arguments = children
    return _call([name, holder, *arguments], compiler)


def _safe_method(children: list[Any], compiler: Compiler) -> Evaluate:
    """Compile `a?.size()`: null if `a` is null."""
    name, arguments = str(children[1]), [children[0], *children[2:]]
    apply = _function(name, arguments)
    holder, *others = map(compiler.compiled, arguments)

    def evaluate(frame: Frame) -> Json:
        value = holder(frame)
        return None if value is None else apply(frame, [value, *(one(frame) for one in others)])

    return evaluate


def _function(name: str, arguments: list[Any]) -> Callable[[Frame, list[Json]], Json]:
    """Return the function of a name, with its work counted and its name in its errors."""
    if why := REFUSED.get(name):
        raise ExpressionError(f"calls {name}(), which {why} and is not supported")
    function = FUNCTIONS.get(name)
    if function is None:
        raise ExpressionError(
            f"calls {name}(), which does not exist{did_you_mean(name, FUNCTIONS)}"
        )
    _check_count(name, function, len(arguments))
    call, spend, names = function.call, function.spend, _names(arguments)

    def apply(frame: Frame, values: list[Json]) -> Json:
        spend(frame, *values)
        try:
            value = call(*values)
        except ExpressionError as error:
            raise ExpressionError(f"{name}() {error}{_kinds(names, values)}") from None
        frame.spend(value)
        frame.made = True
        return value

    return apply


def _check_count(name: str, function: Function, count: int) -> None:
    fewest, most = function.fewest, function.most
    if count >= fewest and (most is None or count <= most):
        return
    if most is None:
        expected = f"at least {fewest}"
    else:
        expected = str(fewest) if fewest == most else f"{fewest} or {most}"
    raise ExpressionError(f"gives {name}() {count} arguments; it takes {expected}")


def _ternary(children: list[Any], compiler: Compiler) -> Evaluate:
    condition, one, other = map(compiler.compiled, children)
    return lambda frame: one(frame) if truth(condition(frame)) else other(frame)


def _elvis(children: list[Any], compiler: Compiler) -> Evaluate:
    one, other = map(compiler.compiled, children)

    def evaluate(frame: Frame) -> Json:
        value = one(frame)
        return other(frame) if value is None or value == "" else value

    return evaluate


def _either(children: list[Any], compiler: Compiler) -> Evaluate:
    parts = [compiler.compiled(one) for one, _ in _chain("either", children)]
    return lambda frame: any(truth(part(frame)) for part in parts)


def _both(children: list[Any], compiler: Compiler) -> Evaluate:
    parts = [compiler.compiled(one) for one, _ in _chain("both", children)]
    return lambda frame: all(truth(part(frame)) for part in parts)


def _no(children: list[Any], compiler: Compiler) -> Evaluate:
    value = compiler.compiled(children[-1])
    return lambda frame: not truth(value(frame))


def _compared(children: list[Any], compiler: Compiler) -> Evaluate:
    one, other = compiler.compiled(children[0]), compiler.compiled(children[2])
    operator = _sign(children[1])
    names = _names((children[0], children[2]))

    def evaluate(frame: Frame) -> Json:
        left, right = one(frame), other(frame)
        if operator in ("==", "!="):
            frame.spend_equal(left, right)
            return equal(left, right) == (operator == "==")
        try:
            return compared(operator, left, right)
        except ExpressionError as error:
            raise ExpressionError(f"{error}{_kinds(names, (left, right))}") from None

    return evaluate


def _computed(children: list[Any], compiler: Compiler) -> Evaluate:
    (first, _), *rest = chain = _chain("computed", children)
    value_of = compiler.compiled(first)
    names = pairwise(_names(node for node, _ in chain))
    others = [
        (compiler.compiled(node), _sign(operator), pair)
        for (node, operator), pair in zip(rest, names, strict=True)
    ]

    def evaluate(frame: Frame) -> Json:
        value = value_of(frame)
        for other, operator, pair in others:
            right = other(frame)
            if isinstance(value, list) and isinstance(right, list):
                frame.spend(value, right)
                frame.made = True
            elif isinstance(value, list | dict) or isinstance(right, list | dict):
                frame.spend_written(value, right)
            try:
                value = computed(operator, value, right)
            except ExpressionError as error:
                raise ExpressionError(f"{error}{_kinds(pair, (value, right))}") from None
        return value

    return evaluate


def _chain(kind: str, children: list[Any]) -> list[tuple[Any, object]]:
    """Return the operands of `a + b - c`, each with the operator before it.

    The tree holds such a chain leaning to the left, as deep as it is long.
    """
    links: list[tuple[Any, object]] = []
    while True:
        links.append((children[-1], children[1]))
        if children[0].data != kind:
            return [(children[0], ""), *reversed(links)]
        children = children[0].children


def _names(nodes: Iterable[Any]) -> list[str]:
    """Return the paths that nodes are, as they are written; empty for anything else."""
    paths = [static_path(node) for node in nodes]
    return [f"`{path_text(path)}`" if path else "" for path in paths]


def _kinds(names: Sequence[str], values: Sequence[Json]) -> str:
    """Return what the values of paths are, for an error: their kinds, and no content."""
    known = {name: described(value) for name, value in zip(names, values, strict=True) if name}
    if not known:
        return ""
    listed = (f"{name} is {'null' if kind == NULL else kind}" for name, kind in known.items())
    return f": {', '.join(listed)}"


def _sign(operator: object) -> str:
    return _SIGNS.get(str(operator).lower(), str(operator))


def _negative(children: list[Any], compiler: Compiler) -> Evaluate:
    if children[-1].data == "number":  # the smallest integer has no positive counterpart
        return _constant(number_of(f"-{children[-1].children[0]}"))
    value = compiler.compiled(children[-1])
    return lambda frame: negative(value(frame))


def _list(children: list[Any], compiler: Compiler) -> Evaluate:
    parts = [compiler.compiled(child) for child in children]

    def evaluate(frame: Frame) -> Json:
        frame.made = True
        return [part(frame) for part in parts]

    return evaluate


def _object(children: list[Any], compiler: Compiler) -> Evaluate:
    pairs = [(_key(pair.children[0]), compiler.compiled(pair.children[1])) for pair in children]

    def evaluate(frame: Frame) -> Json:
        frame.made = True
        return {name: value(frame) for name, value in pairs}

    return evaluate


def _key(node: Any) -> str:
    text = str(node.children[0])
    return unquoted(text) if node.data == "text" else text


_SIGNS = {
    "eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "div": "/", "mod": "%",
}  # fmt: skip
_NODES: Mapping[str, Callable[[list[Any], Compiler], Evaluate]] = {
    "number": lambda children, compiler: _constant(number_of(str(children[0]))),
    "text": lambda children, compiler: _constant(unquoted(children[0])),
    "true": lambda children, compiler: _constant(True),
    "false": lambda children, compiler: _constant(False),
    "null": lambda children, compiler: _constant(None),
    "member": _member,
    "item": _item,
    "call": _call,
    "method": _method,
    "safe_method": _safe_method,
    "ternary": _ternary,
    "elvis": _elvis,
    "either": _either,
    "both": _both,
    "no": _no,
    "compared": _compared,
    "computed": _computed,
    "negative": _negative,
    "positive": lambda children, compiler: compiler.compiled(children[-1]),
    "list": _list,
    "object": _object,
}
