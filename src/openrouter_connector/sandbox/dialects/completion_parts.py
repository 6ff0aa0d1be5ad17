"""A chat completion taken apart, as the other skins of the API are made from one.

A fault may have hidden it, emptied it, or put an error into it.
"""

from __future__ import annotations

from openrouter_connector.values import JsonObject


def is_nested(completion: JsonObject) -> bool:
    """Whether the true completion hides under `provider`."""
    return isinstance(completion["provider"], dict)


def choice_of(completion: JsonObject) -> JsonObject | None:
    """Give the one choice; None when there is none."""
    choices = completion["choices"]
    return dict(choices[0]) if choices else None


def error_of(completion: JsonObject) -> JsonObject | None:
    """Give the error, of the whole or of the choice."""
    found = completion.get("error") or (choice_of(completion) or {}).get("error")
    return dict(found) if found else None
