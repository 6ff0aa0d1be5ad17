"""Suggest the correct spelling of a mistyped name."""

from __future__ import annotations

from collections.abc import Collection, Iterable

_LONGEST_NAME = 200  # characters; comparing longer names would take seconds
_MAX_LISTED = 20


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'topK'?` if a known name is similar, else an empty string."""
    from difflib import get_close_matches  # takes 5 ms to import, needed only for an error

    if len(name) > _LONGEST_NAME:
        return ""
    by_lower_case = {candidate.lower(): candidate for candidate in known}
    typed = name.lower()
    # The second try finds snake_case names: `top_k` for `topK`.
    matches = get_close_matches(typed, by_lower_case, n=1) or get_close_matches(
        typed.replace("_", ""), by_lower_case, n=1
    )
    return f"; did you mean {by_lower_case[matches[0]]!r}?" if matches else ""


def join_names(names: Collection[str]) -> str:
    """Return names joined with commas; beyond twenty, an ellipsis."""
    shown = ", ".join(list(names)[:_MAX_LISTED])
    return shown + (" …" if len(names) > _MAX_LISTED else "")
