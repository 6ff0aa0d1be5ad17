"""The one error of expressions."""

from __future__ import annotations


class ExpressionError(ValueError):
    """An expression cannot be read or evaluated; the message continues a sentence about it."""
