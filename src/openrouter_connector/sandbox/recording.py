"""The recorded requests of a sandbox: bodies as JSON, with long texts shortened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic_core import from_json

from openrouter_connector.values import Json

BODY_LIMIT = 64_000
TEXT_LIMIT = 200


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """A request that arrived, without its Authorization and Cookie headers."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Json


class NoJson:
    """The value of a body that is not JSON; None would mean the JSON `null`."""


def parse_json(body: bytes) -> Json:
    """Parse a body; return `NoJson` if it is not JSON."""
    try:
        return from_json(body, allow_inf_nan=False)  # ten times as fast as json.loads
    except ValueError:
        return NoJson


def summarize(body: Json, size: int, content_type: str) -> Json:
    """Return the body to record: long texts of a large one shortened, its size if it is no JSON."""
    if not size:
        return None
    if body is NoJson:
        return f"{size} bytes of {content_type or 'unknown type'}"
    return body if size <= BODY_LIMIT else shorten(body, TEXT_LIMIT)


def shorten(value: Json, limit: int) -> Json:
    """Shorten every text in a value that has more than `limit` characters."""
    if isinstance(value, str) and len(value) > limit:
        # Images and audio are base64 in the body: a hundred recorded requests must not keep them
        # all.
        return f"{value[:60]}… ({len(value)} characters)"
    if isinstance(value, list):
        return [shorten(item, limit) for item in value]
    if isinstance(value, dict):
        return {key: shorten(item, limit) for key, item in value.items()}
    return value
