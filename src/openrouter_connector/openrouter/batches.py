"""What OpenRouter's Batch API does not support in a request that it supports alone."""

from __future__ import annotations

from collections.abc import Iterator

from ..definition.paths import at, dotted
from ..runtime.files.by_url import is_link
from ..runtime.prompt_parts import PromptFormat, PromptPart, prompt_parts
from ..values import Embedded, Json, JsonObject

_ALONE = "send this request alone"


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
    if str(body.get("model") or "").endswith(":online") or _searches(body.get("plugins")):
        yield f"plugins: a batch has no web search of OpenRouter; {_ALONE}"
    for part in prompt_parts(body, prompt_format):
        if part.kind == "audio":
            yield f"{dotted(part.path)}: a batch accepts no audio; {_ALONE}"
        elif part.kind != "text" and any(map(_is_upload, _texts(part))):
            yield f"{dotted(part.path)}: a batch accepts files by public URL only"


def _searches(plugins: Json) -> bool:
    names = [at(one, "id") for one in plugins] if isinstance(plugins, list) else []
    return "web" in names


def _is_upload(value: Json) -> bool:
    """Return whether a text is the content of a file; an id or a name is not."""
    return isinstance(value, Embedded) or (
        isinstance(value, str)
        and (value[:5].lower() == "data:" or len(value) > 4096)
        and not is_link(value)
    )


def _texts(part: PromptPart) -> Iterator[Json]:
    waiting = [part.value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
        else:
            yield value
