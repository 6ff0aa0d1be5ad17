"""Check and read Anthropic's messages, and combine their streams."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ...values import Event, Json, JsonObject, an_object
from ..api_profile import ApiProfile
from .endings import CUT, fault_of, is_ending
from .error_bodies import (
    BROKEN_OFF,
    error_in,
    failed,
    incomplete,
    is_json,
    missing,
    objects,
    top_error,
)
from .merge import GrowingText, items, members, merge, settled, text


def whole(response: JsonObject, profile: ApiProfile) -> JsonObject:
    """Return a complete message. IncompleteError, with the text so far, for any other."""
    if error := top_error(response, profile):
        raise failed(error, response, profile, text_of(response))
    if not isinstance(response.get("content"), list):
        raise missing("the answer has no content", response, profile)
    if fault := _fault(response):
        # Half of a tool call is all that was paid for, so the error keeps it.
        broken = next(_broken_inputs(response), None)
        raise incomplete(fault, response, text_of(response) or broken)
    return response


def text_of(response: JsonObject) -> str:
    """Return the text of a message: that of its text blocks."""
    texts = [block.get("text") for block in objects(response.get("content"))]
    return "".join(text for text in texts if isinstance(text, str))


def _fault(response: JsonObject) -> str | None:
    """Return why a message is not an answer: by its stop reason, or by what is missing."""
    if fault := fault_of(response.get("stop_reason")):
        why = an_object(response.get("stop_details")).get("explanation")
        return f"{fault}: {why}" if isinstance(why, str) and why else fault
    if next(_broken_inputs(response), None):
        return f"the input of a tool call is not JSON; {CUT}"
    if not any(map(_answers, objects(response.get("content")))):
        return "the answer has no content"
    return None


def _broken_inputs(response: JsonObject) -> Iterator[str]:
    for block in objects(response.get("content")):
        if not is_json(block.get("input")):
            yield block["input"]


def _answers(block: JsonObject) -> bool:
    """Return whether a block is an answer; thinking and empty text are not."""
    kind = block.get("type", "text")
    return bool(block.get("text")) if kind == "text" else kind not in _THINKING


_THINKING = ("thinking", "redacted_thinking")


class Fold:
    """Combines events into the message that the same call returns without a stream."""

    def __init__(self) -> None:
        self._response: JsonObject = {}
        self._blocks: dict[int, JsonObject] = {}
        self._ended = False

    def add(self, event: Json) -> Iterator[Event]:
        """Add an event, and yield the deltas to show."""
        if not isinstance(event, dict):
            return
        match event.get("type"):
            case "message_start":
                yield from self._start(an_object(event.get("message")))
            case "message":  # a whole message in one event
                yield from self._start(event)
            case "content_block_start":
                block = an_object(event.get("content_block"))
                following = max(self._blocks, default=-1) + 1
                self._blocks[self._index(event, following)] = merge({}, block, _BLOCK)
            case "content_block_delta":
                last = max(self._blocks, default=0)
                yield from self._grow(self._index(event, last), an_object(event.get("delta")))
            case "message_delta":
                more = {key: event[key] for key in event if key not in ("type", "delta")}
                merge(self._response, an_object(event.get("delta")) | more, _RESPONSE)
            case "message_stop":
                self._ended = True
            case kind if kind == "error" or "error" in event:
                error = event.get("error") or (event if kind == "error" else None)
                merge(self._response, {"error": error}, _RESPONSE)

    def complete(self, done: bool) -> JsonObject:
        """Return the message. IncompleteError when the stream stopped without an end."""
        if not (done or self.finished or error_in(self._response)):
            raise incomplete(BROKEN_OFF, self.response, self.text)
        return self.response

    @property
    def finished(self) -> bool:
        """Whether a stop reason or `message_stop` arrived."""
        return self._ended or is_ending(self._response.get("stop_reason"))

    @property
    def response(self) -> JsonObject:
        """The events so far, as the message they would be without a stream."""
        blocks = [self._blocks[index] for index in sorted(self._blocks)]
        response: JsonObject = settled({**self._response, "content": blocks})
        for block, known in zip(response["content"], blocks, strict=True):
            if isinstance(known.get("input"), GrowingText):
                block["input"] = _parsed(block["input"])
        return response

    @property
    def text(self) -> str | None:
        """The text so far."""
        return text_of(self.response) or None

    def _start(self, message: JsonObject) -> Iterator[Event]:
        head = {key: message[key] for key in message if key != "content"}
        merge(self._response, head, _RESPONSE)
        for index, block in enumerate(objects(message.get("content"))):
            self._blocks[index] = merge({}, block, _BLOCK)
            yield from _shown(block)

    def _grow(self, index: int, delta: JsonObject) -> Iterator[Event]:
        kind = delta.get("type")
        default = _KINDS.get(kind if isinstance(kind, str) else "", "text")
        block = self._blocks.setdefault(index, {"type": default})
        fragment = {_NAMES.get(key, key): delta[key] for key in delta if key != "type"}
        if "citations" in fragment:
            fragment["citations"] = [fragment["citations"]]
        merge(block, fragment, _BLOCK)
        yield from _shown(delta)

    def _index(self, event: JsonObject, default: int) -> int:
        index = event.get("index")
        return index if isinstance(index, int) else default


def _shown(fragment: JsonObject) -> Iterator[Event]:
    answer, thought = fragment.get("text"), fragment.get("thinking")
    if isinstance(answer, str) and answer:
        yield Event("delta", answer)
    if isinstance(thought, str) and thought:
        yield Event("delta", reasoning=thought)


def _input(known: Json, fragment: Json) -> Json:
    """Append tool input: it starts as an empty object, then arrives as fragments of JSON text."""
    return text(
        known if isinstance(known, GrowingText) or isinstance(fragment, dict) else None, fragment
    )


def _parsed(text: str) -> Json:
    """Return tool input as JSON; text that is not JSON stays text."""
    try:
        return json.loads(text.strip() or "{}")
    except (ValueError, RecursionError):
        return text


_NAMES = {"partial_json": "input", "citation": "citations"}
_KINDS = {
    "thinking_delta": "thinking",
    "signature_delta": "thinking",
    "input_json_delta": "tool_use",
}
_BLOCK = {
    "text": text,
    "thinking": text,
    "signature": text,
    "content": text,
    "data": text,
    "input": _input,
    "citations": items,
}
_RESPONSE = {"usage": members({})}
