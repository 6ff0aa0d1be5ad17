"""Conditions of containers: one expression, in which `${…}` may stand around names.

${ask_1.score} == 0
'${ask_1.category}' == 'tech'        a pill inside quotes is text, as real files write it;
                                     they may be single or double
=value1 == value2 or value1 gt value2
"""

from __future__ import annotations

import re

from .compiled import Expression, compile_expression
from .errors import ExpressionError
from .grammar import check_size
from .template import Template, pieces, shortened

_QUOTE = re.compile("['\"]")


def read_condition(text: str) -> Template:
    """Read the condition of a container. What is no expression stays text, with its problem."""
    source = text.removeprefix("=")
    try:
        check_size(source)
        found = compile_expression(_with_joined_pills(source))
    except ExpressionError as error:
        # No pill in it is read either: a text in place of a condition would always hold.
        return Template(text, (text,), (f"{shortened(text)} is no condition: it {error}",))
    return Template(text, (Expression(text, found.reads, found.run),))


def _with_joined_pills(source: str) -> str:
    """Return an expression in which quoted texts with pills are joined from their parts."""
    done, parts = 0, list[str]()
    while found := _QUOTE.search(source, done):
        start, quote = found.start(), found[0]
        end, has_pill = _end_of_quoted(source, start + 1, quote)
        quoted = source[start:end]
        parts += [source[done:start], _joined(quoted, quote) if has_pill else quoted]
        done = end
    return "".join([*parts, source[done:]])


def _end_of_quoted(source: str, place: int, quote: str) -> tuple[int, bool]:
    """Return where a quoted text ends, and whether a pill is in it.

    A pill may hold quotes of its own: `'${loop_1.item['City']}'`.
    """
    has_pill = False
    while place < len(source):
        if source.startswith("${", place):
            end = source.find("}", place)
            if end >= 0 and "{" not in source[place + 2 : end]:
                has_pill, place = True, end
        elif source.startswith(quote * 2, place):
            place += 1
        elif source[place] == quote:
            return place + 1, has_pill
        place += 1
    return len(source), False


def _joined(quoted: str, quote: str) -> str:
    """Return a text with pills inside as an expression that joins its parts."""
    parts = ["''"]
    for literal, pill in pieces(quoted[1:-1], []):
        parts += [f"{quote}{literal}{quote}"] if literal else []
        parts += [f"({pill})"] if pill is not None else []
    return f"({' + '.join(parts)})"
