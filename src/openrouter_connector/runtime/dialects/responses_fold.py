"""Folding the stream of a response into the response that comes without a stream.

The last event carries the whole response. Where it is missing or empty, the response is put
together from the events before it: items, their parts, and the pieces of their texts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ...values import Event, Json, JsonObject, an_object
from .error_bodies import BROKEN_OFF, error_in, incomplete
from .merge import items, settled, text
from .responses import text_of


class Fold:
    """A stream of events, folded into the response that the same call gives without one."""

    def __init__(self) -> None:
        self._reply: JsonObject = {}
        self._items: dict[int, JsonObject] = {}
        self._ended = False

    def add(self, event: Json) -> Iterator[Event]:
        """Take one event in, and yield what of it is worth showing."""
        if not isinstance(event, dict):
            return
        kind, response = event.get("type"), event.get("response")
        kind = kind.removeprefix("response.") if isinstance(kind, str) else ""
        if not kind and isinstance(event.get("output"), list):
            kind, response = "completed", event  # a whole response in one event
        if isinstance(response, dict):
            # Each event that carries the response carries all of it that is known by then.
            _fill(self._reply, response)
            self._ended = kind in _ENDS
        elif kind == "error" or "error" in event:
            error = event.get("error") or event
            if error_in({"error": error}):
                self._reply["error"] = error
        elif place := _PLACES.get(kind.rpartition(".")[0]):
            self._grow(place, kind, event)
            delta = event.get("delta")
            if isinstance(delta, str) and delta and kind in _SHOWN:
                yield Event("delta", delta) if _SHOWN[kind] else Event("delta", reasoning=delta)

    def complete(self, done: bool) -> JsonObject:
        """Return the folded response; IncompleteError when it stopped without saying so.

        One whose last event is missing counts as completed when the stream ended with `[DONE]`.
        """
        if not (done or self.finished or error_in(self._reply)):
            raise incomplete(BROKEN_OFF, self.response, self.text)
        return self.response

    @property
    def finished(self) -> bool:
        """Whether the answer said that it ended."""
        return self._ended

    @property
    def response(self) -> JsonObject:
        """What came so far, as the response that it would have been without a stream."""
        parts = [_completed(self._items[index]) for index in sorted(self._items)]
        whole = {"status": None, **self._reply, "output": self._reply.get("output") or parts}
        response: JsonObject = settled(_completed(whole))
        return response

    @property
    def text(self) -> str | None:
        """The text so far."""
        return text_of(self.response) or None

    def _grow(self, place: _Place, kind: str, event: JsonObject) -> None:
        """Put what an event brings into its place in the output."""
        item, step = self._item(place, event), kind.rpartition(".")[2]
        if item is None:
            return
        if place.item == _ITEM:
            return _fill(item, an_object(event.get("item")))
        holder = _part(item, place, event) if place.parts else item
        if place.field == "annotations":
            holder["annotations"] = items(holder.get("annotations"), [event.get("annotation")])
        elif place.field is None:
            _fill(holder, an_object(event.get("part")))
        elif step == "delta":
            holder[place.field] = text(holder.get(place.field), event.get("delta") or "")
        else:
            _fill(holder, {key: event[key] for key in (place.field, "name") if key in event})

    def _item(self, place: _Place, event: JsonObject) -> JsonObject | None:
        """Find the item that an event belongs to; None when it names none.

        Text that names none belongs to the last message, which it begins where there is none yet.
        """
        index, name = event.get("output_index"), event.get("item_id")
        new = max(self._items, default=-1) + 1
        if isinstance(index, int) or place.item == _ITEM:
            index = index if isinstance(index, int) else new
            return self._items.setdefault(index, settled(place.item))
        for item in reversed(self._items.values()):
            named = name is not None and item.get("id") == name
            if named or (place.item == _MESSAGE and item.get("type") == "message"):
                return item
        if place.item == _MESSAGE and place.field == "text":
            return self._items.setdefault(new, settled(place.item))
        return None


def _part(item: JsonObject, place: _Place, event: JsonObject) -> JsonObject:
    """Find the part of an item that an event belongs to; the next one is added."""
    if not isinstance(parts := item.get(place.parts or ""), list):
        parts = item[place.parts or ""] = []
    index = event.get(f"{place.parts}_index")
    if not isinstance(index, int) or index < 0:
        # Without an index the last part is meant, and a new one where it is announced.
        announced = place.field is None and str(event.get("type")).endswith("added")
        index = len(parts) if announced else max(len(parts) - 1, 0)
    if index >= len(parts):
        parts.append(settled(place.part))
    elif not isinstance(parts[index], dict):
        parts[index] = settled(place.part)
    part: JsonObject = parts[min(index, len(parts) - 1)]
    return part


def _fill(known: JsonObject, given: JsonObject) -> None:
    """Take over all fields that say something; an empty one does not replace a value."""
    for key, value in given.items():
        if value is None or value == "" or value == []:
            known.setdefault(key, value)
        else:
            known[key] = value


def _completed(running: JsonObject) -> JsonObject:
    """Call something completed that did not say how it ended; `complete` judges the stream."""
    if "status" in running and running["status"] in (None, "in_progress", "queued"):
        return {**running, "status": "completed"}
    return running


class _Place(NamedTuple):
    """Where in the output an event puts what it brings."""

    item: JsonObject
    """An item that no event has announced."""
    parts: str | None = None
    """The list of parts in the item; None for the item itself."""
    part: JsonObject = {}  # noqa: RUF012 - copied, never changed
    """A part that no event has announced."""
    field: str | None = None
    """The field that grows; None for a whole part."""


_ITEM: JsonObject = {}
_MESSAGE: JsonObject = {"type": "message", "role": "assistant", "content": []}
_REASONING: JsonObject = {"type": "reasoning", "summary": []}
_OUTPUT_TEXT: JsonObject = {"type": "output_text", "text": "", "annotations": []}
_PLACES = {
    "output_item": _Place(_ITEM),
    "content_part": _Place(_MESSAGE, "content"),
    "output_text": _Place(_MESSAGE, "content", _OUTPUT_TEXT, "text"),
    "output_text.annotation": _Place(_MESSAGE, "content", _OUTPUT_TEXT, "annotations"),
    "refusal": _Place(_MESSAGE, "content", {"type": "refusal"}, "refusal"),
    "reasoning_text": _Place(_REASONING, "content", {"type": "reasoning_text"}, "text"),
    "reasoning_summary_part": _Place(_REASONING, "summary"),
    "reasoning_summary_text": _Place(_REASONING, "summary", {"type": "summary_text"}, "text"),
    "function_call_arguments": _Place({"type": "function_call"}, field="arguments"),
    "mcp_call_arguments": _Place({"type": "mcp_call"}, field="arguments"),
    "custom_tool_call_input": _Place({"type": "custom_tool_call"}, field="input"),
    "code_interpreter_call_code": _Place({"type": "code_interpreter_call"}, field="code"),
}
_ENDS = ("completed", "incomplete", "failed", "cancelled")
_SHOWN = {
    "output_text.delta": True,
    "reasoning_text.delta": False,
    "reasoning_summary_text.delta": False,
}
"""The events that show something: text, or else reasoning."""
