"""Expressions of flows: pills, formulas and conditions, one language with ByteChef's syntax."""

from .compiled import Expression, compile_expression
from .condition import read_condition
from .errors import ExpressionError
from .paths import Path, Scope, path_text
from .template import Template, read_template

__all__ = [
    "Expression",
    "ExpressionError",
    "Path",
    "Scope",
    "Template",
    "compile_expression",
    "path_text",
    "read_condition",
    "read_template",
]
