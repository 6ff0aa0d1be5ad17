"""Name a server with its key, or a list of it, by a digest that reveals neither."""

from __future__ import annotations

from hashlib import sha256


def digest(*parts: str) -> str:
    """Return 32 hexadecimal digits that distinguish these parts from others."""
    return sha256("\n".join(parts).encode()).hexdigest()[:32]
