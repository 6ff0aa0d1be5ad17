"""The response formats of APIs: which responses are complete, and how a stream becomes one.

`chat` is OpenAI's chat completions, `messages` Anthropic's messages, `responses` OpenAI's
responses. Each is one `Dialect`; an action names its own in the definition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from ...values import Event, Json, JsonObject
from ..api_profile import ApiProfile
from . import chat, chat_fold, images, messages, responses, responses_fold
from .error_bodies import plain


class Fold(Protocol):
    """Combines the events of a stream into the response that the same call returns without one."""

    def add(self, chunk: Json) -> Iterable[Event]:
        """Add one event of the stream, and return the deltas to show."""

    def complete(self, done: bool) -> JsonObject:
        """Return the response. IncompleteError when the stream broke off."""

    @property
    def finished(self) -> bool:
        """Whether the answer declared its end."""

    @property
    def response(self) -> JsonObject:
        """The response so far."""

    @property
    def text(self) -> str | None:
        """The text so far."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One response format."""

    whole: Callable[[JsonObject, ApiProfile], JsonObject]
    """Return a complete response. IncompleteError for any other."""
    text_of: Callable[[JsonObject], str]
    fold: Callable[[], Fold]
    metadata: Mapping[str, str]
    """The metadata to keep, and its paths in a normalized response."""
    flat: Callable[[JsonObject], JsonObject] = lambda response: response
    """Return a response in the one form that paths expect."""
    images_of: Callable[[JsonObject], list[str]] = lambda response: []
    """Return the URLs of the images in a response."""


_ANY = {"model": "model", "provider": "provider", "usage": "usage"}
_CHAT = {
    "generation_id": "id",
    "finish_reason": "choices[0].finish_reason",
    "native_finish_reason": "choices[0].native_finish_reason",
    "reasoning": "choices[0].message.reasoning",
    "reasoning_details": "choices[0].message.reasoning_details",
    "annotations": "choices[0].message.annotations",
    "tool_calls": "choices[0].message.tool_calls",
    "refusal": "choices[0].message.refusal",
    "logprobs": "choices[0].logprobs",
}
_PLAIN = {"generation_id": "generation_id", "segments": "segments", "words": "words"}

_CHAT_DIALECT = Dialect(
    chat.whole, chat.text_of, chat_fold.Fold, _ANY | _CHAT, chat.flat, chat.images_of
)
DIALECTS: Mapping[str | None, Dialect] = {
    # A stream without a dialect is read as chat completions.
    None: Dialect(plain, lambda response: "", chat_fold.Fold, _ANY | _PLAIN),
    "generation": Dialect(
        plain, lambda response: "", chat_fold.Fold, _ANY | {"generation_id": "id"}
    ),
    "chat": _CHAT_DIALECT,
    "images": Dialect(plain, lambda response: "", images.Fold, _ANY | _PLAIN),
    # The id of a message belongs to Anthropic; the generation id is in a header.
    "messages": Dialect(
        messages.whole, messages.text_of, messages.Fold, _ANY | {"finish_reason": "stop_reason"}
    ),
    "responses": Dialect(
        responses.whole,
        responses.text_of,
        responses_fold.Fold,
        _ANY | {"generation_id": "id", "finish_reason": "status"},
    ),
}


def whole(dialect: str | None, response: Json, profile: ApiProfile) -> Json:
    """Return a response that is complete in its dialect. IncompleteError for any other.

    Without a dialect a bare list is complete: some servers list their models so.
    """
    if dialect is None and isinstance(response, list):
        return response
    if not isinstance(response, dict):
        return plain(response, profile)
    return DIALECTS[dialect].whole(response, profile)
