"""The parts of a prompt in a request body, and a guess of their tokens.

Only the model's own tokenizer counts exactly. The guess has a low and a high side: around four
characters a token in Latin script, and about one in Chinese, Japanese and Korean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from ...values import Embedded, Json, JsonObject, LoadedFile
from ..api_profile import ApiProfile
from .interval import NOTHING, UNKNOWN, Interval

BASIS = (
    "tokens are estimated: 3 to 6 characters each in Latin script, about 1 in East Asian scripts"
)
IMAGE_TOKENS = Interval(Decimal(85), Decimal(1600))
IMAGE_BASIS = "an image counts as 85 to 1,600 tokens"
UNKNOWN_BASIS = "the tokens of documents, audio and video are not known in advance"


class PromptPart(NamedTuple):
    """One part of a prompt: a text, an image, audio, a video or a document."""

    path: tuple[str | int, ...]
    kind: str
    """A modality: text, image, audio, video or file."""
    value: Json


def prompt_parts(body: JsonObject, profile: ApiProfile) -> Iterator[PromptPart]:
    """Yield the parts of a prompt in the order of the body."""
    fields, types = profile.prompt_fields, profile.content_types
    prompt = {key: body[key] for key in body if fields is None or key in fields}
    # A stack instead of recursion, since a user's own JSON may be nested deeply.
    waiting: list[tuple[tuple[str | int, ...], Json]] = [((), prompt)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str):
            yield PromptPart(path, "text", value)
        elif isinstance(value, Embedded):
            yield PromptPart(path, _kind_of(path, value.file, profile), value)
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


def prompt_tokens(body: JsonObject, profile: ApiProfile) -> Interval:
    """Estimate the tokens of a prompt."""
    total = NOTHING
    for part in prompt_parts(body, profile):
        if part.kind == "text":
            total += text_tokens(part.value)
        else:
            total += IMAGE_TOKENS if part.kind == "image" else UNKNOWN
    return total


def text_tokens(text: str) -> Interval:
    """Estimate the tokens of a text."""
    counts = _scripts(text)
    low = sum(int(count / most) for count, (most, _) in zip(counts, _RATES, strict=True))
    high = sum(-int(-count // least) for count, (_, least) in zip(counts, _RATES, strict=True))
    return Interval(Decimal(low), Decimal(high))


def basis(body: JsonObject, profile: ApiProfile) -> Iterator[str]:
    """Yield sentences that say how the tokens of a prompt were estimated."""
    kinds = {part.kind for part in prompt_parts(body, profile)}
    yield BASIS
    if "image" in kinds:
        yield IMAGE_BASIS
    if kinds - {"text", "image"}:
        yield UNKNOWN_BASIS


# Characters that make a token, at most and at least: Latin script, other alphabets, East Asian.
_RATES = ((6, 3), (4, 1), (2, 0.75))
_OTHER = re.compile(r"[ɐ-\u2e7f]+")
_EAST_ASIAN = re.compile(r"[\u2e80-\U0010ffff]+")


def _scripts(text: str) -> tuple[int, int, int]:
    if text.isascii():
        return len(text), 0, 0
    east_asian = len(text) - len(_EAST_ASIAN.sub("", text))
    other = len(text) - len(_OTHER.sub("", text))
    return len(text) - east_asian - other, other, east_asian


def _items(value: Json) -> list[tuple[str | int, Json]]:
    return list(value.items()) if isinstance(value, dict) else list(enumerate(value))


def _kind_of(path: tuple[str | int, ...], file: LoadedFile, profile: ApiProfile) -> str:
    """Return the modality of a bare file by its place, else by its type.

    The place decides first, since audio may be in a container for videos (WebM, MP4).
    """
    if any(profile.content_types.get(str(step)) == "audio" for step in path):
        return "audio"
    kind = file.entry.mime_type.split("/")[0]
    return kind if kind in ("image", "audio", "video") else "file"
