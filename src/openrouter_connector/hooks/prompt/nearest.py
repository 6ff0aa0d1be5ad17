"""Names that there are, for whoever wrote one that there is not."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches


def closest(name: str, known: Iterable[str]) -> str:
    """Give `; did you mean 'class_name'?` for a name that resembles a known one, else nothing."""
    lowered = {word.lower(): word for word in known}
    found = get_close_matches(name.lower(), lowered, n=1)
    return f"; did you mean {lowered[found[0]]!r}?" if found else ""


def among(known: Collection[str]) -> str:
    """List names, the first twenty of many."""
    return ", ".join(list(known)[:20]) + (" …" if len(known) > 20 else "")
