"""Conditions of containers: one expression, in which `${…}` may stand around names.

${ask_1.score} == 0
'${ask_1.category}' == 'tech'        a pill inside quotes is text, as real files write it
=value1 == value2 or value1 gt value2
"""

from __future__ import annotations

import re

from .compiled import Expression, compile_expression
from .errors import ExpressionError
from .template import Template, pieces, shortened

# A pill inside the quotes may hold quotes of its own: '${loop_1.item['City']}'.
_QUOTED_PILL = re.compile(r"'(?:[^'${]|''|\$(?!\{)|\{|\$\{[^{}]*\})*\$\{[^{}]*\}[^']*'")


def read_condition(text: str) -> Template:
    """Read the condition of a container. What is no expression stays text, with its problem."""
    source = text.removeprefix("=")
    try:
        found = compile_expression(_QUOTED_PILL.sub(lambda match: _joined(match[0]), source))
    except ExpressionError as error:
        # No pill in it is read either: a text in place of a condition would always hold.
        return Template(text, (text,), (f"{shortened(text)} is no condition: it {error}",))
    return Template(text, (Expression(text, found.reads, found.evaluate),))


def _joined(quoted: str) -> str:
    """Return a text with pills inside as an expression that joins its parts."""
    parts = ["''"]
    for literal, pill in pieces(quoted[1:-1], []):
        parts += [f"'{literal}'"] if literal else []
        parts += [f"({pill})"] if pill is not None else []
    return f"({' + '.join(parts)})"
