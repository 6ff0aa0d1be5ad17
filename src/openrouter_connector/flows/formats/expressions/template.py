"""Texts with expressions in them, as parameters hold them.

    ${ask_1}                     a pill alone: its value keeps its type
    Dear ${name}, …              pills inside text: their values become text
    =size(items) + 1             a formula

A text that is no valid expression stays text, as `=SUM(A1:A3)` for a spreadsheet does: `problems`
says so, since it may as well be a slip.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from ....values import Json
from .compiled import Expression, Path, Scope, compile_expression
from .errors import ExpressionError
from .grammar import LONGEST
from .values import as_text, bounded

_MOST_UNCLOSED = 100  # `${` without an end, each of which costs a search


@dataclass(frozen=True, slots=True)
class Template:
    """A text of a parameter: literal parts and expressions."""

    text: str
    parts: tuple[str | Expression, ...]
    problems: tuple[str, ...] = ()
    """Why parts that look like expressions are text."""

    @property
    def is_dynamic(self) -> bool:
        """Whether it holds an expression."""
        return any(isinstance(part, Expression) for part in self.parts)

    @property
    def reads(self) -> frozenset[Path]:
        """The paths that its expressions read."""
        found = [part.reads for part in self.parts if isinstance(part, Expression)]
        return frozenset().union(*found)

    def evaluate(self, scope: Scope) -> Json:
        """Return the value of a single expression, else the text with all values in it.

        ExpressionError names the expression.
        """
        if len(self.parts) == 1:
            return _value(self.parts[0], scope)
        return bounded("".join(as_text(_value(part, scope)) for part in self.parts))


@lru_cache(4096)
def read_template(text: str) -> Template:
    """Read a text of a parameter. Never raises: what is no expression is text."""
    if text.startswith("="):
        try:
            return Template(text, (compile_expression(text[1:]),))
        except ExpressionError as error:
            formula = f"{shortened(text)} is no formula and stays text: it {error}"
    else:
        formula = ""
    parts: list[str | Expression] = []
    problems = [formula] if formula else []
    for literal, pill in pieces(text):
        if literal:
            parts.append(literal)
        if pill is None:
            continue
        try:
            parts.append(compile_expression(pill))
        except ExpressionError as error:
            parts.append("${" + pill + "}")
            problems.append(
                f"{shortened('${' + pill + '}')} is no expression and stays text: it {error}"
            )
    return Template(text, tuple(parts) or ("",), tuple(problems))


def shortened(text: str) -> str:
    """Return an expression for a message, in quotes and not too long."""
    return f"`{text if len(text) <= 80 else text[:77] + '…'}`"


def _value(part: str | Expression, scope: Scope) -> Json:
    if isinstance(part, str):
        return part
    try:
        return part.evaluate(scope)
    except ExpressionError as error:
        raise ExpressionError(f"{shortened(part.text)}: {error}") from None


def pieces(text: str) -> Iterator[tuple[str, str | None]]:
    """Yield each literal part with the pill after it; None after the last."""
    done = searched = unclosed = 0
    while (start := text.find("${", searched)) >= 0 and unclosed < _MOST_UNCLOSED:
        end = _end_of_pill(text, start + 2)
        if end is None:
            searched, unclosed = start + 2, unclosed + 1
            continue
        yield text[done:start], text[start + 2 : end]
        done = searched = end + 1
    yield text[done:], None


def _end_of_pill(text: str, start: int) -> int | None:
    """Return where the brace closes, outside quotes and inner braces; None if it does not."""
    depth, quote = 1, ""
    for place in range(start, min(len(text), start + LONGEST + 2)):
        character = text[place]
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
            if not depth:
                return place
    # A quote in prose, as in ${don't}, hides the brace: look again without quotes.
    end = text.find("}", start, start + LONGEST + 2)
    return end if end >= 0 and quote else None
