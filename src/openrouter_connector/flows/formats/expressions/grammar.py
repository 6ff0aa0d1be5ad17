"""The grammar of expressions: what real workflow files use of SpEL.

    each_1.item['F-NOM'] + '_' + each_2.item
    value1 == value2 or value1 gt 10
    size(items) > 0 ? items[0] : {name: 'none'}

`parse` returns a lark tree. It is bounded: the parser is LALR, so its time is linear in the length
of the text, and length and nesting are limited before it starts.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from .errors import ExpressionError

if TYPE_CHECKING:
    from lark import Lark, Tree

    Node = Tree[object]

LONGEST = 2000
"""Characters of an expression."""
DEEPEST = 50
"""Levels of brackets in an expression."""

# Word operators are matched in any case. After a dot and before a colon they are names, which the
# contextual lexer knows: `row.and` and `{or: 1}` are valid. `!` binds as tightly as in SpEL, `not`
# as loosely as in Python, so that `not a == b` means what it says.
_GRAMMAR = r"""
?start: ternary
?ternary: elvis | elvis "?" ternary ":" ternary -> ternary
?elvis: disjunction | disjunction "?:" elvis -> elvis
?disjunction: conjunction | disjunction _OR conjunction -> either
?conjunction: negation | conjunction _AND negation -> both
?negation: equality | NOT negation -> no
?equality: sum
    | sum (EQ | NE | LT | LE | GT | GE) sum -> compared
?sum: product | sum (PLUS | MINUS) product -> computed
?product: unary | product (TIMES | DIVIDE | MODULO) unary -> computed
?unary: postfix | "!" unary -> no | MINUS unary -> negative | PLUS unary -> positive
?postfix: primary
    | postfix "." name -> member
    | postfix "?." name -> member
    | postfix "." name "(" _arguments? ")" -> method
    | postfix "?." name "(" _arguments? ")" -> safe_method
    | postfix "."? "[" ternary "]" -> item
    | postfix "?." "[" ternary "]" -> item
?primary: NUMBER -> number
    | TEXT -> text
    | TRUE -> true
    | FALSE -> false
    | NULL -> null
    | NAME -> name
    | NAME "(" _arguments? ")" -> call
    | "(" ternary ")"
    | "${" ternary "}"
    | "{" "}" -> list
    | "{" _arguments "}" -> list
    | "{" ":" "}" -> object
    | "{" pair ("," pair)* "}" -> object
pair: key ":" ternary
?key: (NAME | NUMBER | TRUE | FALSE | NULL | NOT) -> name | TEXT -> text
?name: NAME
_arguments: ternary ("," ternary)*

_OR.2: "||" | /or(?!\w)/i
_AND.2: "&&" | /and(?!\w)/i
NOT.2: /not(?!\w)/i
EQ.2: "==" | /eq(?!\w)/i
NE.2: "!=" | /ne(?!\w)/i
LE.2: "<=" | /le(?!\w)/i
GE.2: ">=" | /ge(?!\w)/i
LT.1: "<" | /lt(?!\w)/i
GT.1: ">" | /gt(?!\w)/i
PLUS: "+"
MINUS: "-"
TIMES: "*"
DIVIDE.2: "/" | /div(?!\w)/i
MODULO.2: "%" | /mod(?!\w)/i
TRUE.2: /true(?!\w)/i
FALSE.2: /false(?!\w)/i
NULL.2: /null(?!\w)/i
NUMBER: /\d+(\.\d+)?([eE][+-]?\d+)?[lLfFdD]?(?!\w)/
TEXT: /'(?:[^']|'')*'|"(?:[^"]|"")*"/
NAME: /[^\W\d]\w*/
%import common.WS
%ignore WS
"""


def parse(text: str) -> Node:
    """Return the tree of an expression. ExpressionError if the text is not one."""
    from lark.exceptions import LarkError

    check_size(text)
    try:
        return _parser().parse(text)  # type: ignore[return-value]
    except LarkError as error:
        column = getattr(error, "column", None)
        place = f" at character {column}" if isinstance(column, int) and column > 0 else ""
        raise ExpressionError(f"is not an expression{place}") from None


def check_size(text: str) -> None:
    """Raise ExpressionError if an expression is longer or deeper than is supported."""
    if len(text) > LONGEST:
        raise ExpressionError(f"has more than {LONGEST} characters")
    depth = 0
    for character in text:
        if character in "([{":
            depth += 1
            if depth > DEEPEST:
                raise ExpressionError(f"has more than {DEEPEST} levels of brackets")
        elif character in ")]}":
            depth -= 1


@cache
def _parser() -> Lark:
    from lark import Lark

    return Lark(_GRAMMAR, parser="lalr", lexer="contextual", maybe_placeholders=False)
