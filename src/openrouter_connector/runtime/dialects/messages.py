"""Anthropic's messages: telling whole answers from broken ones, and folding streams."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ...values import Event, Json, JsonObject
from ..refusals import describe, error_of
from .failures import BROKEN_OFF, CUT, incomplete


def whole(reply: JsonObject) -> JsonObject:
    """Give a message that is whole; IncompleteError, with the text so far, if it is not."""
    if reply.get("error"):
        failed = error_of(reply)
        raise incomplete(describe(failed) or "the provider failed", reply, text_of(reply), failed)
    content = reply.get("content")
    if not isinstance(content, list):
        raise incomplete("the answer has no content", reply)
    if fault := _FAULTS.get(str(reply.get("stop_reason"))):
        raise incomplete(fault, reply, text_of(reply))
    if not content:
        raise incomplete("the answer has no content", reply)
    return reply


def text_of(reply: JsonObject) -> str:
    """Give the text of a message: that of its text blocks."""
    content = reply.get("content")
    blocks = content if isinstance(content, list) else []
    texts = [block.get("text") for block in blocks if isinstance(block, dict)]
    return "".join(text for text in texts if isinstance(text, str))


_FAULTS = {
    "max_tokens": CUT,
    "model_context_window_exceeded": "the answer was cut off where the model's context ends",
    "refusal": "the model refused to answer",
}


class Fold:
    """A stream of events, folded into the message that the same call gives without one."""

    def __init__(self) -> None:
        self._reply: JsonObject = {}
        self._blocks: dict[int, JsonObject] = {}
        self._inputs: dict[int, str] = {}
        self._ended = False

    def add(self, event: Json) -> Iterator[Event]:
        """Take one event in, and give what of it is worth showing."""
        if not isinstance(event, dict):
            return
        match event.get("type"):
            case "message_start":
                self._reply |= _object(event.get("message"))
            case "content_block_start":
                self._blocks[_index(event)] = dict(_object(event.get("content_block")))
            case "content_block_delta":
                yield from self._grow(_index(event), _object(event.get("delta")))
            case "message_delta":
                self._reply |= _set(_object(event.get("delta")))
                usage = _set(_object(event.get("usage")))
                self._reply["usage"] = {**_object(self._reply.get("usage")), **usage}
            case "message_stop":
                self._ended = True
            case "error":
                self._reply["error"] = event.get("error")

    def complete(self, done: bool) -> JsonObject:
        """Give the folded message; IncompleteError when it stopped without saying so."""
        if not (done or self.finished or self._reply.get("error")):
            raise incomplete(BROKEN_OFF, self.reply, self.text)
        return self.reply

    @property
    def finished(self) -> bool:
        """Whether the answer said that it ended."""
        return self._ended or self._reply.get("stop_reason") is not None

    @property
    def reply(self) -> JsonObject:
        """What came so far, as the message that it would have been without a stream."""
        for index, text in self._inputs.items():
            self._blocks[index]["input"] = _parsed(text)
        return {**self._reply, "content": [self._blocks[index] for index in sorted(self._blocks)]}

    @property
    def text(self) -> str | None:
        """The text so far."""
        return text_of(self.reply) or None

    def _grow(self, index: int, delta: JsonObject) -> Iterator[Event]:
        block = self._blocks.setdefault(index, {"type": "text", "text": ""})
        for key in ("text", "thinking", "signature"):
            if isinstance(piece := delta.get(key), str) and piece:
                block[key] = f"{block.get(key) or ''}{piece}"
        if isinstance(piece := delta.get("partial_json"), str):
            self._inputs[index] = self._inputs.get(index, "") + piece
        if citation := delta.get("citation"):
            block["citations"] = [*(block.get("citations") or []), citation]
        text, thinking = delta.get("text"), delta.get("thinking")
        if isinstance(text, str) and text:
            yield Event("delta", text)
        if isinstance(thinking, str) and thinking:
            yield Event("delta", reasoning=thinking)


def _index(event: JsonObject) -> int:
    index = event.get("index")
    return index if isinstance(index, int) else 0


def _parsed(text: str) -> Json:
    """Read the input of a tool, which comes as pieces of JSON, and may come not at all."""
    try:
        return json.loads(text or "{}")
    except (ValueError, RecursionError):
        return text


def _object(value: Json) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _set(value: JsonObject) -> JsonObject:
    return {key: item for key, item in value.items() if item is not None}
