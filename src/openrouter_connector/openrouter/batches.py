"""What OpenRouter's Batch API does not support in a request that it supports alone."""

from __future__ import annotations

from collections.abc import Iterator

from ..definition.paths import at, dotted
from ..runtime.files.by_url import is_link
from ..runtime.prompt_parts import PromptFormat, PromptPart, prompt_parts
from ..values import Embedded, Json, JsonObject

_ALONE = "send this request alone"
_NO_SEARCH = "a batch has no web search of OpenRouter"
_CONTENT = frozenset({"data", "file_data", "file_url", "image_url", "url", "video_url"})
"""Where the parts of a prompt hold a file: its URL, or its content."""


def not_in_batch(body: JsonObject, prompt_format: PromptFormat) -> Iterator[str]:
    """Yield a sentence for each part of a body that a batch does not support."""
    modalities = body.get("modalities")
    if isinstance(modalities, list) and set(map(str, modalities)) - {"text"}:
        yield f"modalities: a batch returns text only; {_ALONE}"
    for key in ("audio", "image_config"):
        if body.get(key):
            yield f"{key}: a batch returns text only; {_ALONE}"
    if at(body, "provider.zdr") is True:
        yield f"provider.zdr: a batch has no zero data retention; {_ALONE}"
    if str(body.get("model") or "").endswith(":online") or "web" in _all(body, "plugins", "id"):
        yield f"plugins: {_NO_SEARCH}; {_ALONE}"
    if "openrouter:web_search" in _all(body, "tools", "type"):
        yield f"tools: {_NO_SEARCH}; {_ALONE}"
    for part in prompt_parts(body, prompt_format):
        if part.kind == "audio":
            yield f"{dotted(part.path)}: a batch accepts no audio; {_ALONE}"
        elif part.kind != "text" and _has_upload(part):
            yield f"{dotted(part.path)}: a batch accepts files by public URL only"


def _all(body: JsonObject, name: str, key: str) -> list[Json]:
    """Return the values of a key in a list of objects."""
    items = body.get(name)
    return [at(one, key) for one in items] if isinstance(items, list) else []


def _has_upload(part: PromptPart) -> bool:
    """Return whether a part holds the content of a file."""
    waiting: list[tuple[str, Json]] = [("", part.value)]
    while waiting:
        key, value = waiting.pop()
        if isinstance(value, dict):
            # A document of Anthropic's may be plain text, which is no file.
            waiting += [] if value.get("type") == "text" else value.items()
        elif isinstance(value, list):
            waiting += [(key, item) for item in value]
        elif _is_upload(key, value):
            return True
    return False


def _is_upload(key: str, value: Json) -> bool:
    """Return whether a value is the content of a file; an id or a name is not."""
    if isinstance(value, Embedded):
        return True
    if not isinstance(value, str) or is_link(value):
        return False
    return key in _CONTENT or value[:5].lower() == "data:" or len(value) > 4096
