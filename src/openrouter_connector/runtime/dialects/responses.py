"""OpenAI's responses: telling whole answers from broken ones, and folding streams."""

from __future__ import annotations

from collections.abc import Iterator

from ...definition.paths import at
from ...values import Event, Json, JsonObject
from ..refusals import describe, error_of
from .failures import BROKEN_OFF, CUT, incomplete


def whole(reply: JsonObject) -> JsonObject:
    """Give a response that is whole; IncompleteError, with the text so far, if it is not."""
    text = text_of(reply)
    if reply.get("error") or reply.get("status") in ("failed", "cancelled"):
        failed = error_of(reply)
        told = describe(failed) or f"the response ended as {reply.get('status')}"
        raise incomplete(told, reply, text, failed)
    if reply.get("status") == "incomplete":
        reason = at(reply, "incomplete_details.reason")
        cut = CUT.replace("maxTokens", "maxOutputTokens")
        other = f"the response is incomplete: {reason or 'no reason given'}"
        raise incomplete(cut if "token" in str(reason) else other, reply, text)
    if not isinstance(reply.get("output"), list):
        raise incomplete("the answer has no output", reply)
    if not reply["output"] and reply.get("status") == "completed":
        raise incomplete("the answer has no output", reply)
    return reply


def text_of(reply: JsonObject) -> str:
    """Give the text of a response: that of its messages."""
    items = reply.get("output")
    parts = [
        part
        for item in (items if isinstance(items, list) else [])
        if isinstance(item, dict) and isinstance(item.get("content"), list)
        for part in item["content"]
        if isinstance(part, dict) and part.get("type") == "output_text"
    ]
    return "".join(part["text"] for part in parts if isinstance(part.get("text"), str))


_ENDS = {f"response.{end}" for end in ("completed", "incomplete", "failed", "cancelled")}
_REASONING = ("response.reasoning_text.delta", "response.reasoning_summary_text.delta")


class Fold:
    """A stream of events, folded into the response that the same call gives without one."""

    def __init__(self) -> None:
        self._reply: JsonObject = {}
        self._items: dict[int, JsonObject] = {}
        self._texts: list[str] = []
        self._ended = False

    def add(self, event: Json) -> Iterator[Event]:
        """Take one event in, and give what of it is worth showing."""
        if not isinstance(event, dict):
            return
        kind, delta = event.get("type"), event.get("delta")
        if isinstance(response := event.get("response"), dict):
            # Each event that carries the response carries all of it that is known by then.
            self._reply |= {key: value for key, value in response.items() if value is not None}
            self._ended = kind in _ENDS
        elif kind == "response.output_item.done" and isinstance(event.get("item"), dict):
            index = event.get("output_index")
            self._items[index if isinstance(index, int) else len(self._items)] = event["item"]
        elif kind == "response.output_text.delta" and isinstance(delta, str) and delta:
            self._texts.append(delta)
            yield Event("delta", delta)
        elif kind in _REASONING and isinstance(delta, str) and delta:
            yield Event("delta", reasoning=delta)
        elif kind == "error" or "error" in event:
            self._reply["error"] = event.get("error") or event

    def complete(self, done: bool) -> JsonObject:
        """Give the folded response; IncompleteError when it stopped without saying so.

        One whose last event is missing counts as completed when the stream ended with `[DONE]`.
        """
        if not (done or self.finished or self._reply.get("error")):
            raise incomplete(BROKEN_OFF, self.reply, self.text)
        return self.reply

    @property
    def finished(self) -> bool:
        """Whether the answer said that it ended."""
        return self._ended

    @property
    def reply(self) -> JsonObject:
        """What came so far, as the response that it would have been without a stream."""
        output = self._reply.get("output") or [self._items[key] for key in sorted(self._items)]
        if not output and self._texts:
            part = {"type": "output_text", "text": "".join(self._texts), "annotations": []}
            output = [{"type": "message", "role": "assistant", "content": [part]}]
        status = self._reply.get("status")
        status = "completed" if status in (None, "in_progress", "queued") else status
        return {**self._reply, "status": status, "output": output}

    @property
    def text(self) -> str | None:
        """The text so far."""
        return "".join(self._texts) or None
