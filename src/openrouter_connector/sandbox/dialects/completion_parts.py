"""Read a chat completion that a fault may have altered.

The other dialects are made from a completion, which may be nested, empty or contain an error.
"""

from __future__ import annotations

from openrouter_connector.values import JsonObject


def is_nested(completion: JsonObject) -> bool:
    """Whether the real completion is nested under `provider`."""
    return isinstance(completion["provider"], dict)


def first_choice(completion: JsonObject) -> JsonObject | None:
    """Return the only choice, or None without choices."""
    choices = completion["choices"]
    return dict(choices[0]) if choices else None


def routing_metadata(completion: JsonObject) -> JsonObject:
    """Return how the request was routed, under its key, if the client wanted to know."""
    key = "openrouter_metadata"
    return {key: completion[key]} if key in completion else {}


def find_error(completion: JsonObject) -> JsonObject | None:
    """Return the error of the completion or of its choice, or None."""
    error = completion.get("error") or (first_choice(completion) or {}).get("error")
    return dict(error) if error else None
