"""What can be written as JSON: half a character that an API sent must not end the server."""

from __future__ import annotations

from math import isfinite

from ...values import Json


def clean(value: Json) -> Json:
    """Put `?` in the place of half characters, and null in that of numbers that are none."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {clean(key): clean(item) for key, item in value.items()}
    if isinstance(value, list):
        return [clean(item) for item in value]
    return None if isinstance(value, float) and not isfinite(value) else value
