"""Search the actions by what people call them."""

from __future__ import annotations

from .model import Action


def is_found(action: Action, words: str) -> bool:
    """Return whether all words of a search are in the names, texts or keywords of an action."""
    texts = (
        *(action.name, action.title, action.description, action.group or ""),
        *action.keywords,
    )
    text = " ".join(texts).lower()
    return all(word in text for word in words.lower().split())
