"""What the rows of OpenRouter's catalogue and the bodies of its requests say, read cautiously."""

from __future__ import annotations

from ..runtime.preflight.row_values import count_at
from ..values import Json, JsonObject


def context_lengths(row: JsonObject) -> list[int]:
    """Return the known context lengths in tokens: the model's, and its first provider's."""
    counts = (count_at(row, "context_length"), count_at(row, "top_provider.context_length"))
    return [length for length in counts if length is not None]


def plugins(body: JsonObject) -> dict[Json, JsonObject]:
    """Return the plugins that a body requests, by their names."""
    value = body.get("plugins")
    listed = [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
    return {str(item.get("id")): item for item in listed if item.get("enabled") is not False}
