"""Combine the stream of an image endpoint: partial images first, then each finished one.

partial_image, partial_image, completed ──▶ {"data": [{"b64_json", "media_type"}], "usage": …}
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator

from ...values import Event, FileEntry, Json, JsonObject
from ..files import media_types
from ..files.signatures import detect_extension
from .error_bodies import BROKEN_OFF, error_in, incomplete


class Fold:
    """Combines events into the response that the same call returns without a stream."""

    def __init__(self) -> None:
        self._response: JsonObject = {"data": []}

    def add(self, event: Json) -> Iterator[Event]:
        """Add an event, and yield a partial image, or reasoning, to show."""
        if not isinstance(event, dict):
            return
        kind = str(event.get("type") or "").rpartition(".")[2]
        image = event.get("b64_json")
        if kind == "partial_image" and isinstance(image, str):
            yield _preview(event.get("partial_image_index"), image)
        elif kind == "text_chunk" and event.get("phase") == "reasoning":
            yield Event("delta", reasoning=str(event.get("text") or ""))
        elif kind == "completed":
            self._complete(event)
        elif isinstance(event.get("data"), list):
            self._response |= event  # a whole response in one event
        elif kind == "error" or "error" in event:
            self._response["error"] = event.get("error") or event

    def complete(self, done: bool) -> JsonObject:
        """Return the response. IncompleteError when the stream stopped without an image."""
        if not (self.finished or error_in(self._response)):
            raise incomplete(BROKEN_OFF, self._response)
        return self._response

    @property
    def finished(self) -> bool:
        """Whether an image is finished."""
        return bool(self._response["data"])

    @property
    def response(self) -> JsonObject:
        """The response so far."""
        return self._response

    @property
    def text(self) -> str | None:
        """Nothing: images have no text."""
        return None

    def _complete(self, event: JsonObject) -> None:
        image = {key: event[key] for key in ("b64_json", "media_type") if key in event}
        self._response["data"].append(image)
        # The last one counts the whole request.
        self._response |= {key: event[key] for key in ("created", "usage") if key in event}


def _preview(index: Json, image: str) -> Event:
    extension = _extension(image)
    mime_type = media_types.mime_type(extension)
    preview = FileEntry(extension, mime_type, "preview", f"data:{mime_type};base64,{image}")
    done = index + 1 if isinstance(index, int) else 1
    return Event("progress", "previewed", done=done, unit="previews", preview=preview)


def _extension(image: str) -> str:
    try:
        head = b64decode(image[:64])
    except ValueError:
        head = b""
    return detect_extension(head) or "png"
