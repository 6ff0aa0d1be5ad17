"""Read a chat request: its texts, its attachments, and the JSON that it requests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from openrouter_connector.values import Json, JsonObject

from .schema_instance import is_schema

KINDS = {
    "image_url": "image",
    "file": "file",
    "input_audio": "audio clip",
    "video_url": "video",
    "input_video": "video",
}
"""The name of an attachment, by the type of its content part."""
SYSTEM_ROLES = {"system", "developer"}
MAX_ATTEMPTS = 1000


@dataclass(frozen=True, slots=True)
class Attachment:
    """A content part that is not text: kind, name or type, size in bytes, and data or URL."""

    kind: str
    label: str
    size: int | None
    data: str

    def __str__(self) -> str:
        size = "by link" if self.size is None else _format_size(self.size)
        return f"{self.label}, {size}" if self.label else size


def last_prompt(messages: list[Json]) -> str:
    """Return the text of the last user message, unchanged."""
    return (_texts_of(messages, {"user"}) or [""])[-1]


def system_prompts(body: JsonObject) -> list[str]:
    """Return the texts of the system messages."""
    return _texts_of(body["messages"], SYSTEM_ROLES)


def all_text(messages: list[Json]) -> str:
    """Return every text of the conversation, to count its tokens."""
    return "".join(_texts_of(messages, {message["role"] for message in messages}))


def attachments(
    messages: list[Json], roles: frozenset[str] = frozenset({"user"})
) -> list[Attachment]:
    """Return the parts of the user's messages that are not text."""
    parts = [part for message in messages if message["role"] in roles for part in _parts(message)]
    return [_attachment(part) for part in parts if part["type"] in KINDS]


def image_urls(messages: list[Json]) -> list[str]:
    """Return the URLs of the images in the last user message that has any."""
    for message in reversed(messages):
        urls = [item.data for item in attachments([message]) if item.kind == "image"]
        if urls:
            return urls
    return []


def requests_json(body: JsonObject) -> bool:
    """Whether the request asks for JSON."""
    return (body.get("response_format") or {}).get("type") in ("json_object", "json_schema")


def requested_schema(body: JsonObject) -> JsonObject | None:
    """Return the schema in `response_format`, or else the last one written in the prompts."""
    described = (body.get("response_format") or {}).get("json_schema")
    if described is not None:
        schema: JsonObject = described.get("schema", {})
        return schema
    texts = _texts_of(body["messages"], {"system", "developer", "user"})
    schemas = [value for text in texts for value in _json_objects(text) if is_schema(value)]
    return schemas[-1] if schemas else None


def _texts_of(messages: list[Json], roles: set[str]) -> list[str]:
    return [
        "\n".join(part["text"] for part in _parts(message) if part["type"] == "text")
        for message in messages
        if message["role"] in roles
    ]


def _parts(message: JsonObject) -> list[JsonObject]:
    content = message.get("content")
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return list(content or ())


def _attachment(part: JsonObject) -> Attachment:
    kind = KINDS[part["type"]]
    value = part.get(part["type"]) or part.get("video_url") or {}
    data = value.get("url") or value.get("file_data") or value.get("data") or ""
    label = value.get("filename") or value.get("format") or _media_type(data)
    return Attachment(kind, label, _size_in_bytes(data, raw="data" in value), data)


def _media_type(url: str) -> str:
    return url[5 : url.find(";")] if url.startswith("data:") else url[:80]


def _size_in_bytes(data: str, *, raw: bool) -> int | None:
    """Return the size of base64 data without decoding it; None for a link."""
    if not raw and not data.startswith("data:"):
        return None
    start = 0 if raw else data.find(",") + 1
    return (len(data) - start - data[-2:].count("=")) * 3 // 4


def _format_size(count: int) -> str:
    return f"{count} bytes" if count < 1000 else f"{count / 1000:.1f} kB"


def _json_objects(text: str) -> Iterator[JsonObject]:
    """Yield the JSON objects in a text; stop after many failed attempts."""
    # Without the limit, a text of a million braces would keep the sandbox busy.
    decoder = json.JSONDecoder()
    start, attempts = text.find("{"), MAX_ATTEMPTS
    while start != -1 and attempts:
        attempts -= 1
        try:
            value, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            end = start + 1
        else:
            yield value
        start = text.find("{", end)
