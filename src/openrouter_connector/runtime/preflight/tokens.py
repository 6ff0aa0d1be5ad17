"""What a body says to a model, piece by piece, and how many tokens that may be.

Only the model's own tokenizer counts exactly. This is a guess, with a low and a high side that lie
around four characters a token in Latin script, and one in Chinese, Japanese and Korean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from ...values import Embedded, Json, JsonObject, LoadedFile
from .interval import NOTHING, UNKNOWN, Span

BASIS = (
    "tokens are guessed, at 3 to 6 characters each in Latin script and about 1 in East Asian ones"
)
PICTURE = Span(Decimal(85), Decimal(1600))
PICTURE_BASIS = "a picture is taken for 85 to 1,600 tokens"
UNKNOWN_BASIS = "how many tokens documents, sound and film hold is not known before"


class Piece(NamedTuple):
    """One thing that a model is given: a text, or a picture, a sound, a film, a document."""

    path: tuple[str | int, ...]
    kind: str
    """A modality: text, image, audio, video or file."""
    value: Json


def pieces(body: JsonObject) -> Iterator[Piece]:
    """Give what a body holds for the model, in the order in which it stands there."""
    given = {key: body[key] for key in body if key in _SAID}
    # A list of what is still to do, not recursion: a user's own JSON may be nested deeply.
    waiting: list[tuple[tuple[str | int, ...], Json]] = [((), given)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str):
            yield Piece(path, "text", value)
        elif isinstance(value, Embedded):
            yield Piece(path, _kind_of(path, value.file), value)
        elif isinstance(value, dict) and (kind := _PARTS.get(str(value.get("type")))):
            yield Piece(path, kind, value)
        elif isinstance(value, dict | list):
            waiting += reversed([((*path, step), item) for step, item in _items(value)])
            # Its names are read as well: those of a schema, and about what a message costs itself.
            waiting += [(path, " ".join(value))] if isinstance(value, dict) and path else []


def file_of(piece: Piece) -> LoadedFile | None:
    """Give the file that a piece carries, None when it is a link or a text."""
    waiting = [piece.value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Embedded):
            return value.file
        if isinstance(value, dict | list):
            waiting += [item for _, item in _items(value)]
    return None


def prompt_tokens(body: JsonObject) -> Span:
    """Guess the tokens of all that the model is given."""
    total = NOTHING
    for piece in pieces(body):
        if piece.kind == "text":
            total += text_tokens(piece.value)
        else:
            total += PICTURE if piece.kind == "image" else UNKNOWN
    return total


def text_tokens(text: str) -> Span:
    """Guess the tokens of a text."""
    counts = _scripts(text)
    low = sum(int(count / most) for count, (most, _) in zip(counts, _RATES, strict=True))
    high = sum(-int(-count // least) for count, (_, least) in zip(counts, _RATES, strict=True))
    return Span(Decimal(low), Decimal(high))


def basis(body: JsonObject) -> Iterator[str]:
    """Say how the tokens of a body were reckoned."""
    kinds = {piece.kind for piece in pieces(body)}
    yield BASIS
    if "image" in kinds:
        yield PICTURE_BASIS
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


def _kind_of(path: tuple[str | int, ...], file: LoadedFile) -> str:
    """Tell what a bare file is; a sound may well lie in a container that films use."""
    if "input_audio" in path:
        return "audio"
    kind = file.entry.mime_type.split("/")[0]
    return kind if kind in ("image", "audio", "video") else "file"


# Where a request says something to the model, in the shapes that OpenRouter takes.
_SAID = {
    "messages", "prompt", "input", "system", "instructions", "tools", "response_format", "text",
    "query", "documents", "input_references", "input_audio", "frame_images",
}  # fmt: skip
_PARTS = {
    "image_url": "image", "input_image": "image", "image": "image",
    "input_audio": "audio", "audio_url": "audio",
    "video_url": "video", "input_video": "video",
    "file": "file", "input_file": "file", "document": "file",
}  # fmt: skip
