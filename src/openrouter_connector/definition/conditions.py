"""Parse and evaluate conditions, the only expressions of a definition.

    format == 'SIMPLE'
    contains(supportedParameters, 'seed') and not logprobs
    messages[index].role == 'USER'

The language is the intersection of SpEL and Python: ByteChef's engine evaluates it, and Python's
own parser reads it. It has literals, `true false null`, `a`, `a.b`, `a[0]`, `a[index]`, `==`, `!=`,
`and`, `or`, `not`, parentheses and `contains(list or text, item)`. A condition is parsed once and
compiled to a closure. A missing value is null, and evaluating never raises.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..values import Json

Names = Mapping[str, Json]
Evaluate = Callable[[Names], Json]

# Bounds the nesting, and with it the recursion of the compiler and of each evaluation.
MAX_LENGTH = 200
# Python has more ways to write a literal than SpEL, where `'it''s'` even means something else.
_LITERAL = re.compile(r"'[^'\\]*'|\"[^\"\\]*\"|\d+(\.\d+)?")
_WORDS: dict[str, Json] = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled condition: its text, the dotted paths it reads, and `holds(values)`."""

    text: str
    reads: frozenset[str]
    evaluate: Evaluate

    def holds(self, values: Names) -> bool:
        """Return whether the condition holds for these values (`index` may be among them)."""
        return bool(self.evaluate(values))


def compile_condition(text: str) -> Condition:
    """Compile the text of a condition; ValueError names what the language lacks."""
    if len(text) > MAX_LENGTH:
        raise ValueError(f"a condition has at most {MAX_LENGTH} characters, not {len(text)}")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError(f"{text!r} is not a valid condition") from None
    # Python also reads `0x10`, `1_000`, `b''` and `...`, which SpEL does not.
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and not _is_literal(text.strip(), node):
            raise ValueError(f"{ast.unparse(node)!r} is not allowed in a condition")
    reads: set[str] = set()
    evaluate = _compiled(tree.body, reads)
    return Condition(text, frozenset(reads), evaluate)


def _is_literal(text: str, node: ast.Constant) -> bool:
    return _LITERAL.fullmatch(ast.get_source_segment(text, node) or "") is not None


def _compiled(node: ast.expr, reads: set[str]) -> Evaluate:
    """Return the closure of one node. What is not matched here is not in the language."""
    match node:
        case ast.Constant(value=str() | int() | float() as literal):
            return lambda _: literal
        case ast.Name(id=word) if word in _WORDS:
            constant = _WORDS[word]
            return lambda _: constant
        case ast.Name() | ast.Attribute() | ast.Subscript():
            return _path(node, reads)
        case ast.Compare(left=left, ops=[ast.Eq() | ast.NotEq() as operator], comparators=[right]):
            one, other = _compiled(left, reads), _compiled(right, reads)
            if isinstance(operator, ast.Eq):
                return lambda names: _equal(one(names), other(names))
            return lambda names: not _equal(one(names), other(names))
        case ast.BoolOp(op=operator, values=operands):
            parts = [_compiled(operand, reads) for operand in operands]
            joined = all if isinstance(operator, ast.And) else any
            return lambda names: joined(part(names) for part in parts)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            negated = _compiled(operand, reads)
            return lambda names: not negated(names)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return lambda _: -number
        case ast.Call(func=ast.Name(id="contains"), args=[container, item], keywords=[]):
            whole, part = _compiled(container, reads), _compiled(item, reads)
            return lambda names: _contains(whole(names), part(names))
    raise ValueError(f"{ast.unparse(node)!r} is not allowed in a condition")


def _path(node: ast.expr, reads: set[str]) -> Evaluate:
    """Return the closure of `a.b[0]`, and add the properties on its way to `reads` as `a.b`."""
    steps: list[str | int | None] = []  # None stands for `index`
    while not isinstance(node, ast.Name):
        match node:
            case ast.Attribute(value=inner, attr=name):
                steps.append(name)
            case ast.Subscript(value=inner, slice=ast.Constant(value=int() as position)):
                steps.append(position)
            case ast.Subscript(value=inner, slice=ast.Name(id="index")):
                steps.append(None)
            case _:
                raise ValueError(f"{ast.unparse(node)!r} is not allowed in a condition")
        node = inner
    root, steps = node.id, steps[::-1]
    reads.add(".".join([root, *(step for step in steps if isinstance(step, str))]))

    def evaluate(names: Names) -> Json:
        value = names.get(root)
        for step in steps:
            value = _item(value, names.get("index") if step is None else step)
        return value

    return evaluate


def _item(value: Json, key: Json) -> Json:
    """Return the value at a key or position; a missing one is null."""
    if isinstance(value, dict) and isinstance(key, str):
        return value.get(key)
    if isinstance(value, list) and isinstance(key, int) and -len(value) <= key < len(value):
        return value[key]
    return None


def _equal(one: Json, other: Json) -> bool:
    """Compare as JSON does: 1 equals 1.0, but true does not equal 1."""
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _contains(whole: Json, part: Json) -> bool:
    """Return whether a list has an item, or a text a text. `3 in 'text'` would raise in Python."""
    if isinstance(whole, list):
        return any(_equal(item, part) for item in whole)
    return isinstance(whole, str) and isinstance(part, str) and part in whole
