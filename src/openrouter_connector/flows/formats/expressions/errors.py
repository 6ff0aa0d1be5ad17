"""The one error of expressions."""

from __future__ import annotations

from ....errors import InputError


class ExpressionError(InputError):
    """An expression cannot be read or evaluated; the message continues a sentence about it."""
