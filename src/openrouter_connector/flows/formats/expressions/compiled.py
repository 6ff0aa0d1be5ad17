"""Compile expressions: from text to a function of the values in scope.

    expression = compile_expression("size(items) + 1")
    expression.evaluate({"items": [1, 2]})  # 3
    expression.reads                        # {("items",)}

A missing value is null. Evaluation is bounded: an expression has no loops of its own, so it visits
each of its parts once, and what its functions visit and make is limited (`bounds`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from ....values import Json
from .bounds import Frame
from .grammar import parse
from .paths import Path, Scope, path_of, reader


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression."""

    text: str
    reads: frozenset[Path]
    """The paths that it reads, such as `("each_1", "item", 0)`, up to the first computed key."""
    run: Callable[[Frame], Json]
    """Returns the value, and counts the work. ExpressionError if it cannot be computed."""
    is_path: bool = False
    """Whether it is nothing but a path, so that its value is what the path reads."""

    def evaluate(self, scope: Scope) -> Json:
        """Return the value. ExpressionError if it cannot be computed."""
        return self.run(Frame(scope))


@lru_cache(4096)
def compile_expression(text: str) -> Expression:
    """Compile an expression. ExpressionError if the text is not one."""
    if (path := path_of(text)) is not None:
        read = reader(path)
        return Expression(text, frozenset((path,)), lambda frame: read(frame.scope), is_path=True)
    from .nodes import Compiler

    tree = parse(text)
    compiler = Compiler()
    evaluate = compiler.compiled(tree)
    return Expression(text, frozenset(compiler.reads), lambda frame: frame.checked(evaluate(frame)))
