"""Keys where they must not stand: what looks like one, and which token is kept out of texts."""

from __future__ import annotations

from typing import TypeGuard

from .errors import CredentialError

LIKE_A_KEY = r"sk-or-[\w-]{16,}"
"""What OpenRouter's keys look like, as a regular expression."""

_SHORTEST = 8  # characters


def cleaned(token: str | None) -> str | None:
    """Take the spaces around a token away; CredentialError when no header can hold it."""
    token = token.strip() if token else None
    if token and not (token.isascii() and token.isprintable() and " " not in token):
        raise CredentialError("the token holds characters that no token has; copy it once more")
    return token or None


def is_secret(token: str | None) -> TypeGuard[str]:
    """Tell whether a token is to be hidden.

    A shorter one is a word such as `none` for a server that wants no token, and would be found in
    the middle of others.
    """
    return token is not None and len(token) >= _SHORTEST
