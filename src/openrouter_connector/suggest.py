"""Suggest names for a misspelled one."""

from __future__ import annotations

from collections.abc import Collection, Iterable

_LONGEST_NAME = 200  # characters; a longer one resembles nothing
_MOST_LISTED = 20


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'topK'?` when a known name resembles this one, else an empty text."""
    from difflib import get_close_matches  # 5 ms, needed only for an error

    if len(name) > _LONGEST_NAME:
        return ""
    lowered = {word.lower(): word for word in known}
    plain = name.lower()
    found = get_close_matches(plain, lowered, n=1) or get_close_matches(
        plain.replace("_", ""), lowered, n=1
    )
    return f"; did you mean {lowered[found[0]]!r}?" if found else ""


def listed(names: Collection[str]) -> str:
    """Return names as a list in a sentence, the first twenty of many."""
    shown = ", ".join(list(names)[:_MOST_LISTED])
    return shown + (" …" if len(names) > _MOST_LISTED else "")
