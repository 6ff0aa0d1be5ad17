"""Keys where they must not stand: what looks like one, and which token is kept out of texts."""

from __future__ import annotations

from typing import TypeGuard

LIKE_A_KEY = r"sk-or-[\w-]{16,}"
"""What OpenRouter's keys look like, as a regular expression."""

_SHORTEST = 8  # characters


def is_secret(token: str | None) -> TypeGuard[str]:
    """Tell whether a token is to be hidden.

    A shorter one is a word such as `none` for a server that wants no token, and would be found in
    the middle of others.
    """
    return token is not None and len(token) >= _SHORTEST
