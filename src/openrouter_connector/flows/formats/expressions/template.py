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
from .bounds import LARGEST_RESULT, Frame
from .compiled import Expression, compile_expression
from .errors import ExpressionError
from .grammar import LONGEST
from .paths import Path, Scope
from .values import as_text, joined

_MOST_UNCLOSED = 100  # `${` without an end, each of which costs a search
_MOST_READ = 50_000  # characters of expressions in one text; reading them takes up to 0.5 s
_PER_PILL = 20  # characters that each expression counts besides its own
_LONGEST_CACHED = 5000  # characters; a cache of longer texts would fill the memory
_LONGEST_SHOWN = 80  # characters of an expression in a message


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
        frame = Frame(scope)
        if len(self.parts) == 1:
            return _value(self.parts[0], frame)
        return joined((_text(part, frame) for part in self.parts), limit=LARGEST_RESULT)


def read_template(text: str) -> Template:
    """Read a text of a parameter. Never raises: what is no expression is text."""
    return _read_cached(text) if len(text) <= _LONGEST_CACHED else _read(text)


def _read(text: str) -> Template:
    problems: list[str] = []
    if text.startswith("="):
        try:
            return Template(text, (compile_expression(text[1:]),))
        except ExpressionError as error:
            problems.append(f"{shortened(text)} is no formula and stays text: it {error}")
    parts: list[str | Expression] = []
    for literal, pill in pieces(text, problems):
        if literal:
            parts.append(literal)
        if pill is None:
            continue
        try:
            parts.append(compile_expression(pill))
        except ExpressionError as error:
            parts.append(whole := "${" + pill + "}")
            problems.append(f"{shortened(whole)} is no expression and stays text: it {error}")
    return Template(text, tuple(parts) or ("",), tuple(problems))


_read_cached = lru_cache(4096)(_read)


def shortened(text: str) -> str:
    """Return an expression for a message, in quotes and not too long."""
    shown = text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 3] + "…"
    return f"`{shown}`"


def _text(part: str | Expression, frame: Frame) -> str:
    value = _value(part, frame)
    if isinstance(value, list | dict):
        frame.spend_written(value)
    return as_text(value, LARGEST_RESULT)


def _value(part: str | Expression, frame: Frame) -> Json:
    if isinstance(part, str):
        return part
    try:
        return part.run(frame)
    except ExpressionError as error:
        raise ExpressionError(f"{shortened(part.text)}: {error}") from None


def pieces(text: str, problems: list[str]) -> Iterator[tuple[str, str | None]]:
    """Yield each literal part with the pill after it; None after the last.

    Add a problem for the first pill that has no end, and for pills that are too many.
    """
    done = searched = unclosed = 0
    left = _MOST_READ
    while (start := text.find("${", searched)) >= 0 and unclosed < _MOST_UNCLOSED:
        end = _end_of_pill(text, start + 2)
        if end is None:
            if not unclosed:
                beginning = shortened(text[start : start + _LONGEST_SHOWN + 1])
                problems.append(f"{beginning} has no closing brace and stays text")
            searched, unclosed = start + 2, unclosed + 1
            continue
        left -= end - start + _PER_PILL
        if left < 0:
            rest = shortened(text[start : start + _LONGEST_SHOWN + 1])
            problems.append(f"{rest} stays text: the expressions before it are too many")
            break
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
