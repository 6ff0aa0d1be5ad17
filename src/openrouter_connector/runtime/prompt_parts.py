"""Find the parts of a prompt in a request body: texts, images, audio, videos and documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ..values import Embedded, Json, JsonObject, LoadedFile


@dataclass(frozen=True, slots=True)
class PromptFormat:
    """Where the request bodies of an API hold the prompt."""

    fields: frozenset[str] | None = None
    """The fields of a body that count as prompt; None: all of them."""
    content_types: Mapping[str, str] = field(default_factory=dict)
    """For each `type` of a content part, its modality: image, audio, video or file."""


class PromptPart(NamedTuple):
    """One part of a prompt."""

    path: tuple[str | int, ...]
    kind: str
    """A modality: text, image, audio, video or file."""
    value: Json


def prompt_parts(body: JsonObject, prompt_format: PromptFormat) -> Iterator[PromptPart]:
    """Yield the parts of a prompt in the order of the body."""
    fields, types = prompt_format.fields, prompt_format.content_types
    prompt = {key: body[key] for key in body if fields is None or key in fields}
    # A stack instead of recursion, since a user's own JSON may be nested deeply.
    waiting: list[tuple[tuple[str | int, ...], Json]] = [((), prompt)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str):
            yield PromptPart(path, "text", value)
        elif isinstance(value, Embedded):
            yield PromptPart(path, _kind_of(path, value.file, types), value)
        elif isinstance(value, dict) and (kind := types.get(str(value.get("type")))):
            yield PromptPart(path, kind, value)
        elif isinstance(value, dict | list):
            waiting += reversed([((*path, step), item) for step, item in _items(value)])
            # The model reads the names too: those of a schema count, and those of a message are
            # about what the message costs besides its text.
            waiting += [(path, " ".join(value))] if isinstance(value, dict) and path else []


def file_of(part: PromptPart) -> LoadedFile | None:
    """Return the file that a part holds; None for a link or a text."""
    waiting = [part.value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Embedded):
            return value.file
        if isinstance(value, dict | list):
            waiting += [item for _, item in _items(value)]
    return None


def _items(value: Json) -> list[tuple[str | int, Json]]:
    return list(value.items()) if isinstance(value, dict) else list(enumerate(value))


def _kind_of(path: tuple[str | int, ...], file: LoadedFile, types: Mapping[str, str]) -> str:
    """Return the modality of a bare file by its place, else by its type.

    The place decides first, since audio may be in a container for videos (WebM, MP4).
    """
    if any(types.get(str(step)) == "audio" for step in path):
        return "audio"
    kind = file.entry.mime_type.split("/")[0]
    return kind if kind in ("image", "audio", "video") else "file"
