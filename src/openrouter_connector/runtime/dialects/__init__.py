"""The shapes in which an API answers: what of an answer is whole, how a stream folds into one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from ...values import Event, Json, JsonObject
from . import chat, chat_fold, messages, responses, responses_fold
from .error_bodies import plain


class Fold(Protocol):
    """A stream that is folded into the reply which the same call gives without one."""

    def add(self, chunk: Json) -> Iterable[Event]:
        """Take one chunk in, and give what of it is worth showing."""

    def complete(self, done: bool) -> JsonObject:
        """Give the reply; IncompleteError when the stream broke off."""

    @property
    def finished(self) -> bool:
        """Whether the answer said that it ended."""

    @property
    def response(self) -> JsonObject:
        """What came so far."""

    @property
    def text(self) -> str | None:
        """The text so far."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One shape of answers."""

    whole: Callable[[JsonObject], JsonObject]
    """Give a reply that is whole; IncompleteError for any other."""
    text_of: Callable[[JsonObject], str]
    fold: Callable[[], Fold]
    metadata: Mapping[str, str]
    """Fields of the metadata, and the path of each in a flat response."""
    flat: Callable[[JsonObject], JsonObject] = lambda response: response
    """Give a reply in the one form that paths read."""
    images_of: Callable[[JsonObject], list[str]] = lambda response: []
    """Give the URLs of the images in a reply."""


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
_PLAIN = {"generation_id": "generation_id", "segments": "segments"}

_CHAT_DIALECT = Dialect(
    chat.whole, chat.text_of, chat_fold.Fold, _ANY | _CHAT, chat.flat, chat.images_of
)
DIALECTS: Mapping[str | None, Dialect] = {
    # What streams without naming a dialect streams as chat completions do.
    None: Dialect(plain, lambda response: "", chat_fold.Fold, _ANY | _PLAIN),
    "generation": Dialect(
        plain, lambda response: "", chat_fold.Fold, _ANY | {"generation_id": "id"}
    ),
    "chat": _CHAT_DIALECT,
    # The id of a message is its author's; a header names the generation.
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


def whole(dialect: str | None, response: Json) -> Json:
    """Give a reply that is whole in its dialect; IncompleteError for any other.

    A list is whole where no dialect is named: some servers list their models so.
    """
    if dialect is None and isinstance(response, list):
        return response
    if not isinstance(response, dict):
        return plain(response)
    return DIALECTS[dialect].whole(response)
